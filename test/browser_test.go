package e2e

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// The Resource Browser shows the tables of all regions, and says what to do when
// there are none.
func TestResourceBrowser(t *testing.T) {
	ownServer(t)
	chromium := require(t, "chromium", "chromium-browser", "google-chrome")
	t.Parallel()
	url := start(t, "--memory").url // which has no tables yet
	page := func(path string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), sessionTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
			"--virtual-time-budget=3000", "--dump-dom", url+path)
		out, err := cmd.Output()
		ok(t, err)
		return string(out)
	}
	has := func(page string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(page, text) {
				t.Errorf("%q is not on the page\n%s", text, page)
			}
		}
	}
	has(page("/_ui/"), "There are no tables yet", "aws dynamodb create-table --endpoint-url "+url)
	for _, in := range []string{"us-east-1", "eu-west-1"} {
		a := ask(t.Context(), url, in, "CreateTable", m{
			"TableName": "music-in-" + in, "BillingMode": "PAY_PER_REQUEST",
			"AttributeDefinitions": []m{{"AttributeName": "pk", "AttributeType": "S"}},
			"KeySchema":            []m{{"AttributeName": "pk", "KeyType": "HASH"}},
		})
		if a.fate != done {
			t.Fatal(a)
		}
	}
	has(page("/_ui/"), "music-in-us-east-1", "music-in-eu-west-1", "2 tables, 0 items", "All regions (2)", "Actions")
	has(page("/_ui/#/create"), "Partition key", "Global index", `"BillingMode": "PAY_PER_REQUEST"`)
}
