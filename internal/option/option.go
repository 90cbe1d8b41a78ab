// Package option knows what can be set about the server: one table from which
// flags, environment variables, the configuration file and their documentation
// are made. It reads them and says where each value came from; what a value
// does is decided elsewhere.
package option

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/statordb/stator/internal/replica"

	"github.com/spf13/pflag"
)

// Options are the values of all options, each named like its flag.
type Options struct {
	Config          string   // the configuration file, or ""
	Listen          []string // addresses, each with host and port
	LocalPort       int      // one more port, or 0
	ExternalHost    string   // host and port that clients know, or ""
	TLSCert, TLSKey string   // PEM files, or ""
	HTTPSURLs       bool     // tell clients URLs with https
	Data            string   // the directory of the store
	Store           string   // the URL of a database that is the store instead, or ""
	Memory          bool     // keep everything in memory and Data untouched
	SnapshotDir     string   // the directory of snapshots
	LoadSnapshots   []string // to begin with, if there are no tables
	InitDir         string   // the directory of init hooks
	// When a store in memory is saved, every so often if it is "scheduled", and
	// whether another begins with it: "manual", "on_shutdown" or "scheduled", and
	// "manual" or "on_startup".
	SaveStrategy, LoadStrategy string
	SnapshotInterval           time.Duration
	Fsync                      string        // "always", "interval" or "never"
	FsyncInterval              time.Duration // for "interval"
	CacheSize                  int64         // in bytes
	MemoryLimit                int64         // in bytes; 0 is none
	TransientStatus            time.Duration // how long a table is CREATING and so on
	TTLInterval                time.Duration // how often to delete expired items; 0 is never
	// How many shards of a new stream are open at a time, and for how long; 0
	// is as long as the stream is enabled.
	Profile             string // "localstack", "aws" or "dynamodb-local"
	StreamShards        int
	StreamShardRollover time.Duration
	ReplicationLag      replica.Delay
	SharedDB            bool // all accounts and regions have the same tables
	MaxGlobalIndexes    int  // of a table; 0 is the profile's limit
	Optimize            bool // compact the store before serving
	SoftMemoryLimit     int64
	// How likely a read or write is to fail for want of throughput, from 0 to 1.
	ErrorProbability, ReadErrorProbability, WriteErrorProbability float64

	LogLevel      slog.Level
	LogFormat     string   // "text" or "json"
	CORSOrigins   []string // "*" is all
	CORSExpose    []string // more headers that web pages may read
	CORSHeaders   bool
	CORSPreflight bool

	LocalStackHeader bool
	Services         []string // of those that there are
	StrictServices   bool     // serve no others
	ParityKeys       bool     // access keys are as on AWS
	KnownRegions     bool     // others are the default one

	UIReadOnly bool   // the Resource Browser changes nothing
	UIDir      string // where the Resource Browser is, or "" for the one built in

	EagerLoading  bool
	ConfigUpdates bool // serve /_localstack/config
	Pprof         bool

	// Settings tells value and origin of each option, in the table's order.
	Settings []Setting

	// Warnings are about names that were understood but should not be used
	// any more.
	Warnings []string
}

// A Setting is the value of one option as text, without what is secret, where it
// came from, and what the option is.
type Setting struct {
	Name, Value string
	Source      Source
	Origin      string // the source with its name, such as "flag --data" or "$STATOR_DATA"
	Default     string // it may be described
	Doc         string
	Variables   []string // that can set it
}

// A Source is a kind of place where values come from.
type Source string

// The sources.
const (
	FromFlag        Source = "flag"
	FromEnvironment Source = "environment"
	FromFile        Source = "file"
	FromProfile     Source = "profile" // nobody has set it, and with another profile it would be something else
	FromDefault     Source = "default"
)

// ByDefault reports whether nobody has set an option.
func (o *Options) ByDefault(name string) bool {
	i := slices.IndexFunc(o.Settings, func(s Setting) bool { return s.Name == name })
	return i >= 0 && (o.Settings[i].Source == FromDefault || o.Settings[i].Source == FromProfile)
}

// An option is a line of the table.
type option struct {
	name string
	env  []variable // in order of precedence
	arg  string     // what the value is called in help; "bool" for a switch
	bare string     // the value of the flag without one, or ""
	def  string     // the default, as given to set
	doc  string

	// show, if not nil, takes out of a value what is secret.
	show func(value string) string

	// set reads a value. It changes the options only when it returns nil.
	set func(o *Options, value string) error

	// find, if not nil, finds the default, which depends on this machine or on
	// the options above, and def describes it.
	find func(o *Options, getenv func(string) string) (string, error)
}

// A variable is an environment variable that sets an option.
type variable struct {
	name string
	// local marks LocalStack's names: they are also understood with the prefix
	// LOCALSTACK_, which its container takes off.
	local bool
	// read translates the variable's value to the option's; ok is false if it
	// sets nothing. nil is for values that need no translation.
	read func(string) (value string, ok bool)
	// instead is what to use instead of a name that is out of use, or "".
	instead string
}

// AddFlags declares a flag for each option.
func AddFlags(flags *pflag.FlagSet) {
	for i := range table {
		o := &table[i]
		f := flags.VarPF(&flagValue{kind: o.arg}, o.name, "", o.usage())
		f.NoOptDefVal = o.bare
	}
}

func (o *option) usage() string {
	usage := strings.ReplaceAll(o.doc, "`", "") // they mean something else to pflag
	if o.def != "" && o.def != "false" {
		usage += " (default " + o.def + ")"
	}
	if o.env != nil {
		usage += " [$" + o.env[0].name + "]"
	}
	return usage
}

// A flagValue keeps a flag's text until all origins are known.
type flagValue struct{ text, kind string }

func (f *flagValue) String() string     { return f.text }
func (f *flagValue) Set(s string) error { f.text = s; return nil }
func (f *flagValue) Type() string       { return f.kind }

// Load returns the options as set by flags, which AddFlags declared, by the
// environment, by the configuration file, or by default: the first of these
// wins.
func Load(flags *pflag.FlagSet, getenv func(string) string) (*Options, error) {
	l := loader{flags: flags, getenv: getenv}
	for i := range table {
		if err := l.load(&table[i]); err != nil {
			return nil, err
		}
		if table[i].name == "config" && l.opts.Config != "" {
			var err error
			if l.file, err = readFile(l.opts.Config); err != nil {
				return nil, err
			}
		}
	}
	return &l.opts, nil
}

// A loader is at work on Options.
type loader struct {
	flags  *pflag.FlagSet
	getenv func(string) string
	file   map[string]fileValue
	opts   Options
}

func (l *loader) load(o *option) error {
	s := Setting{Name: o.name, Default: o.def, Doc: o.doc}
	for _, v := range o.env {
		s.Variables = append(s.Variables, v.name)
	}
	err := l.find(o, &s)
	if err == nil {
		err = o.set(&l.opts, s.Value)
	}
	if err != nil {
		return fmt.Errorf("option %s, from %s: %w", o.name, s.Origin, err)
	}
	if o.show != nil {
		s.Value = o.show(s.Value)
	}
	l.opts.Settings = append(l.opts.Settings, s)
	return nil
}

// find finds the text of an option and where it is from.
func (l *loader) find(o *option, s *Setting) (err error) {
	if f := l.flags.Lookup(o.name); f != nil && f.Changed {
		s.Value, s.Source, s.Origin = f.Value.String(), FromFlag, "flag --"+o.name
		return nil
	}
	for _, v := range o.env {
		if value, name, ok := l.fromEnv(v); ok {
			if v.instead != "" {
				l.opts.Warnings = append(l.opts.Warnings, fmt.Sprintf("$%s is out of use: set $%s instead", name, v.instead))
			}
			s.Value, s.Source, s.Origin = value, FromEnvironment, "$"+name
			return nil
		}
	}
	if v, ok := l.file[o.name]; ok {
		s.Value, s.Source, s.Origin = v.text, FromFile, fmt.Sprintf("%s:%d", l.opts.Config, v.line)
		return nil
	}
	s.Value, s.Source, s.Origin = o.def, FromDefault, string(FromDefault)
	if o.find == nil {
		return nil
	}
	if s.Value, err = o.find(&l.opts, l.getenv); err != nil {
		return err
	}
	other := l.opts
	other.Profile = usualProfile
	if usual, err := o.find(&other, l.getenv); err != nil || usual != s.Value {
		s.Source, s.Origin = FromProfile, "profile "+l.opts.Profile
	}
	return nil
}

// fromEnv returns what a variable sets. An empty variable sets nothing.
func (l *loader) fromEnv(v variable) (value, name string, ok bool) {
	names := []string{v.name}
	if v.local {
		names = append(names, "LOCALSTACK_"+v.name)
	}
	for _, name := range names {
		value := l.getenv(name)
		if value == "" {
			continue
		}
		if v.read == nil {
			return value, name, true
		}
		if value, ok := v.read(value); ok {
			return value, name, true
		}
	}
	return "", "", false
}

// dataDir returns where the machine's user has data of programs.
func dataDir(_ *Options, getenv func(string) string) (string, error) {
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "stator"), nil
	}
	home := cmp.Or(getenv("HOME"), getenv("USERPROFILE"))
	if home == "" {
		// Containers run under users without a home.
		dir, err := os.Getwd()
		if err != nil {
			return "", fmt.Errorf("there is no home directory: %w", err)
		}
		return filepath.Join(dir, "stator-data"), nil
	}
	return filepath.Join(home, ".local", "share", "stator"), nil
}

// Markdown returns the documentation of all options.
func Markdown() string {
	var b strings.Builder
	b.WriteString(docsHead)
	for i := range table {
		o := &table[i]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", strings.ReplaceAll(o.flag(), "|", `\|`), o.variables(), o.defaultText(), o.doc)
	}
	b.WriteString(docsIgnored)
	for _, i := range ignored {
		fmt.Fprintf(&b, "| `%s` | %s |\n", i.name, i.why)
	}
	return b.String()
}

const docsHead = `# Options

Written by ` + "`go run ./cmd/stator config docs`" + `; do not edit.

An option is set by a flag, by an environment variable, or in the YAML file that
` + "`--config`" + ` names, under the flag's name without its dashes. The first of these
wins, and of several variables the first. ` + "`stator config show --origin`" + ` tells what
is set and by what.

Names marked with ° are LocalStack's. They are also understood with the prefix
` + "`LOCALSTACK_`" + `. Others of its names are at the end.

| Flag | Environment | Default | Meaning |
|---|---|---|---|
`

func (o *option) flag() string {
	switch {
	case o.arg == "bool":
		return "--" + o.name
	case o.bare != "":
		return "--" + o.name + "[=" + o.arg + "]"
	}
	return "--" + o.name + " " + o.arg
}

func (o *option) variables() string {
	var names []string
	for _, v := range o.env {
		name := "`" + v.name + "`"
		if v.local {
			name += "°"
		}
		if v.instead != "" {
			name += " (out of use)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (o *option) defaultText() string {
	if o.def == "" {
		return ""
	}
	return "`" + o.def + "`"
}
