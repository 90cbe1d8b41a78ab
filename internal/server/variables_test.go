package server

import (
	"fmt"
	"testing"

	"github.com/statordb/stator/internal/fault"
)

func TestVariablesPage(t *testing.T) {
	set := fault.New(nil)
	p := page{New(Config{}), "/_localstack/config"}
	p.Handle(p.path, Variables(set))
	shown := func(any, read, write string) string {
		return fmt.Sprintf(`200 {"DYNAMODB_ERROR_PROBABILITY":%s,"DYNAMODB_READ_ERROR_PROBABILITY":%s,"DYNAMODB_WRITE_ERROR_PROBABILITY":%s}`, any, read, write)
	}
	p.expect(t, "GET", "", shown("0", "0", "0"))
	p.expect(t, "POST", `{"variable":"DYNAMODB_ERROR_PROBABILITY","value":"0.5"}`, `200 {"value":0.5,"variable":"DYNAMODB_ERROR_PROBABILITY"}`)
	p.expect(t, "POST", `{"variable":"DYNAMODB_READ_ERROR_PROBABILITY","value":1}`, `200 {"value":1,"variable":"DYNAMODB_READ_ERROR_PROBABILITY"}`)
	p.expect(t, "POST", `{"variable":"DYNAMODB_WRITE_ERROR_PROBABILITY","value":0.25}`, `200 {"value":0.25,"variable":"DYNAMODB_WRITE_ERROR_PROBABILITY"}`)
	p.expect(t, "GET", "", shown("0.5", "1", "0.25"))
	if want := (fault.Chances{Any: .5, Read: 1, Write: .25}); set.Chances() != want {
		t.Errorf("got %+v, want %+v", set.Chances(), want)
	}
	for _, name := range []string{"", "a-b", "A B"} {
		p.expect(t, "POST", `{"variable":"`+name+`","value":1}`, "400 {}")
	}
	p.refuses(t, "POST", map[string]string{
		"":                               `want {"variable"`,
		"[]":                             `want {"variable"`,
		`{"name":"DEBUG"}`:               `want {"variable"`,
		`{"variable":"DEBUG","value":1}`: "DEBUG cannot be changed while the server runs",
		`{"variable":"DYNAMODB_ERROR_PROBABILITY"}`:               "not a number from 0 to 1",
		`{"variable":"DYNAMODB_ERROR_PROBABILITY","value":2}`:     "not a number from 0 to 1",
		`{"variable":"DYNAMODB_ERROR_PROBABILITY","value":"NaN"}`: "not a number from 0 to 1",
		`{"variable":"DYNAMODB_ERROR_PROBABILITY","value":true}`:  "not a number from 0 to 1",
	})
	p.closed(t, `{"variable":"DYNAMODB_ERROR_PROBABILITY","value":0}`, "POST")
}
