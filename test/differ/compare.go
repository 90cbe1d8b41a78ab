package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"slices"
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

// compare reports whether all servers did the same, as far as what is stored
// goes, and tells of a difference that is stator's alone.
func (d *differ) compare(seed uint64, said []request, answers []answer) (same bool) {
	stator := answers[0]
	var peers []answer // without those that broke down
	same = stator.status < 500
	for _, p := range answers[1:] {
		same = same && p.status == stator.status
		if p.status < 500 {
			peers = append(peers, p)
		}
	}
	if stator.status >= 500 {
		d.tell(seed, said, answers, "failure")
		return false
	}
	if len(peers) == 0 {
		return same
	}
	agreed := level(stator, peers[0])
	alone := agreed != ""
	for _, p := range peers[1:] {
		// Peers that differ from each other in what stator differs from both
		// tell nothing.
		alone = alone && level(p, peers[0]) != agreed && level(stator, p) != ""
	}
	if i := slices.IndexFunc(d.servers, func(s server) bool { return s.name == d.lead }); i > 0 && !alone && answers[i].status < 500 {
		agreed = level(stator, answers[i])
		alone = agreed != ""
	}
	if alone {
		d.tell(seed, said, answers, agreed)
	}
	return same
}

// level names what two answers first differ in, or nothing.
func level(a, b answer) string {
	switch {
	case a.status != b.status:
		return "status"
	case a.kind != b.kind:
		return "exception"
	// What cannot be read as a request at all, each parser says in its own words.
	case a.kind != "SerializationException" && bare(a.message) != bare(b.message):
		return "message"
	case a.body != b.body:
		return "answer"
	default:
		return ""
	}
}

// bare returns a message without the envelope that some regions of AWS put it
// in and others do not.
func bare(message string) string { return strings.TrimPrefix(message, "1 validation error detected: ") }

var (
	figures = regexp.MustCompile(`[0-9]+`)
	quoted  = regexp.MustCompile(`"[^"]*"|'[^']*'|\[[^\]]*\]|: [^,;:]*$`)
)

// shape leaves out of a message what changes from request to request.
func shape(s string) string {
	s = figures.ReplaceAllString(quoted.ReplaceAllString(s, "…"), "n")
	return s[:min(len(s), 160)]
}

// tell prints a difference if its kind is new.
func (d *differ) tell(seed uint64, said []request, answers []answer, level string) {
	last := said[len(said)-1]
	kind := last.op + " " + level
	for i, a := range answers {
		if a.status == 200 {
			kind += fmt.Sprintf(" | %s: 200", d.servers[i].name)
		} else {
			kind += fmt.Sprintf(" | %s: %s: %s", d.servers[i].name, a.kind, shape(bare(a.message)))
		}
	}
	if d.found[kind]++; d.found[kind] > 1 {
		return
	}
	if slices.ContainsFunc(d.known, func(k known) bool { return k.kind.MatchString(kind) }) {
		d.explained++
		return
	}
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
