package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// Each second has an event with what was done in it.
func TestUsageIsToldEverySecond(t *testing.T) {
	requests := uint64(0) // as many more each second as there are seconds
	seconds := uint64(0)
	sample := func(context.Context) (*dynamodb.Sample, error) {
		requests += seconds
		seconds++
		done := dynamodb.Activity{
			Operations: map[string]dynamodb.Latencies{"PutItem": {0, requests}},
			Errors:     map[string]uint64{"ThrottlingException": requests},
		}
		return &dynamodb.Sample{At: time.Now(), Tables: []dynamodb.TableSample{
			{Account: "1", Region: "r", Table: "busy", Items: int64(requests), Activity: done},
			{Account: "1", Region: "r", Table: "idle", Items: 3},
		}}, nil
	}
	server := func() *Server {
		return newEvents(func(ctx context.Context, e *events) error { return sendUsage(ctx, sample, e) })
	}
	inBubble(t, server, func(t *testing.T, _ *Server, l *pipeListener) {
		conn := l.dial()
		defer conn.Close()
		if _, err := io.WriteString(conn, askForEvents); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		start, lines := time.Now(), bufio.NewScanner(resp.Body)
		for n := 1; n <= 3 && lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var got shownUsage
			if err := json.Unmarshal([]byte(data), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Tables) != 1 || got.Seconds == nil {
				t.Fatal(data)
			}
			busy := got.Tables[0]
			text := fmt.Sprint(*got.Seconds, busy.Table, busy.Operations["PutItem"], busy.Errors)
			if want := fmt.Sprintf("1busy{%d 1 1} map[ThrottlingException:%[1]d]", n); text != want || time.Since(start) != time.Duration(n)*time.Second {
				t.Errorf("after %v: %s, want %s", time.Since(start), text, want)
			}
			n++
		}
		conn.Close() // or closing the body would read on
	})
}
