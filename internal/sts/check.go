package sts

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A refusal is an error that the client is told.
type refusal struct{ code, message string }

func (e *refusal) Error() string { return e.code + ": " + e.message }

func invalid(message string) error { return &refusal{"ValidationError", message} }

func invalidAction(action, version string) *refusal {
	if action == "" {
		return &refusal{"MissingAction", "One or more required parameters are missing from the request: Action"}
	}
	return &refusal{"InvalidAction", "Could not find operation " + action + " for version " + orNone(version)}
}

func orNone(s string) string {
	if s == "" {
		return "NO_VERSION_SPECIFIED"
	}
	return s
}

// constraints collects what is wrong with parameters; all of it is told at once.
type constraints struct{ failed []string }

func (c *constraints) fail(value, name, must string) {
	c.failed = append(c.failed, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: Member must %s", value, name, must))
}

func (c *constraints) err() error {
	switch n := len(c.failed); n {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: " + c.failed[0])
	default:
		return invalid(strconv.Itoa(n) + " validation errors detected: " + strings.Join(c.failed, "; "))
	}
}

// text returns a parameter that is required.
func (c *constraints) text(form url.Values, name string, shortest, longest int) string {
	member := strings.ToLower(name[:1]) + name[1:]
	value := form.Get(name)
	switch {
	case !form.Has(name):
		c.fail("null", member, "not be null")
	case len(value) < shortest:
		c.fail("'"+value+"'", member, "have length greater than or equal to "+strconv.Itoa(shortest))
	case len(value) > longest:
		c.fail("'"+value+"'", member, "have length less than or equal to "+strconv.Itoa(longest))
	}
	return value
}

const sessionName = `[\w+=,.@-]*`

var sessionPattern = regexp.MustCompile(`^` + sessionName + `$`)

func (c *constraints) session(form url.Values) string {
	name := c.text(form, "RoleSessionName", 2, 64)
	if !sessionPattern.MatchString(name) {
		c.fail("'"+name+"'", "roleSessionName", "satisfy regular expression pattern: "+sessionName)
	}
	return name
}

// duration returns how long credentials are to be good for.
func (c *constraints) duration(form url.Values, usual, longest time.Duration) time.Duration {
	const shortest = 15 * time.Minute
	text := form.Get("DurationSeconds")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	switch d := time.Duration(n) * time.Second; {
	case err != nil:
		c.fail("'"+text+"'", "durationSeconds", "be a number")
	case n < int(shortest.Seconds()):
		c.fail("'"+text+"'", "durationSeconds", "have value greater than or equal to "+strconv.Itoa(int(shortest.Seconds())))
	case n > int(longest.Seconds()):
		c.fail("'"+text+"'", "durationSeconds", "have value less than or equal to "+strconv.Itoa(int(longest.Seconds())))
	default:
		return d
	}
	return 0
}
