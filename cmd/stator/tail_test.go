package main

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
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

// A stream can be followed over HTTP: from a table's first change on, and again
// after the last that was seen, until the server ends.
func TestStreamTail(t *testing.T) {
	r := start(t, []string{"--memory"})
	arn := r.createStream(t)
	page := "http://" + r.addr + "/_admin/streams/tail?arn=" + url.QueryEscape(arn)
	follow := func(after string) *bufio.Scanner {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", page, nil)
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
	event := func(lines *bufio.Scanner, kind string) (id, data string) {
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
	lines := follow("")
	event(lines, "") // says when to come again
	if begin, _ := event(lines, ""); !strings.HasPrefix(begin, "shardId-") {
		t.Errorf("it begins after %q", begin)
	}
	r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`)
	id, data := event(lines, "record")
	if !strings.Contains(data, `"Keys":{"pk":{"S":"a"}}`) || !strings.Contains(data, `"eventName":"INSERT"`) {
		t.Error(data)
	}
	r.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`)
	lines = follow(id)
	event(lines, "")
	if _, data := event(lines, "record"); !strings.Contains(data, `"eventName":"REMOVE"`) {
		t.Error(data)
	}
	r.ask(t, "POST", "/_admin/reset", "")
	if _, data := event(lines, "error"); !strings.Contains(data, "ResourceNotFoundException") || !strings.Contains(data, arn) {
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
