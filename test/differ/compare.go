package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A differ compares the answers of servers, of which stator is the first.
type differ struct {
	servers servers
	lead    string
	whole   bool
	known   []known
	out     io.Writer

	requests  int
	findings  int            // kinds of differences that known does not explain
	found     map[string]int // how often each kind of difference was met
	explained int
}

//go:embed known.txt
var knownText string

// A known is a kind of difference that is explained.
type known struct {
	kind *regexp.Regexp
	why  string
}

// readKnown reads lines of `why`, each followed by lines of regular expressions
// that begin with a tab.
func readKnown(s string) (all []known, err error) {
	why := ""
	for lines := bufio.NewScanner(strings.NewReader(s)); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !strings.HasPrefix(line, "\t"):
			why = line
		default:
			kind, err := regexp.Compile(strings.TrimSpace(line))
			if err != nil {
				return nil, fmt.Errorf("known.txt: %w", err)
			}
			all = append(all, known{kind, why})
		}
	}
	return all, nil
}

// compare tells of a difference in the answers to the last request if it is
// stator's alone and its kind is new. How a request is refused is nobody's alone
// when just one peer is left that has not broken down. It reports whether all servers still hold
// the same items, as far as answers show it.
func (d *differ) compare(ctx context.Context, seed uint64, said []request, answers []answer) (same bool, err error) {
	same = alike(answers)
	if answers[0].status >= 500 {
		if kind := d.kind(said, answers, "failure"); d.isNew(kind) {
			d.tell(seed, said, answers, kind)
		}
		return false, nil
	}
	judges := d.sound(answers)
	level := alone(answers[0], only(judges, answers))
	if len(judges) == 1 && len(d.servers) > 2 && refused(only([]int{0, judges[0]}, answers)) {
		level = "" // one word against another
	}
	if level == "" && d.lead != "" {
		judges = slices.DeleteFunc(judges, func(i int) bool { return d.servers[i].name != d.lead })
		level = alone(answers[0], only(judges, answers))
	}
	if level == "" {
		return same, nil
	}
	kind := d.kind(said, answers, level)
	if !d.isNew(kind) {
		return same, nil
	}
	judged := append([]int{0}, judges...)
	ordered, least, err := order(func(r request) ([]answer, error) {
		answers, err := d.ask(ctx, r)
		if err != nil {
			return nil, err
		}
		same = same && (alike(answers) || r.reads())
		return only(judged, answers), nil
	}, said[len(said)-1], only(judged, answers))
	switch {
	case err != nil:
		return false, err
	case ordered == "":
		d.tell(seed, said, answers, kind)
	case d.isNew(ordered):
		d.tell(seed, append(slices.Clone(said), least), answers, ordered+"\n   "+kind)
	}
	return same, nil
}

// alike reports whether all answers leave the same stored, as far as they show
// it.
func alike(answers []answer) bool {
	for _, a := range answers {
		if a.status >= 500 || a.status != answers[0].status || a.status == http.StatusOK && a.codes != answers[0].codes {
			return false
		}
	}
	return true
}

// sound are the peers that have not broken down.
func (d *differ) sound(answers []answer) (peers []int) {
	for i, a := range answers {
		if i > 0 && a.status < 500 {
			peers = append(peers, i)
		}
	}
	return peers
}

func only(which []int, answers []answer) (some []answer) {
	for _, i := range which {
		some = append(some, answers[i])
	}
	return some
}

// alone names the first thing in which the peers agree and stator differs from
// them. From where they differ among themselves on, they tell nothing.
func alone(stator answer, peers []answer) string {
	if len(peers) == 0 {
		return ""
	}
	for _, level := range levels {
		of := level.of(peers[0])
		if slices.ContainsFunc(peers, func(p answer) bool { return level.of(p) != of }) {
			return ""
		}
		if level.of(stator) != of {
			return level.name
		}
	}
	return ""
}

// levels are what answers are compared in, one after the other.
var levels = []struct {
	name string
	of   func(answer) string
}{
	{"status", func(a answer) string { return strconv.Itoa(a.status) }},
	{"exception", func(a answer) string { return a.kind }},
	{"message", func(a answer) string {
		if a.kind == "SerializationException" { // each parser has its own words
			return ""
		}
		return bare(a.message)
	}},
	{"codes", func(a answer) string { return a.codes }},
	{"reasons", func(a answer) string { return strings.Join(a.reasons, " ") }},
	{"answer", func(a answer) string { return a.body }},
}

// bare returns a message without the envelope that some regions of AWS put it
// in and others do not.
func bare(message string) string { return strings.TrimPrefix(message, "1 validation error detected: ") }

var (
	figures = regexp.MustCompile(`[0-9]+`)
	quoted  = regexp.MustCompile(`(at )?("[^"]*"|\B'[^']*')|\[[^\]]*\]|: [^ ,;:]*$`)
)

// shape leaves out of a message what changes from request to request.
func shape(s string) string {
	s = quoted.ReplaceAllStringFunc(s, func(q string) string {
		if strings.HasPrefix(q, "at ") { // a member
			return q
		}
		return "…"
	})
	s = figures.ReplaceAllString(s, "n")
	return s[:min(len(s), 240)]
}

// place says where two answers first differ.
func place(a, b any) string {
	switch a := a.(type) {
	case object:
		b, ok := b.(object)
		if !ok {
			return ""
		}
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if other, ok := b[name]; !ok {
				return "." + name + " more"
			} else if text(a[name]) != text(other) {
				return "." + name + place(a[name], other)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if _, ok := a[name]; !ok {
				return "." + name + " less"
			}
		}
	case []any:
		b, ok := b.([]any)
		if !ok {
			return ""
		}
		for i := range min(len(a), len(b)) {
			if text(a[i]) != text(b[i]) {
				return "[]" + place(a[i], b[i])
			}
		}
		if len(a) != len(b) {
			return "[] length"
		}
	}
	return ""
}

// options are the parameters that decide what a Query or Scan reads, and that
// there are conditions of before expressions.
func options(r request) (with string) {
	body, ok := r.body.(object)
	if !ok {
		return ""
	}
	for _, name := range []string{"IndexName", "Select", "FilterExpression", "QueryFilter", "ScanFilter", "Expected"} {
		if body[name] == nil {
			continue
		}
		with += " " + name
		if name == "IndexName" {
			with += fmt.Sprint("=", body[name])
		}
	}
	return with
}

// indexAdded reports whether a table of the last request has got an index while it
// had items.
func indexAdded(said []request) bool {
	last := text(said[len(said)-1].body)
	return slices.ContainsFunc(said, func(r request) bool {
		body, ok := r.body.(object)
		name, _ := body["TableName"].(string)
		return ok && r.op == "UpdateTable" && body["GlobalSecondaryIndexUpdates"] != nil && name != "" && strings.Contains(last, name)
	})
}

// kind describes a difference in the answers to the last request without what
// changes from request to request.
func (d *differ) kind(said []request, answers []answer, level string) string {
	r := said[len(said)-1]
	kind := r.op + " " + level
	if level == "answer" {
		var stator, peer any
		_, _ = json.Unmarshal([]byte(answers[0].body), &stator), json.Unmarshal([]byte(answers[1].body), &peer)
		kind += figures.ReplaceAllString(place(stator, peer), "n")
	}
	if level == "answer" || level == "status" {
		kind += options(r)
	}
	if strings.Contains(kind, "ConsumedCapacity") && indexAdded(said) {
		kind += " with an index added"
	}
	for i, a := range answers {
		if a.status == http.StatusOK {
			kind += fmt.Sprintf(" | %s: 200", d.servers[i].name)
		} else {
			kind += fmt.Sprintf(" | %s: %s: %s", d.servers[i].name, a.kind, shape(bare(a.message)))
		}
		if a.status != http.StatusOK || level == "codes" || level == "reasons" {
			for _, reason := range slices.Compact(slices.Clone(a.reasons)) {
				kind += " " + shape(reason)
			}
		}
	}
	return kind
}

// isNew reports whether a kind of difference is met for the first time, and
// nothing explains it.
func (d *differ) isNew(kind string) bool {
	if d.found[kind]++; d.found[kind] > 1 {
		return false
	}
	if slices.ContainsFunc(d.known, func(k known) bool { return k.kind.MatchString(kind) }) {
		d.explained++
		return false
	}
	return true
}

// tell prints a difference.
func (d *differ) tell(seed uint64, said []request, answers []answer, kind string) {
	d.findings++
	fmt.Fprintf(d.out, "\n%d. %s\n   seed %d, request %d\n", d.findings, kind, seed, len(said))
	if !d.whole {
		said = said[len(said)-1:]
	}
	for _, r := range said {
		fmt.Fprintf(d.out, "   %s\n", r)
	}
	for i, a := range answers {
		fmt.Fprintf(d.out, "   %-15s %s\n", d.servers[i].name, a)
	}
}

func (d *differ) summary(seed uint64) {
	fmt.Fprintf(d.out, "\n%d requests, up to seed %d: %d kinds of differences, and %d that are known\n", d.requests, seed-1, d.findings, d.explained)
}
