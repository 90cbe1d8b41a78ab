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

// reads reports whether the request leaves items as they are, whatever it is
// answered.
func (r request) reads() bool {
	switch r.op {
	case "GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan", "DescribeTable", "DescribeTimeToLive", "ListTagsOfResource", "TagResource", "UntagResource":
		return true
	case "ExecuteStatement":
		body, _ := r.body.(object)
		statement, _ := body["Statement"].(string)
		return strings.HasPrefix(statement, "SELECT ")
	}
	return slices.Contains(streamOperations, r.op)
}

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
	codes   string   // what became of the parts of a transaction or batch, one by one
	reasons []string // why those that failed did, and items
	body    string   // of a request that went well
}

func (a answer) String() string {
	if a.status == http.StatusOK {
		return "200 " + a.body
	}
	return fmt.Sprintf("%d %s: %s %s", a.status, a.kind, a.message, strings.Join(a.reasons, ", "))
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
	if r.op == records {
		return s.records(ctx, r.body.(string))
	}
	resp, err := s.send(ctx, r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	var body object
	switch err := json.Unmarshal(raw, &body); {
	case resp.StatusCode == http.StatusOK && len(raw) == 0: // operations on tags
	case err != nil:
		return answer{status: resp.StatusCode, kind: "no JSON", message: string(raw)}, nil
	case resp.StatusCode != http.StatusOK:
		return failure(resp.StatusCode, body), nil
	}
	s.learn(body)
	a := answer{status: http.StatusOK, body: text(comparable(r, body))}
	responses, _ := body["Responses"].([]any)
	for _, e := range responses { // of the statements of a batch
		response, _ := e.(object)
		failed, _ := response["Error"].(object)
		a.note(failed)
	}
	return a, nil
}

// post returns the body of an answer, which may be an error.
func (s server) post(ctx context.Context, r request) (body object, err error) {
	resp, err := s.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return body, json.NewDecoder(resp.Body).Decode(&body)
}

func (s server) send(ctx context.Context, r request) (*http.Response, error) {
	body := text(r.body)
	for name, own := range s.names {
		body = strings.ReplaceAll(body, `"`+name+`"`, `"`+own+`"`)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", target(r.op))
	req.Header.Set("X-Amz-Date", "20261122T120000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=differ/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0000000000000000000000000000000000000000000000000000000000000000")
	return http.DefaultClient.Do(req)
}

// learn keeps what the server calls a table that it has made, and its stream.
func (s server) learn(body object) {
	t, _ := body["TableDescription"].(object)
	name, _ := t["TableName"].(string)
	if arn, ok := t["TableArn"].(string); ok {
		s.names[tableOf+name] = arn
	}
	if arn, ok := t["LatestStreamArn"].(string); ok {
		s.names[streamOf+name] = arn
	}
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

// failure is the answer to a request that went wrong.
func failure(status int, body object) answer {
	kind, _ := body["__type"].(string)
	_, kind, _ = cutLast(kind, "#")
	a := answer{status: status, kind: kind, message: messageOf(body)}
	reasons, _ := body["CancellationReasons"].([]any)
	for _, r := range reasons {
		reason, _ := r.(object)
		a.note(reason)
	}
	if len(reasons) > 0 {
		a.message, _, _ = strings.Cut(a.message, " [") // the codes again
	}
	if it, ok := body["Item"]; ok { // that a condition refused
		a.reasons = append(a.reasons, text(sorted(it)))
	}
	return a
}

// note adds what became of one part of the request; nil is nothing bad.
func (a *answer) note(reason object) {
	code, _ := reason["Code"].(string)
	if code == "" {
		code = "None"
	}
	a.codes += code + " "
	if code != "None" {
		a.reasons = append(a.reasons, strings.TrimSpace(code+" "+messageOf(reason)))
	}
	if it, ok := reason["Item"]; ok {
		a.reasons = append(a.reasons, text(sorted(it)))
	}
}

// Operations whose answers are each server's own: only errors are compared.
var opaque = append([]string{"CreateTable", "UpdateTable", "DeleteTable", "ListTables"}, streamOperations...)

// comparable returns what has to be the same everywhere.
func comparable(r request, body object) any {
	if asked, ok := r.body.(object); slices.Contains(opaque, r.op) || ok && asked["TotalSegments"] != nil { // so are segments
		return nil
	}
	switch r.op {
	case "DescribeTable":
		return description(body)
	case "ExecuteStatement":
		sortItems(body["Items"])
		delete(body, "LastEvaluatedKey")
		delete(body, "NextToken")
	case "ListTagsOfResource":
		sortItems(body["Tags"])
	}
	if r.op == "Scan" { // in what order a scan goes is each server's own
		sortItems(body["Items"])
		if body["LastEvaluatedKey"] != nil {
			body["LastEvaluatedKey"] = "some"
		}
	}
	if r.op == "BatchGetItem" {
		if tables, ok := body["Responses"].(object); ok {
			for _, items := range tables {
				sortItems(items)
			}
		}
	}
	if all, ok := body["ConsumedCapacity"].([]any); ok {
		slices.SortFunc(all, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	}
	return sorted(body)
}

// description returns those members of a table's description that all servers
// show alike.
func description(body object) any {
	t, _ := body["Table"].(object)
	same := object{"KeySchema": t["KeySchema"], "AttributeDefinitions": t["AttributeDefinitions"]}
	sortItems(same["AttributeDefinitions"])
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		all, _ := t[kind].([]any)
		indexes := object{}
		for _, e := range all {
			ix, _ := e.(object)
			indexes[fmt.Sprint(ix["IndexName"])] = object{"KeySchema": ix["KeySchema"], "Projection": ix["Projection"]}
		}
		same[kind] = indexes
	}
	throughput, _ := t["ProvisionedThroughput"].(object)
	same["ReadCapacityUnits"], same["WriteCapacityUnits"] = throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]
	return same
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
