package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// A server that has used up its memory says so, keeps what it has, and goes on
// when there is room again.
func TestFullMemory(t *testing.T) {
	ownServer(t)
	p := start(t, "--memory", "--memory-limit", "32MiB")
	c := newCaller(p.url)
	c.must(t, "CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"N"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
	text := strings.Repeat("x", 100_000)
	put := func(i int) error {
		_, err := c.do("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"N":"%d"},"text":{"S":"%s"}}}`, i, text))
		return err
	}
	n := 0
	for ; n < 1000; n++ {
		err := put(n)
		if err == nil {
			continue
		}
		for _, want := range []string{"500", "InternalServerError", "of memory for tables are used up", "--memory-limit"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		break
	}
	if n < 100 || n > 250 {
		t.Fatalf("%d items of 100 KB went into 22 MB", n)
	}
	for i := range n {
		c.must(t, "GetItem", fmt.Sprintf(`{"TableName":"tab","Key":{"pk":{"N":"%d"}}}`, i))
	}
	ok(t, put(0)) // in place of what is there
	c.must(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"N":"1"}}}`)
	ok(t, put(n))
	if memory := resident(t, p); memory > 100<<20 {
		t.Errorf("the server takes %d MB", memory>>20)
	}
}
