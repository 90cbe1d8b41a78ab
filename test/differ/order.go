package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A request may have several faults, and servers tell each the one that it looks
// for first. Such a difference is one of order if both sides know both faults:
// without the one, stator tells what the others told; without the other, they
// tell what stator told. This is tried, not guessed: parts of the request are cut
// away until it shows. What it comes down to is a pair of checks, which
// known.txt names or which is new. If the others never tell what stator told, but
// stator what they did, it is a check more that stator has.

// probes is how many requests are sent at most to find out about one.
const probes = 300

// order returns the kind of the difference in the answers to r if it is one of
// order or of a check more, and r without what does not matter to it.
func order(ask func(request) ([]answer, error), r request, answers []answer) (kind string, least request, err error) {
	stator, peers := answers[0], answers[1:]
	if !refused(answers) || slices.ContainsFunc(peers, func(p answer) bool { return told(p) == told(stator) }) {
		return "", r, nil
	}
	var theirs, ours bool // stator told what they did; they told what stator did
	// A cut that leaves less, and both as they are, is made. The next is that at its
	// place.
	all := cuts(r)
	for i, asked, failed := 0, 0, 0; failed < len(all) && asked < probes && !(theirs && ours); asked++ {
		got, err := ask(all[i])
		if err != nil {
			return "", r, err
		}
		same := told(got[0]) == told(stator)
		switch peersSame := slices.EqualFunc(got[1:], peers, func(a, b answer) bool { return told(a) == told(b) }); {
		case same && peersSame && len(text(all[i].body)) < len(text(r.body)):
			r = all[i]
			all, failed = cuts(r), 0
			i = min(i, max(len(all)-1, 0))
			continue
		case peersSame && !same:
			theirs = theirs || agree(got)
		case same && !peersSame:
			ours = ours || agree(got)
		}
		failed++
		i = (i + 1) % len(all)
	}
	switch {
	case theirs && ours:
		kind = fmt.Sprintf("%s order | stator: %s | others: %s", r.op, check(stator), check(peers[0]))
	case theirs:
		kind = fmt.Sprintf("%s more | stator: %s | others: %s", r.op, check(stator), check(peers[0]))
	}
	return kind, r, nil
}

// refused reports whether no server did what the request asks for: all refused
// it, or the same parts of it.
func refused(answers []answer) bool {
	parts := func(a answer) (failed []bool) {
		for code := range strings.FieldsSeq(a.codes) {
			failed = append(failed, code != "None")
		}
		return failed
	}
	for _, a := range answers {
		if a.status >= 500 || a.status != answers[0].status {
			return false
		}
		if a.status == http.StatusOK && (!slices.Contains(parts(a), true) || !slices.Equal(parts(a), parts(answers[0]))) {
			return false
		}
	}
	return true
}

// agree reports whether another server says that stator is right: that the same
// check was not passed.
func agree(answers []answer) bool {
	return slices.ContainsFunc(answers[1:], func(a answer) bool { return a.kind == answers[0].kind && check(a) == check(answers[0]) })
}

// told is the fault that an answer tells, wherever in the request it is.
func told(a answer) string {
	s := fmt.Sprint(a.status, " ", a.kind, " ", bare(a.message))
	for i, reason := range a.reasons {
		if !strings.HasPrefix(reason, "{") && !slices.Contains(a.reasons[:i], reason) { // no item, nor told before
			s += " " + reason
		}
	}
	return positions.ReplaceAllString(wrapped.ReplaceAllString(s, "$1"), "n")
}

// wrapped is what some say around the fault of a value, others not.
var wrapped = regexp.MustCompile(`ExpressionAttributeValues contains invalid value: (.*) for key \S+`)

// positions are where in a request something is.
var positions = regexp.MustCompile(`\b(TransactStatements\[|at 1:|transactItems\.|[sS]tatements\.)[0-9]+`)

// check names the check that a request has not passed.
func check(a answer) string {
	message := bare(a.message)
	switch a.kind {
	case "ValidationException":
	case "TransactionCanceledException", "":
		var all []string
		for _, reason := range a.reasons {
			code, message, _ := strings.Cut(reason, " ")
			if strings.HasPrefix(reason, "{") {
				continue
			}
			if code == "ValidationError" {
				code = checkOf(message)
			}
			if !slices.Contains(all, code) {
				all = append(all, code)
			}
		}
		return "each (" + strings.Join(all, ", ") + ")"
	default:
		return a.kind
	}
	return checkOf(message)
}

func checkOf(message string) string {
	if _, rest, ok := strings.Cut(message, "]: "); ok && strings.HasPrefix(message, "Validation failed in TransactStatements[") {
		message = rest
	}
	for _, c := range checks {
		if c.of.MatchString(message) {
			return c.name
		}
	}
	return shape(message)
}

// checks are those that requests go through, about in that order, by what is said
// when they fail. A message of none of them is a check of its own.
var checks = []struct {
	name string
	of   *regexp.Regexp
}{
	{"member", regexp.MustCompile(`ailed to satisfy constraint|validation errors detected`)},
	{"shape of a value", regexp.MustCompile(`^Supplied AttributeValue`)},
	{"value", regexp.MustCompile(`^(Number (over|under)flow|Attempting to store|The parameter cannot be converted|Input collection|Nesting Levels|Empty attribute name|Attribute name is too large|One or more parameter values were invalid: (Input collection|Null attribute|An? \w+ set|Binary sets|Number sets|String sets))|^ExpressionAttributeValues contains invalid value`)},
	{"mixed parameters", regexp.MustCompile(`^Can not use both expression`)},
	{"options", regexp.MustCompile(`^(Cannot specify the|Must specify the AttributesToGet|ALL_PROJECTED_ATTRIBUTES can|The (Total)?Segments? parameter|ReturnValues can only|ConditionalOperator c|Either the KeyConditions)`)},
	{"legacy conditions", regexp.MustCompile(`^One or more parameter values were invalid: (Value |Exists |AttributeValue|Invalid number of|ComparisonOperator|Duplicate value|Argument type)|^The (BETWEEN|IN) |^(Query key condition not|Attempted conditional)|^The number of conditions on`)},
	{"legacy updates", regexp.MustCompile(`^One or more parameter values were invalid: (ADD action|DELETE action|Only DELETE)`)},
	{"no expression", regexp.MustCompile(`^ExpressionAttribute(Names|Values) can only be`)},
	{"placeholders", regexp.MustCompile(`^ExpressionAttribute(Names|Values) (must not be empty|contains invalid)`)},
	{"unused placeholders", regexp.MustCompile(`^Value provided in ExpressionAttribute`)},
	{"expression", regexp.MustCompile(`^Invalid \w+Expression: `)},
	{"syntax", regexp.MustCompile(`^Statement wasn't well formed`)},
	{"returning", regexp.MustCompile(`^Invalid returning clause|^RETURNING `)},
	{"parameters", regexp.MustCompile(`^Number of parameters in request`)},
	{"statement", regexp.MustCompile(`^(Unsupported |Incorrect operand|Incorrect number of operands|Operator or function requires|Unrecognized function|The (first|second) argument|SET_(ADD|DELETE) must|Empty bags|Aliasing|Invalid attribute type|The BETWEEN operator)`)},
	{"filter", regexp.MustCompile(`^Key attributes must be scalars`)},
	{"index", regexp.MustCompile(`^(The table does not have the specified index|Consistent reads are not|Strongly consistent read|One or more parameter values were invalid: Select type)`)},
	{"duplicates", regexp.MustCompile(`^(Provided list of item keys contains|Transaction request cannot include)`)},
	{"where", regexp.MustCompile(`^(Where clause does not|Select statements within|Key attribute'?s?|EXISTS\(\) must|Overlapping conditions)`)},
	{"key", regexp.MustCompile(`^(The provided key element|One or more parameter values were invalid: (Missing the key|Type mismatch for key|Size of|Aggregated size)|One or more parameter values are not valid. The AttributeValue for a key)`)},
	{"index key", regexp.MustCompile(`^One or more parameter values (are not valid\. (A value specified|The update expression attempted)|were invalid: Type mismatch for Index Key)`)},
	{"filter", regexp.MustCompile(`^(Filter Expression can|QueryFilter can)|not project`)},
	{"key condition", regexp.MustCompile(`^(Query condition missed|The number of query conditions|One or more parameter values were invalid: Condition parameter)`)},
	{"start", regexp.MustCompile(`^The provided starting key`)},
	{"key in update", regexp.MustCompile(`: Cannot update attribute`)},
	{"update", regexp.MustCompile(`^(The document path provided|An operand in the update|The provided expression refers|Type mismatch for attribute)`)},
	{"size", regexp.MustCompile(`Item size (to update )?has exceeded`)},
}
