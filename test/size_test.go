package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The tests here see that size changes little: of a table, and of the number of
// tables. In the ordinary run they are small, and the bounds are for a loaded
// machine; `make size` runs them with a million items and ten thousand tables
// on a machine that does nothing else, and with the bounds of
// docs/performance.md.

// A scale is how large things are, and how much slower than promised they may
// be.
type scale struct {
	items, tables int
	lenient       float64
}

func sizes() scale {
	n, err := strconv.Atoi(os.Getenv("STATOR_TEST_ITEMS"))
	if err != nil {
		return scale{items: 12_000, tables: 300, lenient: 8}
	}
	return scale{items: n, tables: max(n/100, 100), lenient: 1}
}

// A caller sends requests of the JSON protocol over connections that it keeps.
type caller struct {
	url  string
	http *http.Client
}

func newCaller(url string) *caller {
	return &caller{url, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

func (c *caller) do(operation, body string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %.300s", operation, resp.StatusCode, answer)
	}
	return answer, err
}

func (c *caller) must(t *testing.T, operation, body string) []byte {
	t.Helper()
	answer, err := c.do(operation, body)
	ok(t, err)
	return answer
}

const bigTable = `{"TableName":"big","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"by","AttributeType":"S"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"GlobalSecondaryIndexes":[{"IndexName":"by-by","KeySchema":[{"AttributeName":"by","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}`

var filling = strings.Repeat("Whatever it is that people keep. ", 15)

// itemText is the item with a number: 20 share a partition.
func itemText(n int) string {
	return fmt.Sprintf(`{"pk":{"S":"p%d"},"sk":{"N":"%d"},"by":{"S":"b%d"},"later":{"S":"l%d"},"text":{"S":"%s"}}`, n/20, n%20, n/7, n%1000, filling)
}

// fill puts n items in batches of 25 from 8 connections, and returns the rate,
// in items a second, of each tenth.
func (c *caller) fill(t *testing.T, n int) (rates []float64) {
	t.Helper()
	var next, failed atomic.Int64
	tenths := make([]atomic.Int64, 10) // when the last batch of each was answered
	begin := time.Now()
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for failed.Load() == 0 {
				at := int(next.Add(25)) - 25
				if at >= n {
					return
				}
				var puts []string
				for i := at; i < min(at+25, n); i++ {
					puts = append(puts, `{"PutRequest":{"Item":`+itemText(i)+`}}`)
				}
				if _, err := c.do("BatchWriteItem", `{"RequestItems":{"big":[`+strings.Join(puts, ",")+`]}}`); err != nil {
					failed.Add(1)
					t.Error(err)
				}
				tenths[at*10/n].Store(int64(time.Since(begin)))
			}
		})
	}
	writers.Wait()
	last := time.Duration(0)
	for i := range tenths {
		at := time.Duration(tenths[i].Load())
		rates = append(rates, float64(n)/10/(at-last).Seconds())
		last = at
	}
	return rates
}

// medians sends each request alternately to both servers and returns the median
// time that each took.
func medians(t *testing.T, small, large *caller, operation string, body func(c *caller, i int) string) (a, b time.Duration) {
	t.Helper()
	const times = 400
	took := [2][]time.Duration{}
	for i := range times {
		for j, c := range []*caller{small, large} {
			text := body(c, i*7919)
			begin := time.Now()
			c.must(t, operation, text)
			took[j] = append(took[j], time.Since(begin))
		}
	}
	for j := range took {
		slices.Sort(took[j])
	}
	return took[0][times/2], took[1][times/2]
}

func TestATableOfAnySize(t *testing.T) {
	ownServer(t)
	size := sizes()
	t.Run("disk", func(t *testing.T) {
		dir := t.TempDir()
		aTableOfAnySize(t, size, dir, []string{"--data", t.TempDir()}, []string{"--data", dir})
	})
	t.Run("memory", func(t *testing.T) {
		aTableOfAnySize(t, size, "", []string{"--memory"}, []string{"--memory"})
	})
}

func aTableOfAnySize(t *testing.T, size scale, dir string, smallArgs, largeArgs []string) {
	smallItems := min(10_000, size.items/4)
	smallServer, largeServer := start(t, smallArgs...), start(t, largeArgs...)
	small, large := newCaller(smallServer.url), newCaller(largeServer.url)
	small.must(t, "CreateTable", bigTable)
	large.must(t, "CreateTable", bigTable)
	small.fill(t, smallItems)
	rates := large.fill(t, size.items)
	t.Logf("filled with %.0f items a second in each tenth", rates)
	slowest, median := slices.Min(rates), slices.Sorted(slices.Values(rates))[5]
	if slowest < median/2/size.lenient {
		t.Errorf("a tenth was filled at %.0f items a second, the median one at %.0f", slowest, median)
	}

	number := func(c *caller, i int) int {
		if c == small {
			return i % smallItems
		}
		return i % size.items
	}
	for _, c := range []struct {
		operation string
		body      func(c *caller, i int) string
	}{
		{"GetItem", func(c *caller, i int) string {
			n := number(c, i)
			return fmt.Sprintf(`{"TableName":"big","Key":{"pk":{"S":"p%d"},"sk":{"N":"%d"}}}`, n/20, n%20)
		}},
		{"PutItem", func(c *caller, i int) string { return `{"TableName":"big","Item":` + itemText(number(c, i)) + `}` }},
		{"Query", func(c *caller, i int) string {
			return fmt.Sprintf(`{"TableName":"big","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p%d"}}}`, number(c, i)/20)
		}},
		{"DescribeTable", func(*caller, int) string { return `{"TableName":"big"}` }},
	} {
		a, b := medians(t, small, large, c.operation, c.body)
		t.Logf("%s: %v with %d items, %v with %d", c.operation, a, smallItems, b, size.items)
		if float64(b) > 1.5*size.lenient*float64(a) {
			t.Errorf("%s takes %v in a table of %d items, and %v in one of %d", c.operation, a, smallItems, b, size.items)
		}
	}

	scanWhole(t, large, largeServer, size)
	addIndexUnderWrites(t, large, size)
	if dir != "" {
		largeServer = restartAtOnce(t, large, largeServer, largeArgs, size)
	}
	deleteAtOnce(t, large, largeServer, dir, size)
}

// scanWhole reads everything, page by page; the server needs no more memory for
// it.
func scanWhole(t *testing.T, c *caller, p *process, size scale) {
	t.Helper()
	before := resident(t, p)
	most, items, key := before, 0, ""
	begin := time.Now()
	for {
		var page struct {
			Count            int
			LastEvaluatedKey json.RawMessage
		}
		answer := c.must(t, "Scan", `{"TableName":"big"`+key+`}`)
		ok(t, json.Unmarshal(answer, &page))
		items += page.Count
		most = max(most, resident(t, p))
		if page.LastEvaluatedKey == nil {
			break
		}
		key = `,"ExclusiveStartKey":` + string(page.LastEvaluatedKey)
	}
	same(t, "scanned items", items, size.items)
	t.Logf("scanned %d items in %v; memory grew from %d MB to %d MB", items, time.Since(begin).Round(time.Millisecond), before>>20, most>>20)
	// Garbage may take as much as what is kept, which with --memory is all.
	if most > before+max(200<<20, before) {
		t.Errorf("a scan took %d MB", (most-before)>>20)
	}
}

// addIndexUnderWrites adds an index while writers write, and sees that none of
// them waits.
func addIndexUnderWrites(t *testing.T, c *caller, size scale) {
	t.Helper()
	type figures struct {
		n     int
		worst time.Duration
	}
	write := func(until func() bool) figures {
		var f figures
		for i := 0; !until(); i++ {
			begin := time.Now()
			c.must(t, "PutItem", `{"TableName":"big","Item":`+itemText(i*7919%size.items)+`}`)
			f.worst, f.n = max(f.worst, time.Since(begin)), f.n+1
		}
		return f
	}
	disk := watchDisk(t)
	begin := time.Now()
	quiet := write(func() bool { return time.Since(begin) > time.Second })
	begin = time.Now()
	c.must(t, "UpdateTable", `{"TableName":"big","AttributeDefinitions":[{"AttributeName":"later","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"later","KeySchema":[{"AttributeName":"later","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`)
	look := time.Now()
	busy := write(func() bool {
		if time.Since(look) < 50*time.Millisecond {
			return false
		}
		look = time.Now()
		return !bytes.Contains(c.must(t, "DescribeTable", `{"TableName":"big"}`), []byte(`"IndexStatus":"CREATING"`))
	})
	synced := disk()
	t.Logf("an index was added in %v; the slowest of %d writes meanwhile took %v, of %d before it %v; the slowest sync of a file beside it %v",
		time.Since(begin).Round(time.Millisecond), busy.n, busy.worst, quiet.n, quiet.worst, synced)
	if limit := time.Duration(50 * size.lenient * float64(time.Millisecond)); busy.worst > limit+synced && busy.worst > 2*quiet.worst {
		t.Errorf("a write took %v while an index was added", busy.worst)
	}
}

// watchDisk writes to a file of its own and syncs it, all the time, until it is
// called, and returns the longest that a sync took. Some disks let everybody wait
// for a third of a second now and then, and that is not stator's doing.
func watchDisk(t *testing.T) (worst func() time.Duration) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "watch"))
	ok(t, err)
	quit, done := make(chan struct{}), make(chan time.Duration)
	go func() {
		var slowest time.Duration
		pause := time.NewTicker(2 * time.Millisecond)
		defer pause.Stop()
		for {
			select {
			case <-quit:
				done <- slowest
				return
			case <-pause.C:
			}
			begin := time.Now()
			if _, err := file.WriteAt(make([]byte, 4096), 0); err != nil || file.Sync() != nil {
				t.Error("cannot write to the disk that is watched")
			}
			slowest = max(slowest, time.Since(begin))
		}
	}()
	return func() time.Duration {
		close(quit)
		slowest := <-done
		ok(t, file.Close())
		return slowest
	}
}

// restartAtOnce stops the server and starts it again.
func restartAtOnce(t *testing.T, c *caller, p *process, args []string, size scale) *process {
	t.Helper()
	p.stop(t)
	begin := time.Now()
	p = start(t, args...)
	c.url = p.url
	c.must(t, "GetItem", `{"TableName":"big","Key":{"pk":{"S":"p0"},"sk":{"N":"0"}}}`)
	took := time.Since(begin)
	t.Logf("the first answer came %v after the start", took.Round(time.Millisecond))
	if took > time.Duration(300*size.lenient*float64(time.Millisecond)) {
		t.Errorf("the first answer took %v", took)
	}
	return p
}

// deleteAtOnce deletes the table, and sees that its space comes back.
func deleteAtOnce(t *testing.T, c *caller, p *process, dir string, size scale) {
	t.Helper()
	before := space(t, dir)
	begin := time.Now()
	c.must(t, "DeleteTable", `{"TableName":"big"}`)
	took := time.Since(begin)
	if took > time.Duration(100*size.lenient*float64(time.Millisecond)) {
		t.Errorf("deleting the table took %v", took)
	}
	c.must(t, "CreateTable", bigTable) // the name is free at once
	if dir == "" {
		t.Logf("the table was deleted in %v", took)
		return
	}
	for poll := time.NewTicker(50 * time.Millisecond); space(t, dir) > before/5+64<<20; <-poll.C {
		if time.Since(begin) > time.Minute {
			t.Errorf("after a minute %d MB of %d MB are left of a table that was deleted", space(t, dir)>>20, before>>20)
			break
		}
	}
	t.Logf("the table was deleted in %v; of %d MB %d MB are left after %v", took, before>>20, space(t, dir)>>20, time.Since(begin).Round(time.Millisecond))
}

// space returns how many bytes the files of a directory take.
func space(t *testing.T, dir string) (n int64) {
	t.Helper()
	if dir == "" {
		return 0
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	ok(t, err)
	for _, file := range files {
		if info, err := os.Stat(file); err == nil { // it may be gone already
			n += info.Size()
		}
	}
	return n
}

// resident returns how much memory the process takes, in bytes.
func resident(t *testing.T, p *process) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	ok(t, err)
	_, line, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64)
	ok(t, err)
	return kilobytes << 10
}

func TestManyTables(t *testing.T) {
	ownServer(t)
	size := sizes()
	few, many := newCaller(start(t, "--data", t.TempDir(), "--fsync=interval").url), newCaller(start(t, "--data", t.TempDir(), "--fsync=interval").url)
	create := func(i int) string {
		return fmt.Sprintf(`{"TableName":"table-%05d","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`, i)
	}
	const fewTables = 10
	for i := range fewTables {
		few.must(t, "CreateTable", create(i))
	}
	begin := time.Now()
	for i := range size.tables {
		many.must(t, "CreateTable", create(i))
	}
	t.Logf("made %d tables in %v", size.tables, time.Since(begin).Round(time.Millisecond))
	number := func(c *caller, i int) int {
		if c == few {
			return i % fewTables
		}
		return i % size.tables
	}
	for _, c := range []struct {
		operation string
		body      func(c *caller, i int) string
	}{
		{"ListTables", func(*caller, int) string { return `{"Limit":10}` }},
		{"DescribeTable", func(c *caller, i int) string { return fmt.Sprintf(`{"TableName":"table-%05d"}`, number(c, i)) }},
		{"PutItem", func(c *caller, i int) string {
			return fmt.Sprintf(`{"TableName":"table-%05d","Item":{"pk":{"S":"%d"}}}`, number(c, i), i)
		}},
	} {
		a, b := medians(t, few, many, c.operation, c.body)
		t.Logf("%s: %v with %d tables, %v with %d", c.operation, a, fewTables, b, size.tables)
		if float64(b) > 1.5*size.lenient*float64(a) {
			t.Errorf("%s takes %v with %d tables, and %v with %d", c.operation, a, fewTables, b, size.tables)
		}
	}
}
