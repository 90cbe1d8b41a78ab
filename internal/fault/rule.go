package fault

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// A Request is what rules look at.
type Request struct {
	Service   string // "dynamodb" or "dynamodbstreams"
	Region    string
	Operation string
	AccessKey string
	// Names returns the tables and indexes that the request names. It is called
	// at most once, and only if a rule looks at them.
	Names func() (tables, indexes []string)
}

// A Rule says of which requests it has how many fail, and of what. It applies
// to requests that match all of its selectors; one that is empty matches all.
type Rule struct {
	Service   string `json:"service,omitempty"`
	Region    string `json:"region,omitempty"`
	Operation string `json:"operation,omitempty"`
	Table     string `json:"table,omitempty"`     // matches requests that name it, among others or alone
	Index     string `json:"index,omitempty"`     // likewise
	AccessKey string `json:"accessKey,omitempty"` // the whole key, not the account

	// Probability is how likely a request is to fail, from 0 to 1; nil is 1.
	Probability *float64 `json:"probability,omitempty"`
	// Count is how many requests fail until the rule does nothing any more; nil
	// is any number.
	Count *int `json:"count,omitempty"`
	// Error is what they fail of; nil is all of its defaults.
	Error *Error `json:"error,omitempty"`
}

// An Error is what a client is told of a fault.
type Error struct {
	StatusCode int    `json:"statusCode,omitempty"` // of HTTP; 0 is 503
	Code       string `json:"code,omitempty"`       // the exception; "" is ServiceUnavailable
	Message    string `json:"message,omitempty"`    // "" says where the fault is from
}

const defaultMessage = "This request fails because a rule of /_localstack/chaos/faults says so."

// MaxRules is how many rules there may be at a time.
const MaxRules = 1000

// A rule is a Rule with its defaults and with what has become of it.
type rule struct {
	given    Rule
	meaning  meaning
	failures atomic.Int64 // that there were; more than its count are not failures
}

// The meaning of a rule is the same for rules that do the same.
type meaning struct {
	service, region, operation, table, index, accessKey string
	probability                                         float64
	count                                               int64 // 0 is any number
	err                                                 Error
}

// meaningOf completes a rule, or says what is wrong with it.
func meaningOf(r Rule) (meaning, error) {
	m := meaning{
		service: r.Service, region: r.Region, operation: r.Operation,
		table: r.Table, index: r.Index, accessKey: r.AccessKey,
		probability: 1, err: Error{503, "ServiceUnavailable", defaultMessage},
	}
	if r.Probability != nil {
		if m.probability = *r.Probability; !(m.probability >= 0 && m.probability <= 1) {
			return m, fmt.Errorf("probability %v is not a number from 0 to 1", m.probability)
		}
	}
	if r.Count != nil {
		if m.count = int64(*r.Count); m.count < 1 {
			return m, fmt.Errorf("count %d is not 1 or more", m.count)
		}
	}
	if r.Error != nil {
		if code := r.Error.StatusCode; code != 0 && (code < 400 || code > 599) {
			return m, fmt.Errorf("error.statusCode %d is not one from 400 to 599", code)
		}
		if !isCode(r.Error.Code) {
			return m, fmt.Errorf("error.code %q is not the name of an exception: at most 100 letters, digits, dots and underscores", r.Error.Code)
		}
		m.err.StatusCode = cmp.Or(r.Error.StatusCode, m.err.StatusCode)
		m.err.Code = cmp.Or(r.Error.Code, m.err.Code)
		m.err.Message = cmp.Or(r.Error.Message, m.err.Message)
	}
	return m, nil
}

func isCode(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' {
			return false
		}
	}
	return len(s) <= 100
}

// newRules returns rules that have done nothing yet, or what is wrong with the
// first that is wrong.
func newRules(given []Rule) ([]*rule, error) {
	out := make([]*rule, len(given))
	for i, r := range given {
		m, err := meaningOf(r)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		out[i] = &rule{given: r, meaning: m}
	}
	return out, nil
}

// Rules returns the rules as they were given, in the order in which they apply.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given()
}

func (s *Set) given() []Rule {
	out := make([]Rule, len(s.rules))
	for i, r := range s.rules {
		out[i] = r.given
	}
	return out
}

// SetRules puts rules in the place of all that there are and returns them. An
// error says which rule is wrong, and nothing has changed.
func (s *Set) SetRules(rules []Rule) ([]Rule, error) {
	return s.changeRules(rules, func(_, given []*rule) []*rule { return given })
}

// AddRules adds rules after those that there are and returns them all. It is
// otherwise like SetRules.
func (s *Set) AddRules(rules []Rule) ([]Rule, error) {
	return s.changeRules(rules, func(there, given []*rule) []*rule { return slices.Concat(there, given) })
}

// RemoveRules takes away all rules that mean the same as one of these, and
// returns those that are left. It is otherwise like SetRules.
func (s *Set) RemoveRules(rules []Rule) ([]Rule, error) {
	return s.changeRules(rules, func(there, given []*rule) []*rule {
		return slices.DeleteFunc(slices.Clone(there), func(r *rule) bool {
			return slices.ContainsFunc(given, func(g *rule) bool { return g.meaning == r.meaning })
		})
	})
}

// changeRules has change make other rules of those that are there and given,
// neither of which it may write to.
func (s *Set) changeRules(rules []Rule, change func(there, given []*rule) []*rule) ([]Rule, error) {
	given, err := newRules(rules)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := change(s.rules, given)
	if len(now) > MaxRules {
		return nil, fmt.Errorf("%d rules are more than %d", len(now), MaxRules)
	}
	s.rules = now
	s.activate()
	return s.given(), nil
}

// Fails decides whether a request fails by a rule, and of what: the first that
// applies to it and whose draw says so.
func (a *Active) Fails(r Request) (Error, bool) {
	var tables, indexes []string
	named := false
	for _, rule := range a.rules {
		m := &rule.meaning
		if !matches(m.service, r.Service) || !matches(m.region, r.Region) ||
			!matches(m.operation, r.Operation) || !matches(m.accessKey, r.AccessKey) {
			continue
		}
		if (m.table != "" || m.index != "") && !named {
			tables, indexes = r.Names()
			named = true
		}
		if m.table != "" && !slices.Contains(tables, m.table) || m.index != "" && !slices.Contains(indexes, m.index) {
			continue
		}
		if rule.exhausted() || !a.happens(m.probability) || !rule.fail() {
			continue
		}
		return m.err, true
	}
	return Error{}, false
}

func matches(selector, value string) bool { return selector == "" || selector == value }

func (r *rule) exhausted() bool {
	return r.meaning.count > 0 && r.failures.Load() >= r.meaning.count
}

// fail counts a failure and reports whether there may be that many.
func (r *rule) fail() bool {
	return r.meaning.count == 0 || r.failures.Add(1) <= r.meaning.count
}

// A Latency is by how much each request is delayed: any time from Min to Max,
// all equally likely.
type Latency struct{ Min, Max time.Duration }

// MaxLatency is the longest delay.
const MaxLatency = 10 * time.Minute

// Latency returns the latency.
func (s *Set) Latency() Latency {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latency
}

// SetLatency sets the latency of requests that begin from now on. An error says
// what is wrong with it, and nothing has changed.
func (s *Set) SetLatency(l Latency) error {
	switch {
	case l.Min < 0:
		return errors.New("a latency is not less than 0")
	case l.Min > l.Max:
		return errors.New("the least latency is not more than the greatest")
	case l.Max > MaxLatency:
		return fmt.Errorf("a latency is not more than %d ms", MaxLatency.Milliseconds())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = l
	s.activate()
	return nil
}

// Delay decides by how much a request is delayed.
func (a *Active) Delay() time.Duration {
	if a.latency.Min == a.latency.Max {
		return a.latency.Min
	}
	return a.latency.Min + time.Duration(a.random()*float64(a.latency.Max-a.latency.Min))
}
