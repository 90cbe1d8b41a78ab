package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// An object is a JSON object.
type object = map[string]any

// A request is an operation's name and the JSON that is sent, which need not be
// an object.
type request struct {
	op   string
	body any
}

func (r request) String() string { return r.op + " " + text(r.body) }

func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// An answer is what a server said, as far as it can be compared.
type answer struct {
	status  int
	kind    string // the exception's name
	message string
	body    string // of a request that went well
}

func (a answer) String() string {
	if a.status == http.StatusOK {
		return "200 " + a.body
	}
	return fmt.Sprintf("%d %s: %s", a.status, a.kind, a.message)
}

// ask sends a request to all servers at once.
func (d *differ) ask(ctx context.Context, r request) ([]answer, error) {
	answers := make([]answer, len(d.servers))
	errs := make([]error, len(d.servers))
	var all sync.WaitGroup
	for i, s := range d.servers {
		all.Go(func() { answers[i], errs[i] = s.ask(ctx, r) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", d.servers[i].name, r.op, err)
		}
	}
	return answers, nil
}

func (s server) ask(ctx context.Context, r request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(text(r.body)))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+r.op)
	req.Header.Set("X-Amz-Date", "20261122T120000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=differ/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	var body object
	if err := json.Unmarshal(raw, &body); err != nil {
		return answer{status: resp.StatusCode, kind: "no JSON", message: string(raw)}, nil
	}
	if resp.StatusCode != http.StatusOK {
		kind, _ := body["__type"].(string)
		_, kind, _ = cutLast(kind, "#")
		return answer{status: resp.StatusCode, kind: kind, message: messageOf(body) + reasons(body)}, nil
	}
	return answer{status: http.StatusOK, body: text(comparable(r.op, body))}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

func messageOf(body object) string {
	for _, name := range []string{"message", "Message"} {
		if m, ok := body[name].(string); ok {
			return m
		}
	}
	return ""
}

// reasons are those for which a transaction was cancelled, and the item that a
// condition refused.
func reasons(body object) string {
	var b strings.Builder
	for _, name := range []string{"CancellationReasons", "Item"} {
		if v, ok := body[name]; ok {
			b.WriteString(" " + name + ":" + text(sorted(v)))
		}
	}
	return b.String()
}

// Operations whose answers describe tables: servers show different members of
// them, and only errors are compared.
var descriptions = []string{"CreateTable", "UpdateTable", "DescribeTable", "DeleteTable", "ListTables"}

// comparable returns what has to be the same everywhere.
func comparable(op string, body object) any {
	if slices.Contains(descriptions, op) {
		return nil
	}
	if op == "Scan" { // in what order a scan goes is each server's own
		sortItems(body["Items"])
		if body["LastEvaluatedKey"] != nil {
			body["LastEvaluatedKey"] = "some"
		}
	}
	if op == "BatchGetItem" {
		if tables, ok := body["Responses"].(object); ok {
			for _, items := range tables {
				sortItems(items)
			}
		}
	}
	delete(body, "ItemCollectionMetrics") // estimates
	if all, ok := body["ConsumedCapacity"].([]any); ok {
		slices.SortFunc(all, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	}
	return sorted(body)
}

func sortItems(v any) {
	if items, ok := v.([]any); ok {
		slices.SortFunc(items, func(a, b any) int { return cmp.Compare(text(sorted(a)), text(sorted(b))) })
	}
}

// sorted sorts the members of sets.
func sorted(v any) any {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			if set, ok := member.([]any); ok && len(v) == 1 && (name == "SS" || name == "NS" || name == "BS") {
				slices.SortFunc(set, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
			} else {
				sorted(member)
			}
		}
	case []any:
		for _, e := range v {
			sorted(e)
		}
	}
	return v
}
