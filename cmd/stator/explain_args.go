package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/statordb/stator/internal/api"
)

// explainable are the reads of the AWS CLI that can be explained, with what they
// ask for.
var explainable = map[string]reflect.Type{
	"get-item":          reflect.TypeFor[api.GetItemInput](),
	"batch-get-item":    reflect.TypeFor[api.BatchGetItemInput](),
	"query":             reflect.TypeFor[api.QueryInput](),
	"scan":              reflect.TypeFor[api.ScanInput](),
	"execute-statement": reflect.TypeFor[api.ExecuteStatementInput](),
}

// An awsCommand is a command of the AWS CLI as far as it says what to read.
type awsCommand struct {
	operation string
	members   map[string]json.RawMessage // of the request
	endpoint  string
	region    string
}

// Options that every command of the AWS CLI has and that say nothing about what to
// read: those with a value, and those without.
var (
	awsValues   = []string{"output", "query", "color", "ca-bundle", "cli-read-timeout", "cli-connect-timeout", "cli-error-format", "max-items"}
	awsSwitches = []string{"debug", "no-verify-ssl", "no-paginate", "no-sign-request", "no-cli-pager", "no-cli-auto-prompt", "cli-auto-prompt"}
)

// parseAWS reads the arguments of the AWS CLI, with or without the words that they
// begin with there: aws dynamodb.
func parseAWS(args []string) (*awsCommand, error) {
	p := &awsParser{cmd: &awsCommand{members: map[string]json.RawMessage{}}, rest: args, members: map[string]reflect.StructField{}}
	for len(p.rest) > 0 {
		word := p.rest[0]
		p.rest = p.rest[1:]
		if err := p.word(word); err != nil {
			return nil, err
		}
	}
	if p.cmd.operation == "" {
		return nil, errors.New("name what to explain: " + readable())
	}
	return p.cmd, p.complete()
}

func readable() string {
	names := slices.Sorted(maps.Keys(explainable))
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

type awsParser struct {
	cmd     *awsCommand
	rest    []string
	members map[string]reflect.StructField // of the operation, by option
	before  []string                       // the words before the operation
	input   map[string]json.RawMessage     // of --cli-input-json
	page    string                         // of --page-size
}

func (p *awsParser) word(word string) error {
	name, isOption := strings.CutPrefix(word, "--")
	switch {
	case isOption:
		return p.option(name)
	case p.cmd.operation != "":
		return fmt.Errorf("unexpected %q: options begin with --", word)
	case explainable[word] != nil:
		p.cmd.operation = pascal(word)
		for field := range fieldsOf(explainable[word]) {
			p.members[kebab(field.Name)] = field
		}
	case len(p.before) == 0 && (word == "aws" || word == "dynamodb"), slices.Equal(p.before, []string{"aws"}) && word == "dynamodb":
		p.before = append(p.before, word)
	default:
		return fmt.Errorf("%q cannot be explained, only reads can: %s", word, readable())
	}
	return nil
}

// fieldsOf returns the members of a request.
func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// option reads an option, whose name may have its value behind a =.
func (p *awsParser) option(name string) error {
	if before, value, ok := strings.Cut(name, "="); ok {
		name = before
		p.rest = append([]string{value}, p.rest...)
	}
	if slices.Contains(awsSwitches, name) {
		return nil
	}
	on := true
	field, ok := p.members[name]
	if positive, no := strings.CutPrefix(name, "no-"); no && !ok {
		if field, ok = p.members[positive]; ok && kindOf(field) != flagMember {
			ok = false
		}
		on = false
	}
	switch {
	case ok && kindOf(field) == flagMember:
		p.cmd.members[field.Name] = json.RawMessage(strconv.FormatBool(on))
		return nil
	case ok && kindOf(field) == listMember:
		values := p.values()
		if len(values) == 0 {
			return noValue(name)
		}
		raw, err := list(field, values)
		p.cmd.members[field.Name] = raw
		return about(name, err)
	}
	value, err := p.value(name)
	if err != nil {
		return err
	}
	switch {
	case ok:
		raw, err := member(field, value)
		p.cmd.members[field.Name] = raw
		return about(name, err)
	case name == "endpoint-url":
		p.cmd.endpoint = value
	case name == "region":
		p.cmd.region = value
	case name == "page-size":
		p.page = value
	case name == "cli-input-json":
		return about(name, json.Unmarshal([]byte(value), &p.input))
	case name == "cli-binary-format" && value == "base64", slices.Contains(awsValues, name):
	case name == "profile":
		return errors.New("--profile is not known here: set AWS_ACCESS_KEY_ID, and AWS_REGION or --region")
	case p.cmd.operation == "":
		return fmt.Errorf("--%s is not known before the operation", name)
	default:
		return fmt.Errorf("%s has no option --%s here", kebab(p.cmd.operation), name)
	}
	return nil
}

func about(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--%s: %w", name, err)
}

func noValue(name string) error { return fmt.Errorf("--%s has no value", name) }

// value returns the value of an option.
func (p *awsParser) value(name string) (string, error) {
	if len(p.rest) == 0 {
		return "", noValue(name)
	}
	value := p.rest[0]
	p.rest = p.rest[1:]
	text, err := fromFile(value)
	return text, about(name, err)
}

// values returns the words up to the next option.
func (p *awsParser) values() []string {
	n := slices.IndexFunc(p.rest, func(word string) bool { return strings.HasPrefix(word, "--") })
	if n < 0 {
		n = len(p.rest)
	}
	values := p.rest[:n]
	p.rest = p.rest[n:]
	return values
}

// fromFile returns a value that may be file://, and the name of a file that has it.
func fromFile(value string) (string, error) {
	name, ok := strings.CutPrefix(value, "file://")
	if !ok {
		return value, nil
	}
	text, err := os.ReadFile(name)
	return string(text), err
}

// complete adds what options that are no members say of these, and refuses what
// would not be a read.
func (p *awsParser) complete() error {
	for name, raw := range p.input {
		if _, ok := p.members[kebab(name)]; !ok {
			return fmt.Errorf("--cli-input-json: %s has no member %s", p.cmd.operation, name)
		}
		if p.cmd.members[name] == nil {
			p.cmd.members[name] = raw
		}
	}
	if field, ok := p.members["limit"]; ok && p.page != "" && p.cmd.members["Limit"] == nil {
		raw, err := member(field, p.page)
		if err != nil {
			return about("page-size", err)
		}
		p.cmd.members["Limit"] = raw
	}
	if p.cmd.operation != "ExecuteStatement" {
		return nil
	}
	var statement string
	_ = json.Unmarshal(p.cmd.members["Statement"], &statement) // what is no text is no SELECT
	if words := strings.Fields(statement); len(words) == 0 || !strings.EqualFold(words[0], "SELECT") {
		return errors.New("only a SELECT can be explained; the statement was not carried out")
	}
	return nil
}

// A memberKind is how the AWS CLI takes a member of a request.
type memberKind int

const (
	otherMember  memberKind = iota // JSON, or the shorthand for it
	textMember                     // as it stands
	numberMember                   // a number
	flagMember                     // --name or --no-name
	listMember                     // one or several words
)

func kindOf(field reflect.StructField) memberKind {
	switch field.Type {
	case reflect.TypeFor[api.Opt[string]]():
		return textMember
	case reflect.TypeFor[api.Opt[int64]]():
		return numberMember
	case reflect.TypeFor[api.Opt[bool]]():
		return flagMember
	}
	if field.Type.Kind() == reflect.Slice && (field.Name == "AttributesToGet" || field.Name == "Parameters") {
		return listMember // items and maps are slices, too
	}
	return otherMember
}

// member returns the JSON of a member with a value of one word.
func member(field reflect.StructField, value string) (json.RawMessage, error) {
	switch kindOf(field) {
	case textMember:
		return json.Marshal(value)
	case numberMember:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", value)
		}
		return json.Marshal(n)
	default:
		return structured(value)
	}
}

// list returns the JSON of a list, given as such or as its elements.
func list(field reflect.StructField, values []string) (json.RawMessage, error) {
	for i := range values {
		var err error
		if values[i], err = fromFile(values[i]); err != nil {
			return nil, err
		}
	}
	if first := strings.TrimSpace(values[0]); len(values) == 1 && strings.HasPrefix(first, "[") {
		return structured(first)
	}
	if field.Type == reflect.TypeFor[[]string]() {
		return json.Marshal(values)
	}
	all := make([]json.RawMessage, len(values))
	for i, v := range values {
		var err error
		if all[i], err = structured(v); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}

// structured returns a value that is JSON, or the AWS CLI's shorthand for it.
func structured(value string) (json.RawMessage, error) {
	text := strings.TrimSpace(value)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if !json.Valid([]byte(text)) {
			var into any
			return nil, fmt.Errorf("not JSON: %w", json.Unmarshal([]byte(text), &into))
		}
		return json.RawMessage(text), nil
	}
	s := shorthand{text}
	v, err := s.pairs()
	if err == nil && s.rest != "" {
		err = fmt.Errorf("what comes with %q is neither JSON nor name=value,name=value", s.rest)
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err = out.Encode(v)
	return b.Bytes(), err
}

// A shorthand is what is left to read of what the AWS CLI takes instead of JSON:
// pk={S=a},sk={N=1}.
type shorthand struct{ rest string }

func (s *shorthand) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(s.rest, " \t\r\n"), prefix)
	if ok {
		s.rest = rest
	}
	return ok
}

func (s *shorthand) pairs() (map[string]any, error) {
	out := map[string]any{}
	for {
		name, err := s.text("=")
		if err != nil {
			return nil, err
		}
		if name == "" || !s.skip("=") {
			return nil, fmt.Errorf("%q is neither JSON nor name=value,name=value", name+s.rest)
		}
		v, err := s.value(name)
		if err != nil {
			return nil, err
		}
		out[name] = v
		if !s.skip(",") {
			return out, nil
		}
	}
}

// value reads a value of something with a name. All that is not nested is a text,
// but for those of names that stand for switches.
func (s *shorthand) value(name string) (any, error) {
	switch {
	case s.skip("{"):
		v, err := s.pairs()
		if err == nil && !s.skip("}") {
			err = errors.New("there is no } for a {")
		}
		return v, err
	case s.skip("["):
		all := []any{}
		for !s.skip("]") {
			v, err := s.value("")
			if err != nil {
				return nil, err
			}
			all = append(all, v)
			if !s.skip(",") && !strings.HasPrefix(s.rest, "]") {
				return nil, errors.New("there is no ] for a [")
			}
		}
		return all, nil
	}
	text, err := s.text(",]}")
	if err != nil {
		return nil, err
	}
	switch name {
	case "BOOL", "NULL", "ConsistentRead":
		return strconv.ParseBool(text)
	}
	return text, nil
}

// text reads what stands before one of some ends, or between quotes.
func (s *shorthand) text(ends string) (string, error) {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
	for _, quote := range []string{`"`, `'`} {
		if !s.skip(quote) {
			continue
		}
		text, rest, ok := strings.Cut(s.rest, quote)
		if !ok {
			return "", fmt.Errorf("there is no second %s", quote)
		}
		s.rest = rest
		return text, nil
	}
	end := strings.IndexAny(s.rest, ends)
	if end < 0 {
		end = len(s.rest)
	}
	text := s.rest[:end]
	s.rest = s.rest[end:]
	return text, nil
}

// kebab returns how the AWS CLI spells a name: TableName is table-name.
func kebab(name string) string {
	var b strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// pascal returns the name that the AWS CLI spells so: query is Query.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
