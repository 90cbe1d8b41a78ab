package option

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load loads from command-line arguments and "NAME=value" variables.
func load(t *testing.T, args []string, env ...string) (*Options, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(flags, func(name string) string {
		for _, e := range env {
			if n, value, _ := strings.Cut(e, "="); n == name {
				return value
			}
		}
		return ""
	})
}

func writeConfig(t *testing.T, text string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "stator.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// onHost has the tests run as outside of containers.
func onHost(t *testing.T) {
	marks := containerMarks
	containerMarks = nil
	t.Cleanup(func() { containerMarks = marks })
}

func TestDefaults(t *testing.T) {
	onHost(t)
	got, err := load(t, nil, "HOME=/home/me")
	if err != nil {
		t.Fatal(err)
	}
	settings := got.Settings
	got.Settings = nil
	want := &Options{
		Listen: []string{"127.0.0.1:4566"}, LocalPort: 8000, Data: filepath.Join("/home/me", ".local", "share", "stator"),
		SnapshotDir: filepath.Join("/home/me", ".local", "share", "stator", "snapshots"),
		InitDir:     "/etc/localstack/init", SaveStrategy: "manual", LoadStrategy: "manual", SnapshotInterval: 15 * time.Second,
		Fsync: "always", FsyncInterval: 100 * time.Millisecond, CacheSize: 128 << 20,
		Profile: "localstack", StreamShards: 1, StreamShardRollover: 4 * time.Hour,
		LogLevel: slog.LevelInfo, LogFormat: "text", CORSHeaders: true, CORSPreflight: true,
		LocalStackHeader: true, Services: []string{"dynamodb", "dynamodbstreams"}, StrictServices: true,
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, s := range settings {
		if s.Origin != "default" {
			t.Errorf("%+v", s)
		}
	}
}

func TestPrecedence(t *testing.T) {
	onHost(t)
	file := "--config=" + writeConfig(t, "fsync: never\nlisten: [\":1\", \"[::1]:2\"]\n")
	for _, test := range []struct {
		args, env    []string
		want, origin string
	}{
		{[]string{file}, nil, "never", strings.TrimPrefix(file, "--config=") + ":1"},
		{[]string{file}, []string{"STATOR_FSYNC=interval"}, "interval", "$STATOR_FSYNC"},
		{[]string{file}, []string{"STATOR_FSYNC="}, "never", strings.TrimPrefix(file, "--config=") + ":1"},
		{[]string{file, "--fsync=always"}, []string{"STATOR_FSYNC=interval"}, "always", "flag --fsync"},
		{nil, []string{"STATOR_FSYNC=INTERVAL"}, "interval", "$STATOR_FSYNC"},
	} {
		got, err := load(t, test.args, test.env...)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got.Settings, func(s Setting) bool { return s.Name == "fsync" })
		if got.Fsync != test.want || got.Settings[i].Origin != test.origin {
			t.Errorf("%v %v: got %s from %s", test.args, test.env, got.Fsync, got.Settings[i].Origin)
		}
	}
	got, err := load(t, nil, "STATOR_CONFIG="+strings.TrimPrefix(file, "--config="))
	if err != nil || !slices.Equal(got.Listen, []string{"127.0.0.1:1", "[::1]:2"}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestValues(t *testing.T) {
	onHost(t)
	for _, test := range []struct {
		set  string // a flag, or a variable
		want func(o *Options) bool
	}{
		{"--memory", func(o *Options) bool { return o.Memory }},
		{"--memory=false", func(o *Options) bool { return !o.Memory }},
		{"--transient-status", func(o *Options) bool { return o.TransientStatus == time.Second }},
		{"--ttl-interval", func(o *Options) bool { return o.TTLInterval == time.Hour }},
		{"--ttl-interval=90s", func(o *Options) bool { return o.TTLInterval == 90*time.Second }},
		{"--transient-status=3s", func(o *Options) bool { return o.TransientStatus == 3*time.Second }},
		{"--cache-size=64MiB", func(o *Options) bool { return o.CacheSize == 64<<20 }},
		{"--cache-size=1 GB", func(o *Options) bool { return o.CacheSize == 1e9 }},
		{"--cache-size=256m", func(o *Options) bool { return o.CacheSize == 256<<20 }},
		{"--cache-size=4096", func(o *Options) bool { return o.CacheSize == 4096 }},
		{"--error-probability=0.25", func(o *Options) bool { return o.ErrorProbability == .25 }},
		{"DYNAMODB_ERROR_PROBABILITY=1.0", func(o *Options) bool { return o.ErrorProbability == 1 }},
		{"LOCALSTACK_DYNAMODB_READ_ERROR_PROBABILITY=.5", func(o *Options) bool { return o.ReadErrorProbability == .5 }},
		{"STATOR_WRITE_ERROR_PROBABILITY=1e-3", func(o *Options) bool { return o.WriteErrorProbability == .001 }},
		{"--log-level=warn", func(o *Options) bool { return o.LogLevel == slog.LevelWarn }},
		{"--cors-origins=https://a, https://b", func(o *Options) bool { return slices.Equal(o.CORSOrigins, []string{"https://a", "https://b"}) }},
		{"--pprof", func(o *Options) bool { return o.Pprof }},
		{"XDG_DATA_HOME=/xdg", func(o *Options) bool { return o.Data == filepath.Join("/xdg", "stator") }},
		{"STATOR_DATA=/d", func(o *Options) bool { return o.Data == "/d" && o.Warnings == nil }},
		{"STATOR_MEMORY=yes", func(o *Options) bool { return o.Memory }},
		{"GATEWAY_LISTEN=0.0.0.0", func(o *Options) bool { return o.Listen[0] == "0.0.0.0:4566" }},
		{"LOCALSTACK_GATEWAY_LISTEN=:4567", func(o *Options) bool { return o.Listen[0] == "127.0.0.1:4567" }},
		{"GATEWAY_LISTEN=0.0.0.0", func(o *Options) bool { return o.LocalPort == 0 }},
		{"DYNAMODB_LOCAL_PORT=8001", func(o *Options) bool { return o.LocalPort == 8001 && o.Listen[0] == "127.0.0.1:4566" }},
		{"--local-port=0", func(o *Options) bool { return o.LocalPort == 0 }},
		{"LOCALSTACK_HOST=localstack", func(o *Options) bool { return o.ExternalHost == "localstack:4566" && o.Warnings == nil }},
		{"LOCALSTACK_HOST=db.example.com:80", func(o *Options) bool { return o.ExternalHost == "db.example.com:80" }},
		{"HOSTNAME_EXTERNAL=localstack", func(o *Options) bool { return o.ExternalHost == "localstack:4566" && len(o.Warnings) == 1 }},
		{"LOCALSTACK_HOSTNAME=localstack", func(o *Options) bool { return o.ExternalHost == "localstack:4566" && len(o.Warnings) == 1 }},
		{"CUSTOM_SSL_CERT_PATH=/c.pem", func(o *Options) bool { return o.TLSCert == "/c.pem" && o.TLSKey == "" }},
		{"USE_SSL=1", func(o *Options) bool { return o.HTTPSURLs }},
		{"EDGE_PORT=4567", func(o *Options) bool { return o.Listen[0] == "127.0.0.1:4567" && len(o.Warnings) == 1 }},
		{"DATA_DIR=/d", func(o *Options) bool { return o.Data == "/d" && len(o.Warnings) == 1 }},
		{"DYNAMODB_IN_MEMORY=1", func(o *Options) bool { return o.Memory }},
		{"DYNAMODB_IN_MEMORY=0", func(o *Options) bool { return !o.Memory }},
		{"DYNAMODB_DELAY_TRANSIENT_STATUSES=true", func(o *Options) bool { return o.TransientStatus == time.Second }},
		{"DYNAMODB_DELAY_TRANSIENT_STATUSES=0", func(o *Options) bool { return o.TransientStatus == 0 }},
		{"LOCALSTACK_DEBUG=1", func(o *Options) bool { return o.LogLevel == slog.LevelDebug }},
		{"LS_LOG=trace", func(o *Options) bool { return o.LogLevel == slog.LevelDebug }},
		{"LS_LOG=warning", func(o *Options) bool { return o.LogLevel == slog.LevelWarn }},
		{"LS_LOG=loud", func(o *Options) bool { return o.LogLevel == slog.LevelInfo }},
		{"DISABLE_CORS_CHECKS=1", func(o *Options) bool { return slices.Equal(o.CORSOrigins, []string{"*"}) }},
		{"EXTRA_CORS_ALLOWED_ORIGINS=https://a", func(o *Options) bool { return slices.Equal(o.CORSOrigins, []string{"https://a"}) }},
		{"EAGER_SERVICE_LOADING=1", func(o *Options) bool { return o.EagerLoading }},
		{"ENABLE_CONFIG_UPDATES=1", func(o *Options) bool { return o.ConfigUpdates }},
		{"SERVICES=dynamodb,s3", func(o *Options) bool { return slices.Equal(o.Services, []string{"dynamodb"}) && o.StrictServices }},
		{"SERVICES=DynamoDB:4569,dynamodbstreams:4570", func(o *Options) bool { return slices.Equal(o.Services, []string{"dynamodb", "dynamodbstreams"}) }},
		{"SERVICES=s3", func(o *Options) bool { return o.Services != nil && len(o.Services) == 0 }},
		{"LOCALSTACK_SERVICES=all", func(o *Options) bool { return len(o.Services) == 2 }},
		{"STRICT_SERVICE_LOADING=0", func(o *Options) bool { return !o.StrictServices }},
		{"DYNAMODB_CORS=https://a", func(o *Options) bool { return slices.Equal(o.CORSOrigins, []string{"https://a"}) }},
		{"EXTRA_CORS_EXPOSE_HEADERS=x-a,x-b", func(o *Options) bool { return slices.Equal(o.CORSExpose, []string{"x-a", "x-b"}) }},
		{"DISABLE_CORS_HEADERS=1", func(o *Options) bool { return !o.CORSHeaders && o.CORSPreflight }},
		{"DISABLE_CORS_HEADERS=0", func(o *Options) bool { return o.CORSHeaders }},
		{"DISABLE_PREFLIGHT_PROCESSING=true", func(o *Options) bool { return !o.CORSPreflight }},
		{"LOCALSTACK_RESPONSE_HEADER_ENABLED=0", func(o *Options) bool { return !o.LocalStackHeader }},
		{"--profile=aws", func(o *Options) bool { return !o.LocalStackHeader && o.StreamShards == 4 }},
		{"--profile=dynamodb-local", func(o *Options) bool {
			return !o.LocalStackHeader && o.StreamShards == 1 && o.TTLInterval == 10*time.Second
		}},
		{"PARITY_AWS_ACCESS_KEY_ID=1", func(o *Options) bool { return o.ParityKeys }},
		{"ALLOW_NONSTANDARD_REGIONS=0", func(o *Options) bool { return o.KnownRegions }},
		{"ALLOW_NONSTANDARD_REGIONS=1", func(o *Options) bool { return !o.KnownRegions }},
		{"DYNAMODB_HEAP_SIZE=1G", func(o *Options) bool { return o.SoftMemoryLimit == 1<<30 && o.MemoryLimit == 0 }},
		{"DYNAMODB_HEAP_SIZE=much", func(o *Options) bool { return o.SoftMemoryLimit == 0 }},
		{"DYNAMODB_SHARE_DB=1", func(o *Options) bool { return o.SharedDB }},
		{"DYNAMODB_SHARE_DB=True", func(o *Options) bool { return o.SharedDB }},
		{"DYNAMODB_SHARE_DB=0", func(o *Options) bool { return !o.SharedDB }},
		{"--profile=dynamodb-local", func(o *Options) bool { return o.Profile == "dynamodb-local" }},
		{"--max-global-indexes=25", func(o *Options) bool { return o.MaxGlobalIndexes == 25 }},
		{"LOCALSTACK_DYNAMODB_OPTIMIZE_DB_BEFORE_STARTUP=1", func(o *Options) bool { return o.Optimize }},
	} {
		var args, env []string
		if strings.HasPrefix(test.set, "--") {
			args = []string{test.set}
		} else {
			env = []string{test.set}
		}
		o, err := load(t, args, env...)
		if err != nil {
			t.Errorf("%s: %v", test.set, err)
		} else if !test.want(o) {
			t.Errorf("%s: got %+v", test.set, o)
		}
	}
}

// A setting tells what kind of place it is from, and a profile is one.
func TestSources(t *testing.T) {
	onHost(t)
	file := writeConfig(t, "log-level: debug\n")
	got, err := load(t, []string{"--config", file, "--memory"}, "LOCALSTACK_GATEWAY_LISTEN=:1", "STATOR_PROFILE=dynamodb-local")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"memory": "true flag flag --memory", "listen": ":1 environment $LOCALSTACK_GATEWAY_LISTEN", "log-level": "debug file " + file + ":1",
		"ttl-interval": "10s profile profile dynamodb-local", "stream-shards": "1 default default", "localstack-header": "false profile profile dynamodb-local",
	}
	for _, s := range got.Settings {
		if w, ok := want[s.Name]; ok && fmt.Sprint(s.Value, " ", s.Source, " ", s.Origin) != w {
			t.Errorf("%s: %+v, want %s", s.Name, s, w)
		}
		if s.Doc == "" || s.Variables == nil {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	if !got.ByDefault("ttl-interval") || !got.ByDefault("stream-shards") || got.ByDefault("memory") {
		t.Error("a default of a profile is one")
	}
}

// No setting has a password.
func TestSettingsHaveNoSecrets(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://me:secret@host/db":                            "postgres://me:xxxxx@host/db",
		"postgres://me@host/db?password=secret&sslmode=disable":   "postgres://me@host/db?password=xxxxx&sslmode=disable",
		"postgresql://host/db?sslpassword=secret&password=secret": "postgresql://host/db?password=xxxxx&sslpassword=xxxxx",
		"postgres://host/db?user=me":                              "postgres://host/db?user=me",
		"postgres://me:secret@host:port/db":                       "?",
	} {
		got, err := load(t, []string{"--store", url})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got.Settings, func(s Setting) bool { return s.Name == "store" })
		if got.Store != url || got.Settings[i].Value != want {
			t.Errorf("%s is shown as %s, want %s", url, got.Settings[i].Value, want)
		}
	}
}

func TestErrorsNameOptionAndOrigin(t *testing.T) {
	for _, test := range []struct{ set, want string }{
		{"--fsync=sometimes", `option fsync, from flag --fsync: "sometimes" is not always, interval or never`},
		{"--error-probability=1.5", `option error-probability, from flag --error-probability: "1.5" is not a number from 0 to 1`},
		{"DYNAMODB_READ_ERROR_PROBABILITY=NaN", `option read-error-probability, from $DYNAMODB_READ_ERROR_PROBABILITY: "NaN" is not a number from 0 to 1`},
		{"DYNAMODB_WRITE_ERROR_PROBABILITY=often", `option write-error-probability, from $DYNAMODB_WRITE_ERROR_PROBABILITY: "often" is not a number from 0 to 1`},
		{"STATOR_FSYNC=x", `option fsync, from $STATOR_FSYNC: "x" is not always, interval or never`},
		{"LOCALSTACK_GATEWAY_LISTEN=a:b", `option listen, from $LOCALSTACK_GATEWAY_LISTEN: "a:b" is not HOST:PORT`},
		{"--listen=", `option listen, from flag --listen: names no address`},
		{"--listen=h:70000", `option listen, from flag --listen: "h:70000" is not HOST:PORT`},
		{"--local-port=x", `option local-port, from flag --local-port: "x" is not a number from 0 to 65535`},
		{"--external-host=:80", `option external-host, from flag --external-host: ":80" names no host`},
		{"LOCALSTACK_HOST=http://x", `option external-host, from $LOCALSTACK_HOST: "http://x" is not HOST:PORT`},
		{"--data=", `option data, from flag --data: must name a directory`},
		{"--memory=perhaps", `option memory, from flag --memory: "perhaps" is not true or false`},
		{"--cache-size=big", `option cache-size, from flag --cache-size: "big" is not a size such as 64MiB`},
		{"--cache-size=9999999TB", `option cache-size, from flag --cache-size: "9999999TB" is not a size such as 64MiB`},
		{"--cache-size=1BB", `option cache-size, from flag --cache-size: "1BB" is not a size such as 64MiB`},
		{"--fsync-interval=0s", `option fsync-interval, from flag --fsync-interval: "0s" is not longer than 0`},
		{"--transient-status=-1s", `option transient-status, from flag --transient-status: "-1s" is not a duration such as 500ms or 2s`},
		{"--log-level=loud", `option log-level, from flag --log-level: "loud" is not debug, info, warn or error`},
		{"--config=/does/not/exist", `configuration file: open /does/not/exist: no such file or directory`},
	} {
		var args, env []string
		if strings.HasPrefix(test.set, "--") {
			args = []string{test.set}
		} else {
			env = []string{test.set}
		}
		if _, err := load(t, args, env...); err == nil || err.Error() != test.want {
			t.Errorf("%s\ngot  %v\nwant %s", test.set, err, test.want)
		}
	}
}

func TestConfigurationFileErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"# nothing\n", ""},
		{"memory: yes\n", ""},
		{"fsync: x\n", `option fsync, from FILE:1: "x" is not always, interval or never`},
		{"memory: true\nlisen: x\n", `FILE:2: unknown option "lisen"`},
		{"config: x\n", `FILE:1: unknown option "config"`},
		{"data: a\ndata: b\n", `FILE:2: option "data" is set twice`},
		{"listen: {a: b}\n", `FILE:1: option "listen" is not a value`},
		{"listen: [[a]]\n", `FILE:1: option "listen" is a list of something else than values`},
		{"- a\n", `FILE:1: not a mapping of options to values`},
		{"a: [\n", `configuration file FILE: yaml: line 1: did not find expected node content`},
	} {
		name := writeConfig(t, test.text)
		_, err := load(t, []string{"--config", name})
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), name, "FILE")
		}
		if got != test.want {
			t.Errorf("%q\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestListen(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"127.0.0.1:4566", "127.0.0.1:4566"},
		{"0.0.0.0:4566,127.0.0.1:4566,localhost:4566", "0.0.0.0:4566"},
		{"127.0.0.1:4566,0.0.0.0:4567", "127.0.0.1:4566 0.0.0.0:4567"},
		{"[::]:4566,0.0.0.0:4566,127.0.0.1:4566", "[::]:4566"},
		{"0.0.0.0:4566,[::1]:4566", "0.0.0.0:4566 [::1]:4566"},
		{":8000, 8001", "127.0.0.1:8000 127.0.0.1:8001"},
		{"localhost", "localhost:4566"},
		{"[::1]", "[::1]:4566"},
		{"::1", "[::1]:4566"},
		{"127.0.0.1:1,127.0.0.1:1", "127.0.0.1:1"},
		{"0.0.0.0:0,127.0.0.1:0", "0.0.0.0:0 127.0.0.1:0"},
	} {
		got, err := parseListen(test.in, "127.0.0.1")
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, %v", test.in, got, err)
		}
	}
	for _, bad := range []string{"a b:1", "http://x", "1:2:3", ":x", "h:-1"} {
		if got, err := parseListen(bad, "127.0.0.1"); err == nil {
			t.Errorf("%s: got %v", bad, got)
		}
	}
}

// A container is called from outside.
func TestDefaultInAContainer(t *testing.T) {
	onHost(t)
	containerMarks = []string{writeConfig(t, "")}
	for set, want := range map[string]string{"X=": "0.0.0.0:4566", "GATEWAY_LISTEN=:4567": "0.0.0.0:4567", "GATEWAY_LISTEN=127.0.0.1": "127.0.0.1:4566"} {
		o, err := load(t, nil, set, "HOME=/home/me")
		if err != nil || len(o.Listen) != 1 || o.Listen[0] != want {
			t.Errorf("%s: got %v, %v", set, o.Listen, err)
		}
	}
}

// What is read of addresses means the same when it is read again.
func FuzzListen(f *testing.F) {
	for _, s := range []string{"127.0.0.1:4566", ":1,0.0.0.0:1", "[::]:4566,::1", "localhost", "8000", "[fe80::1%25eth0]:1", ",", "[\t0", "\u00a01:2", "a\xff:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parseListen(s, "127.0.0.1")
		if err != nil {
			return
		}
		again, err := parseListen(strings.Join(list, ","), "0.0.0.0")
		if err != nil || !slices.Equal(again, list) {
			t.Errorf("%q is %q, which is %q, %v", s, list, again, err)
		}
	})
}

func TestForeignVariables(t *testing.T) {
	warnings, unknown := Foreign([]string{
		"HOME=/home/me", "PATH=/bin", "LOCALSTACK_AUTH_TOKEN=x", "ACTIVATE_PRO=1", "LOCALSTACK_SYNCHRONOUS_DYNAMODB_EVENTS=1",
		"LOCALSTACK_FROB=1", "DYNAMODB_FROB=1", "DYNAMODB_EMPTY=", "LOCALSTACK_GATEWAY_LISTEN=:1", "DYNAMODB_SHARE_DB=1",
		"LOCALSTACK_STATOR_DATA=x", "LOCALSTACK_HOST=x", "LOCALSTACK_RESPONSE_HEADER_ENABLED=1", "LAMBDA_FROB=1",
		"LOCALSTACK_ACKNOWLEDGE_ACCOUNT_REQUIREMENT=1", "LOCALSTACK_DDB_LOCAL_TELEMETRY=1",
	})
	if want := []string{"$LOCALSTACK_SYNCHRONOUS_DYNAMODB_EVENTS has no effect: A change and its record in a stream are one commit."}; !slices.Equal(warnings, want) {
		t.Errorf("warnings: %q", warnings)
	}
	if want := []string{"DYNAMODB_FROB", "LOCALSTACK_FROB", "LOCALSTACK_STATOR_DATA"}; !slices.Equal(unknown, want) {
		t.Errorf("unknown: %q", unknown)
	}
	for _, i := range ignored {
		if isVariable(i.name, i.name, true) {
			t.Errorf("%s has an effect", i.name)
		}
	}
}

func TestEveryOptionIsDocumented(t *testing.T) {
	for _, o := range table {
		if o.doc == "" || !strings.HasSuffix(o.doc, ".") || o.arg == "" || o.env == nil || !strings.HasPrefix(o.env[0].name, "STATOR_") {
			t.Errorf("%s", o.name)
		}
		if want := "STATOR_" + strings.ToUpper(strings.ReplaceAll(o.name, "-", "_")); o.env[0].name != want {
			t.Errorf("%s: $%s, want $%s", o.name, o.env[0].name, want)
		}
		if strings.Contains(o.doc, "|") {
			t.Errorf("%s: the table of docs breaks", o.name)
		}
	}
}

func TestDocsAreCurrent(t *testing.T) {
	got, err := os.ReadFile("../../docs/options.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Markdown() {
		t.Error("docs/options.md is old; run: go run ./cmd/stator config docs >docs/options.md")
	}
}
