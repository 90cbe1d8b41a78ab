package api

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A rule is what the model says of one member, or of the elements of a list
// and the keys and values of a map, which have no name.
type rule struct {
	name     string
	required bool
	min, max limit // of a number, or of the length of anything else
	pattern  *pattern
	enum     []string
	arn      bool // a table's ARN is good if the name in it is
	says     []says
}

// limit is an inclusive bound, if it is set.
type limit = Opt[int64]

// A constraint is a kind of thing that a rule demands.
type constraint byte

const (
	constraintNull constraint = iota
	constraintKeys
	constraintMin
	constraintMax
	constraintPattern
	constraintEnum
)

// says changes the words for a broken constraint. See model/README.md.
type says struct {
	about                    constraint
	text                     string
	plain, alone, bare, last bool
}

// A pattern is a regular expression as Java has it, which matches the whole of
// a string.
type pattern struct {
	text  string
	match func(string) bool
}

// namePattern is the one that nearly every request meets.
const namePattern = "[a-zA-Z0-9_.-]+"

// newPattern returns a pattern that compiles when it is first met. The
// expression is in the form of package regexp.
func newPattern(text, expression string) *pattern {
	if text == namePattern {
		return &pattern{text, isName}
	}
	compile := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^(?:" + expression + ")$") })
	return &pattern{text, func(s string) bool { return compile().MatchString(s) }}
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return s != ""
}

// length counts as Java does, in units of UTF-16.
func length(s string) int64 {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF && r != utf8.RuneError {
			n++
		}
	}
	return int64(n)
}

// subject is the part of a string that the rule is about.
func (r *rule) subject(s string) string {
	if r.arn && strings.HasPrefix(s, "arn:") {
		if arn, ok := ParseTableARN(s); ok && arn.Rest == "" {
			return arn.Table
		}
	}
	return s
}

// allows reports whether a string breaks nothing.
func (r *rule) allows(s string) bool {
	s = r.subject(s)
	if r.min.Set || r.max.Set {
		if n := length(s); n < r.least() || n > r.most() {
			return false
		}
	}
	return (r.pattern == nil || r.pattern.match(s)) && (r.enum == nil || r.lists(s))
}

func (r *rule) lists(s string) bool {
	for _, v := range r.enum {
		if v == s {
			return true
		}
	}
	return false
}

func (r *rule) least() int64 { return r.min.Or(math.MinInt64) }
func (r *rule) most() int64  { return r.max.Or(math.MaxInt64) }

// demands lists what the rule demands, in the order and the words in which the
// service lists it where several members are under one rule.
func (r *rule) demands() string {
	var words []string
	if r.max.Set {
		words = append(words, "Member must have length less than or equal to "+strconv.FormatInt(r.max.V, 10))
	}
	if r.min.Set {
		words = append(words, "Member must have length greater than or equal to "+strconv.FormatInt(r.min.V, 10))
	}
	if r.pattern != nil {
		words = append(words, r.patternWords())
	}
	if r.enum != nil {
		words = append(words, r.enumWords())
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func (r *rule) patternWords() string {
	return "Member must satisfy regular expression pattern: " + r.pattern.text
}

func (r *rule) enumWords() string {
	return "Member must satisfy enum value set: [" + strings.Join(r.enum, ", ") + "]"
}

// boundWords tells which bound n breaks; what is bound is a value or a length.
func (r *rule) boundWords(what string, n int64) (constraint, string) {
	if n < r.least() {
		return constraintMin, "Member must have " + what + " greater than or equal to " + strconv.FormatInt(r.min.V, 10)
	}
	return constraintMax, "Member must have " + what + " less than or equal to " + strconv.FormatInt(r.max.V, 10)
}

// A path is where a structure stands in a request: as a member of the one at
// up, or as an element of a list or map that is.
type path struct {
	up    *path
	name  string
	index int // from 1 in a list
	key   string
	keyed bool // in a map
}

// append appends the path and the name of a member there. Names begin in
// lower case where the words are the generic ones.
func (p *path) append(dst []byte, name string, plain bool) []byte {
	if p != nil {
		dst = p.up.append(dst, p.name, plain)
		switch {
		case p.index > 0:
			dst = append(dst, '.')
			dst = strconv.AppendInt(dst, int64(p.index), 10)
			dst = append(dst, ".member"...)
		case p.keyed:
			dst = append(dst, '.')
			dst = append(dst, p.key...)
			dst = append(dst, ".member"...)
		}
	}
	if name == "" {
		return dst
	}
	if len(dst) > 0 {
		dst = append(dst, '.')
	}
	start := len(dst)
	dst = append(dst, name...)
	if !plain {
		dst[start] |= 'a' - 'A'
	}
	return dst
}

// maxComplaints is how many errors the service lists.
const maxComplaints = 10

// A checker collects complaints about one request.
type checker struct {
	older bool // says nothing of says
	all   []string
	last  []string // only if there are no others
	only  string   // the whole message, when a complaint stands alone
}

func (c *checker) failed() bool { return c.only != "" || len(c.all) > 0 || len(c.last) > 0 }

// err returns the exception for all complaints, or nil.
func (c *checker) err() error {
	if !c.failed() {
		return nil
	}
	if c.only != "" {
		return NewValidationException(c.only)
	}
	all := c.all
	if len(all) == 0 {
		all = c.last
	}
	detected := " validation errors detected: "
	if len(all) == 1 {
		detected = " validation error detected: "
	}
	return NewValidationException(strconv.Itoa(len(all)) + detected + strings.Join(all, "; "))
}

// complain notes a broken constraint. The value is as the service prints it,
// with quotes.
func (c *checker) complain(p *path, r *rule, about constraint, value, words string) {
	var s says
	if !c.older {
		for _, s = range r.says {
			if s.about == about {
				break
			}
			s = says{}
		}
	}
	text := s.text
	switch {
	case text != "":
	case s.plain:
		text = "Value at '" + string(p.append(nil, r.name, true)) + "' failed to satisfy constraint: " + words
	default:
		text = "Value " + value + " at '" + string(p.append(nil, r.name, false)) + "' failed to satisfy constraint: " + words
	}
	switch {
	case s.bare && c.only == "":
		c.only = text
	case s.alone && c.only == "":
		c.only = "1 validation error detected: " + text
	case s.last:
		c.last = append(c.last, text)
	case len(c.all) < maxComplaints:
		c.all = append(c.all, text)
	}
}

// present checks a member of which only presence is demanded.
func (c *checker) present(p *path, r *rule, ok bool) {
	if !ok {
		c.complain(p, r, constraintNull, "null", "Member must not be null")
	}
}

// str checks a string.
func (c *checker) str(p *path, r *rule, v *Opt[string]) {
	if !v.Set {
		if r.required {
			c.present(p, r, false)
		}
		return
	}
	if r.allows(v.V) {
		return
	}
	s := r.subject(v.V)
	echo := "'" + v.V + "'"
	// Where one character would do, an empty string is only too short.
	if r.pattern != nil && !r.pattern.match(s) && !(s == "" && r.least() == 1) {
		c.complain(p, r, constraintPattern, echo, r.patternWords())
	}
	if n := length(s); n < r.least() || n > r.most() {
		about, words := r.boundWords("length", n)
		c.complain(p, r, about, echo, words)
	}
	if r.enum != nil && !r.lists(s) {
		c.complain(p, r, constraintEnum, echo, r.enumWords())
	}
}

// number checks an integer.
func (c *checker) number(p *path, r *rule, v *Opt[int64]) {
	if !v.Set {
		if r.required {
			c.present(p, r, false)
		}
		return
	}
	if v.V < r.least() || v.V > r.most() {
		about, words := r.boundWords("value", v.V)
		c.complain(p, r, about, "'"+strconv.FormatInt(v.V, 10)+"'", words)
	}
}

// miscounts reports whether a list or map that is there has too few or too
// many elements; the caller then calls miscount. Absence it complains about
// itself.
func (c *checker) miscounts(p *path, r *rule, ok bool, n int) bool {
	if !ok {
		if r.required {
			c.present(p, r, false)
		}
		return false
	}
	return int64(n) < r.least() || int64(n) > r.most()
}

func (c *checker) miscount(p *path, r *rule, n int, value []byte) {
	about, words := r.boundWords("length", int64(n))
	c.complain(p, r, about, "'"+string(value)+"'", words)
}

// elements complains about a list of strings, of which one breaks the rule.
func (c *checker) elements(p *path, r, element *rule, value []byte) {
	c.complain(p, r, constraintKeys, "'"+string(value)+"'", "Member must satisfy constraint: "+element.demands())
}

// keys complains about a map, of which one key breaks the rule.
func (c *checker) keys(p *path, r, key *rule, value []byte) {
	c.complain(p, r, constraintKeys, "'"+string(value)+"'", "Map keys must satisfy constraint: "+key.demands())
}

// values complains about a map of lists, of which one breaks the rule for
// their lengths.
func (c *checker) values(p *path, r, list *rule, value []byte) {
	c.complain(p, r, constraintKeys, "'"+string(value)+"'", "Map value must satisfy constraint: "+list.demands())
}

// sayings reports whether r has its own words for the bound that n breaks.
func (r *rule) sayings(n int) bool {
	about, _ := r.boundWords("length", int64(n))
	for _, s := range r.says {
		if s.about == about {
			return true
		}
	}
	return false
}
