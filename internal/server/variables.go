package server

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/statordb/stator/internal/fault"
)

// Variables returns a page, for Handle, that shows by GET the variables of
// LocalStack that can be changed while the server runs, and changes one by POST.
// Those are the chances of set.
func Variables(set *fault.Set) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			chances, shown := set.Chances(), map[string]float64{}
			for name, of := range variables {
				shown[name] = *of(&chances)
			}
			writeJSON(w, shown)
		case http.MethodPost:
			setVariable(w, r, set)
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
		}
	})
}

var variables = map[string]func(*fault.Chances) *float64{
	"DYNAMODB_ERROR_PROBABILITY":       func(c *fault.Chances) *float64 { return &c.Any },
	"DYNAMODB_READ_ERROR_PROBABILITY":  func(c *fault.Chances) *float64 { return &c.Read },
	"DYNAMODB_WRITE_ERROR_PROBABILITY": func(c *fault.Chances) *float64 { return &c.Write },
}

var variableName = regexp.MustCompile(`^[_a-zA-Z0-9]+$`)

func setVariable(w http.ResponseWriter, r *http.Request, set *fault.Set) {
	var in struct {
		Variable string `json:"variable"`
		Value    any    `json:"value"`
	}
	if err := readJSON(w, r, &in); err != nil {
		refuse(w, `want {"variable":"DYNAMODB_ERROR_PROBABILITY","value":0.5}`, err)
		return
	}
	if !variableName.MatchString(in.Variable) { // LocalStack's answer
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "{}")
		return
	}
	of := variables[in.Variable]
	if of == nil {
		refuse(w, in.Variable+" cannot be changed while the server runs; the chances of errors can, and GET shows them", nil)
		return
	}
	value, err := strconv.ParseFloat(fmt.Sprint(in.Value), 64) // "0.5" is a number, too
	if err != nil || !(value >= 0 && value <= 1) {
		refuse(w, "the value is not a number from 0 to 1", nil)
		return
	}
	set.ChangeChances(func(c *fault.Chances) { *of(c) = value })
	writeJSON(w, map[string]any{"variable": in.Variable, "value": value})
}
