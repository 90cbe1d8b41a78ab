package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/statordb/stator/internal/fault"
)

// Faults returns a page, for Handle, that shows the rules of set by GET and
// changes them by POST (all), PATCH (more) and DELETE (fewer), as LocalStack's
// does. It answers the rules that there are then.
func Faults(set *fault.Set) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var change func([]fault.Rule) ([]fault.Rule, error)
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			writeJSON(w, set.Rules())
			return
		case http.MethodPost:
			change = set.SetRules
		case http.MethodPatch:
			change = set.AddRules
		case http.MethodDelete:
			change = set.RemoveRules
		default:
			w.Header().Set("Allow", "GET, HEAD, POST, PATCH, DELETE")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
			return
		}
		var rules []fault.Rule
		err := readJSON(w, r, &rules)
		if err != nil || rules == nil {
			refuse(w, `want a JSON array of rules such as {"service":"dynamodb","region":"us-east-1","operation":"GetItem","table":"t","index":"i","accessKey":"test",`+
				`"probability":0.5,"count":3,"error":{"statusCode":400,"code":"ThrottlingException","message":"slow down"}}, each member of which may be left out`, err)
			return
		}
		if rules, err = change(rules); err != nil {
			refuse(w, err.Error(), nil)
			return
		}
		writeJSON(w, rules)
	})
}

// Effects returns a page, for Handle, that shows by GET what set does to all
// requests, and changes it by POST.
func Effects(set *fault.Set) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			writeJSON(w, effects{latency(set.Latency())})
		case http.MethodPost:
			var in *effects
			if err := readJSON(w, r, &in); err != nil || in == nil {
				refuse(w, `want {"latency":250} or {"latency":{"min":100,"max":400}}, in milliseconds`, err)
				return
			}
			if err := set.SetLatency(fault.Latency(in.Latency)); err != nil {
				refuse(w, err.Error(), nil)
				return
			}
			writeJSON(w, in)
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
		}
	})
}

type effects struct {
	Latency latency `json:"latency"`
}

// A latency is a number of milliseconds, or the least and the greatest.
type latency fault.Latency

func (l latency) MarshalJSON() ([]byte, error) {
	low, high := milliseconds(l.Min), milliseconds(l.Max)
	if low == high {
		return json.Marshal(low)
	}
	return json.Marshal(map[string]float64{"min": low, "max": high})
}

func (l *latency) UnmarshalJSON(b []byte) error {
	var fixed float64
	if json.Unmarshal(b, &fixed) == nil {
		l.Min, l.Max = duration(fixed), duration(fixed)
		return nil
	}
	var between struct {
		Min *float64 `json:"min"`
		Max *float64 `json:"max"`
	}
	if err := decodeStrictly(bytes.NewReader(b), &between); err != nil {
		return err
	}
	if between.Min == nil || between.Max == nil {
		return errors.New("a latency has both min and max, or is a number")
	}
	l.Min, l.Max = duration(*between.Min), duration(*between.Max)
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// duration returns a time in milliseconds; what is far too long or short is
// only too long or short.
func duration(ms float64) time.Duration {
	const most = float64(2 * fault.MaxLatency / time.Millisecond)
	return time.Duration(min(max(ms, -1), most) * float64(time.Millisecond))
}

// refuse answers what is wrong with a request, and how if there is more to say.
func refuse(w http.ResponseWriter, text string, how error) {
	if how != nil {
		text += ": " + how.Error()
	}
	plain(w, http.StatusBadRequest, text)
}

// readJSON reads the body of a request to a page. It is strict: a fault that
// does not come because of a misspelt name is hard to notice.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	return decodeStrictly(http.MaxBytesReader(w, r.Body, maxHeader), into)
}

// decodeStrictly reads one JSON value without members that into does not have.
func decodeStrictly(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the value")
	}
	return nil
}
