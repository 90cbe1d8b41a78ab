package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answer sends a request that must be answered well, and decodes the answer.
func (w *world) answer(t testing.TB, operation string, in m) (out m) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(w.do(operation, string(body)), "200 ")
	if !ok {
		t.Fatalf("%s %s: %s", operation, body, text)
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// let keeps a member of an answer, or its first element, under a name.
func (w *world) let(t *testing.T, name, member, request string) string {
	verb, body, _ := strings.Cut(request, " ")
	answer := w.do(verb, expand(body))
	text, ok := strings.CutPrefix(answer, "200 ")
	if !ok {
		return abridge(tidy(answer))
	}
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	value := memberOf(out, strings.Split(member, "."))
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	kept, ok := value.(string)
	if !ok {
		return tidy(fmt.Sprintf("%s: no %s", text, member))
	}
	if w.kept == nil {
		w.kept = map[string]string{}
	}
	w.kept[name] = kept
	return "ok"
}

// members returns a list in an answer.
func members(out m, name string) (list []m) {
	values, _ := out[name].([]any)
	for _, v := range values {
		list = append(list, v.(m))
	}
	return list
}

// shards returns the shards of a stream, by pages.
func (w *world) shards(t testing.TB, arn string) (list []m) {
	t.Helper()
	in := m{"StreamArn": arn, "Limit": 3}
	for {
		d := w.answer(t, "DescribeStream", in)["StreamDescription"].(m)
		list = append(list, members(d, "Shards")...)
		last, more := d["LastEvaluatedShardId"]
		if !more {
			return list
		}
		in["ExclusiveStartShardId"] = last
	}
}

// records reads a shard from its oldest record to its end, a few at a time.
func (w *world) records(t testing.TB, arn string, shard m, limit int) (list []m) {
	t.Helper()
	it := w.answer(t, "GetShardIterator", m{"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"})["ShardIterator"]
	for empty := 0; it != nil && empty < 2; {
		out := w.answer(t, "GetRecords", m{"ShardIterator": it, "Limit": limit})
		page := members(out, "Records")
		if len(page) > limit {
			t.Fatalf("%d records, of %d at most", len(page), limit)
		}
		if list = append(list, page...); len(page) == 0 {
			empty++
		}
		it = out["NextShardIterator"]
	}
	_, closed := shard["SequenceNumberRange"].(m)["EndingSequenceNumber"]
	if closed != (it == nil) {
		t.Errorf("shard %v: closed is %t, its last iterator %v", shard["ShardId"], closed, it)
	}
	checkNumbers(t, shard, list)
	return list
}

// checkNumbers checks that the sequence numbers of a shard's records grow within
// its range.
func checkNumbers(t testing.TB, shard m, records []m) {
	t.Helper()
	bounds := shard["SequenceNumberRange"].(m)
	last := bounds["StartingSequenceNumber"].(string)
	for _, r := range records {
		n := r["dynamodb"].(m)["SequenceNumber"].(string)
		if n <= last || len(n) != len(last) {
			t.Errorf("sequence number %s comes after %s", n, last)
		}
		last = n
	}
	if end, closed := bounds["EndingSequenceNumber"]; closed && len(records) > 0 && end != last {
		t.Errorf("shard %v ends with %s: %v", shard["ShardId"], last, bounds)
	}
}

// stream shows the records of a table's latest stream, a line for each shard and
// each record.
func (w *world) stream(t *testing.T, name string) string {
	table, answer := w.description(t, name)
	if table == nil {
		return answer
	}
	arn := table["LatestStreamArn"].(string)
	var lines []string
	for _, shard := range w.shards(t, arn) {
		line := fmt.Sprint(shard["ShardId"])
		if parent, ok := shard["ParentShardId"]; ok {
			line += fmt.Sprint(" after ", parent)
		}
		if _, closed := shard["SequenceNumberRange"].(m)["EndingSequenceNumber"]; closed {
			line += " closed"
		}
		lines = append(lines, line)
		all := w.records(t, arn, shard, 1000)
		if diff := cmp.Diff(all, w.records(t, arn, shard, 2)); diff != "" {
			t.Error(diff)
		}
		for _, r := range all {
			change := r["dynamodb"].(m)
			line := fmt.Sprint("  ", r["eventName"])
			for _, part := range []string{"Keys", "OldImage", "NewImage"} {
				if image, ok := change[part]; ok {
					b, err := json.Marshal(image)
					if err != nil {
						t.Fatal(err)
					}
					line += fmt.Sprintf(" %s %s", part, b)
				}
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
