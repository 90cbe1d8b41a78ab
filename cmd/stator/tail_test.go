package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// createStream creates tab with a stream and returns the stream's ARN.
func (r *running) createStream(t *testing.T) string {
	t.Helper()
	r.do(t, "CreateTable", strings.TrimSuffix(plainTable, "}")+`,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
	_, arn, _ := strings.Cut(r.do(t, "DescribeTable", `{"TableName":"tab"}`), `"LatestStreamArn":"`)
	arn, _, _ = strings.Cut(arn, `"`)
	return arn
}

// follow asks for the events of a stream after the one with an ID, from now on if
// that is empty.
func (r *running) follow(t *testing.T, arn, after string) *bufio.Scanner {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+r.addr+"/_admin/streams/tail?arn="+url.QueryEscape(arn), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", after)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return bufio.NewScanner(resp.Body)
}

// event returns the ID and the data of the next event of a kind.
func event(t *testing.T, lines *bufio.Scanner, kind string) (id, data string) {
	t.Helper()
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); {
		case name == "id":
			id = value
		case name == "data":
			data = value
		case name == "event" && value != kind:
			t.Fatalf("a %s, not a %s", value, kind)
		case name == "" && (kind == "" || data != ""):
			return id, data
		}
	}
	t.Fatalf("no %s: %v", kind, lines.Err())
	return "", ""
}

// A stream can be followed over HTTP: from a table's first change on, and again
// after the last that was seen, until the server ends.
func TestStreamTail(t *testing.T) {
	r := start(t, []string{"--memory"})
	arn := r.createStream(t)
	lines := r.follow(t, arn, "")
	event(t, lines, "") // says when to come again
	if begin, _ := event(t, lines, ""); !strings.HasPrefix(begin, "shardId-") {
		t.Errorf("it begins after %q", begin)
	}
	r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`)
	id, data := event(t, lines, "record")
	if !strings.Contains(data, `"Keys":{"pk":{"S":"a"}}`) || !strings.Contains(data, `"eventName":"INSERT"`) {
		t.Error(data)
	}
	r.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`)
	lines = r.follow(t, arn, id)
	event(t, lines, "")
	if _, data := event(t, lines, "record"); !strings.Contains(data, `"eventName":"REMOVE"`) {
		t.Error(data)
	}
	r.ask(t, "POST", "/_admin/reset", "")
	if _, data := event(t, lines, "error"); !strings.Contains(data, "ResourceNotFoundException") || !strings.Contains(data, arn) {
		t.Error(data)
	}
	if lines.Scan() {
		t.Errorf("after the error: %s", lines.Text())
	}
	if got := r.ask(t, "GET", "/_admin/streams/tail?arn="+url.QueryEscape(arn), ""); !strings.HasPrefix(got, "400 ") || !strings.Contains(got, "ResourceNotFoundException") {
		t.Error(got)
	}
	r.signal(t, os.Interrupt)
	if status := r.end(t); status != 0 {
		t.Errorf("status %d", status)
	}
}

// Whoever comes again with the ID of the last event, after any of them and while the
// table is written, misses nothing and gets nothing twice.
func TestStreamTailGoesOnAfterABreak(t *testing.T) {
	const writes = 300
	r := start(t, []string{"--memory", "--stream-shards=3"})
	arn := r.createStream(t)
	lines := r.follow(t, arn, "")
	event(t, lines, "")
	after, _ := event(t, lines, "") // where it begins
	var writer sync.WaitGroup
	defer writer.Wait()
	writer.Go(func() {
		for n := range writes {
			if got := r.ask(t, "POST", "/", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"n":{"N":"%d"}}}`, n%7, n),
				"X-Amz-Target: DynamoDB_20120810.PutItem", "Content-Type: application/x-amz-json-1.0",
				"Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"); !strings.HasPrefix(got, "200") {
				t.Error(got)
				return
			}
		}
	})
	seen, breaks, random := map[string]bool{}, 0, rand.New(rand.NewPCG(1, 2))
	for left := 0; len(seen) < writes; left-- {
		if left == 0 {
			left = 1 + random.IntN(20)
			breaks++
			lines = r.follow(t, arn, after)
			event(t, lines, "")
		}
		id, data := event(t, lines, "record")
		after = id
		var change struct{ EventID string }
		if err := json.Unmarshal([]byte(data), &change); err != nil || change.EventID == "" || seen[change.EventID] {
			t.Fatalf("after %d events: %s, %v", len(seen), data, err)
		}
		seen[change.EventID] = true
	}
	if breaks < 10 {
		t.Errorf("only %d breaks", breaks)
	}
}

// Who follows a stream does not keep the server from ending.
func TestStreamTailEndsWithTheServer(t *testing.T) {
	r := start(t, []string{"--memory"})
	resp, err := http.Get("http://" + r.addr + "/_admin/streams/tail?arn=" + url.QueryEscape(r.createStream(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	r.signal(t, os.Interrupt)
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the events end with %v", err)
	}
	if status := r.end(t); status != 0 || strings.Contains(r.errOut.String(), "cut off") {
		t.Errorf("status %d: %s", status, r.errOut.String())
	}
}
