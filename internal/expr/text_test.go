package expr

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/attr"
)

var rewrite = flag.Bool("rewrite", false, "write what is instead of what should be into testdata")

// TestText runs testdata/*.txt. A line is a command with its argument, and
// behind => what comes out or behind ### the error:
//
//	condition SRC    parses and binds a condition; prints it as parsed
//	filter SRC, update SRC, projection SRC, key SRC    likewise
//	plan SRC         resolves a key condition
//	matches SRC      evaluates a condition
//	attributes SRC   prints the attributes that a condition refers to
//	apply SRC        updates the item; prints what is different then
//	changed SRC      prints UPDATED_OLD and UPDATED_NEW
//	charge SRC       prints the charge of an update
//	project SRC      projects the item
//	names-values     checks the names and values themselves
//	unused SRC       reports what the condition leaves unused
//	expected, matches-filter, plan-legacy, apply-legacy, project-legacy JSON
//
// Other lines say with what: names, values, item, key-item, each with JSON or
// "none", and hash and range with key attributes like "h:S g:N".
func TestText(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runText(t, file) })
	}
}

func runText(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w world
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		input, want, _ := cutOutcome(line)
		if w.set(t, input) {
			continue
		}
		got := w.run(t, input)
		if got != want && !*rewrite {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", file, i+1, input, got, want)
		}
		lines[i] = fmt.Sprintf("%-50s %s", input, got)
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// cutOutcome cuts a line into its input and its outcome, with the sign.
func cutOutcome(line string) (input, outcome string, ok bool) {
	at := max(strings.LastIndex(line, " => "), strings.LastIndex(line, " ### "))
	if at < 0 {
		return strings.TrimRight(line, " "), "", false
	}
	return strings.TrimRight(line[:at], " "), line[at+1:], true
}

// A world is what the lines before a command have set.
type world struct {
	names        map[string]string
	values       attr.Item
	item, key    attr.Item
	hash, ranges []KeyAttr
}

// set handles lines that set something.
func (w *world) set(t *testing.T, line string) bool {
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "names":
		w.names = nil
		if arg != "none" {
			unmarshal(t, arg, &w.names)
		}
	case "values":
		w.values = parseItem(t, arg)
	case "item":
		w.item = parseItem(t, arg)
	case "key-item":
		w.key = parseItem(t, arg)
	case "hash":
		w.hash = parseKey(arg)
	case "range":
		w.ranges = parseKey(arg)
	default:
		return false
	}
	return true
}

func parseItem(t *testing.T, arg string) attr.Item {
	t.Helper()
	if arg == "none" {
		return nil
	}
	item, err := attr.ParseItem(arg)
	if err != nil {
		t.Fatal(arg, err)
	}
	return item
}

func parseKey(arg string) []KeyAttr {
	var key []KeyAttr
	for _, part := range strings.Fields(arg) {
		name, kind, _ := strings.Cut(part, ":")
		key = append(key, KeyAttr{name, attr.KindOf(kind)})
	}
	return key
}

func unmarshal(t *testing.T, arg string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(arg), to); err != nil {
		t.Fatal(arg, err)
	}
}

func (w *world) run(t *testing.T, input string) string {
	command, arg, _ := strings.Cut(input, " ")
	out, err := w.do(t, command, arg)
	if err != nil {
		return "### " + err.Error()
	}
	return "=> " + out
}

func (w *world) do(t *testing.T, command, arg string) (string, error) {
	b := NewBinder(w.names, w.values)
	switch command {
	case "condition", "filter", "matches", "attributes", "unused":
		kind := ConditionExpression
		if command == "filter" {
			kind = FilterExpression
		}
		c, err := b.Condition(kind, arg)
		if err != nil {
			return "", err
		}
		return w.condition(command, b, c)
	case "expected", "matches-filter":
		c, err := w.legacyCondition(t, command, arg)
		if err != nil {
			return "", err
		}
		return w.condition("matches", b, c)
	case "update", "apply", "changed", "charge":
		u, err := b.Update(arg)
		if err != nil {
			return "", err
		}
		return w.update(command, arg, u)
	case "apply-legacy":
		u, err := legacyUpdate(t, arg)
		if err != nil {
			return "", err
		}
		return w.update("apply", arg, u)
	case "projection", "project":
		p, err := b.Projection(arg)
		if err != nil {
			return "", err
		}
		if command == "project" {
			return printItem(p.Apply(w.item)), nil
		}
		return printTree(parseProjection(arg)), nil
	case "project-legacy":
		var names []string
		unmarshal(t, arg, &names)
		p, err := FromAttributesToGet(names)
		if err != nil {
			return "", err
		}
		return printItem(p.Apply(w.item)), nil
	case "key", "plan":
		k, err := b.KeyCondition(arg)
		if err != nil || command == "key" {
			return printTree(parseCondition(arg)), err
		}
		return printPlan(k.Resolve(w.hash, w.ranges))
	case "plan-legacy":
		k, err := FromKeyConditions(comparisons(t, arg))
		if err != nil {
			return "", err
		}
		return printPlan(k.Resolve(w.hash, w.ranges))
	case "names-values":
		if err := b.CheckNames(); err != nil {
			return "", err
		}
		return "ok", b.CheckValues(func(attr.Item) error { return nil })
	}
	t.Fatalf("no command %q", command)
	return "", nil
}

func (w *world) condition(command string, b *Binder, c *Condition) (string, error) {
	switch command {
	case "matches":
		return fmt.Sprint(c.Matches(w.item)), nil
	case "attributes":
		return strings.Join(c.Attributes(), " "), nil
	case "unused":
		return "none", b.Unused()
	}
	return c.root.String(), nil
}

func (w *world) update(command, src string, u *Update) (string, error) {
	switch command {
	case "update":
		return printTree(parseUpdate(src)), nil
	case "charge":
		return fmt.Sprint(u.Charge(w.item)), nil
	}
	result, err := u.Apply(w.item, w.key)
	if err != nil {
		return "", err
	}
	if err := result.Check(); err != nil {
		return "", err
	}
	if command == "changed" {
		return printItem(u.Changed(w.item)) + " " + printItem(u.Changed(result)), nil
	}
	return printDifference(w.item, result), nil
}

// printDifference prints the attributes that are new or different, and the
// names of those that are gone.
func printDifference(was, is attr.Item) string {
	var fields []attr.Field
	for name, v := range is.All() {
		if !v.Equal(was.Get(string(name))) {
			fields = append(fields, attr.Field{Name: name, Value: v})
		}
	}
	s := attr.NewItem(fields).String()
	for name := range was.All() {
		if is.Get(string(name)) == nil {
			s += " without " + string(name)
		}
	}
	return s
}

func printTree(t *tree, err error) string {
	if err != nil {
		return err.Error()
	}
	return t.String()
}

func printItem(i attr.Item) string {
	if i == nil {
		return "none"
	}
	return i.String()
}

var keyOpNames = [...]string{
	NoOp: "", Equal: "=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=",
	Between: "BETWEEN", BeginsWith: "begins_with",
}

func printPlan(p Plan, err error) (string, error) {
	if err != nil {
		return "", err
	}
	s := "hash " + fmt.Sprint(p.Hash)
	if p.Range != nil {
		s += " range " + fmt.Sprint(p.Range)
	}
	if p.Op != NoOp {
		s += " " + keyOpNames[p.Op] + " " + p.Low.String()
	}
	if p.High != nil {
		s += " " + p.High.String()
	}
	return s, nil
}

// A wireCondition is an entry of a legacy parameter as it is sent.
type wireCondition struct {
	Value              json.RawMessage
	Exists             *bool
	ComparisonOperator string
	AttributeValueList []json.RawMessage
	Action             string
}

func (w wireCondition) comparison(t *testing.T, name string) Comparison {
	c := Comparison{Attribute: name, Operator: w.ComparisonOperator}
	if w.AttributeValueList != nil {
		c.Values = []attr.Value{}
	}
	for _, v := range w.AttributeValueList {
		c.Values = append(c.Values, w.value(t, v))
	}
	return c
}

func (wireCondition) value(t *testing.T, sent json.RawMessage) attr.Value {
	if sent == nil {
		return nil
	}
	v, err := attr.Parse(string(sent))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func comparisons(t *testing.T, arg string) []Comparison {
	var sent map[string]wireCondition
	unmarshal(t, arg, &sent)
	var list []Comparison
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		list = append(list, sent[name].comparison(t, name))
	}
	return list
}

// legacyCondition reads "AND {…}", "OR {…}" or "{…}".
func (w *world) legacyCondition(t *testing.T, command, arg string) (*Condition, error) {
	operator, rest, _ := strings.Cut(arg, "{")
	operator, arg = strings.TrimSpace(operator), "{"+rest
	if command == "matches-filter" {
		return FromFilter(comparisons(t, arg), operator, attr.Current)
	}
	var sent map[string]wireCondition
	unmarshal(t, arg, &sent)
	var list []Expected
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		s := sent[name]
		list = append(list, Expected{s.comparison(t, name), s.value(t, s.Value), s.Exists})
	}
	return FromExpected(list, operator)
}

func legacyUpdate(t *testing.T, arg string) (*Update, error) {
	var sent map[string]wireCondition
	unmarshal(t, arg, &sent)
	var list []AttributeUpdate
	for name, s := range sent {
		list = append(list, AttributeUpdate{name, s.Action, s.value(t, s.Value)})
	}
	return FromAttributeUpdates(list)
}
