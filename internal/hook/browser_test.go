package hook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The templates that the Resource Browser shows make the tables that it makes.
func TestBrowserTemplates(t *testing.T) {
	const dir = "../../ui/src/definition/testdata"
	files, err := filepath.Glob(dir + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "there are no templates in ", dir)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			var wanted struct {
				Definition map[string]any
				TimeToLive string
				Replicas   []struct{ Region, Class, Key string }
				Strong     *struct{ Witness string }
			}
			if err := json.Unmarshal(read(t, dir+"/"+name+".json"), &wanted); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			asked := map[string][]map[string]any{}
			w.Do = func(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
				request := map[string]any{}
				if err := json.Unmarshal(body, &request); err != nil {
					t.Error(err)
				}
				asked[operation] = append(asked[operation], request)
				return w.do(ctx, region, operation, body)
			}
			for line := range strings.Lines(w.succeeds("stack.yaml", string(read(t, file)))) {
				// Replicas begin with the throughput of the table that they are made of.
				if strings.Contains(line, "not understood") && !strings.Contains(line, "property=Replicas.") {
					t.Error(line)
				}
			}
			if d := cmp.Diff([]map[string]any{wanted.Definition}, asked["CreateTable"]); d != "" {
				t.Errorf("CreateTable (-want +got):\n%s", d)
			}
			expires := ""
			for _, request := range asked["UpdateTimeToLive"] {
				spec, _ := request["TimeToLiveSpecification"].(map[string]any)
				expires, _ = spec["AttributeName"].(string)
			}
			if expires != wanted.TimeToLive {
				t.Errorf("time to live %q, want %q", expires, wanted.TimeToLive)
			}
			table, _ := wanted.Definition["TableName"].(string)
			strong := w.describe("us-east-1", table)
			if got := strong["MultiRegionConsistency"] == "STRONG"; got != (wanted.Strong != nil) {
				t.Errorf("strongly consistent: %t", got)
			}
			if s := wanted.Strong; s != nil && !strings.Contains(fmt.Sprint(strong["GlobalTableWitnesses"]), s.Witness) {
				t.Errorf("witnesses %v, want %s", strong["GlobalTableWitnesses"], s.Witness)
			}
			for _, r := range wanted.Replicas {
				d := w.describe(r.Region, table)
				if sse, _ := d["SSEDescription"].(map[string]any); r.Key != "" && sse["KMSMasterKeyArn"] != r.Key {
					t.Errorf("encryption in %s: %v, want %s", r.Region, sse, r.Key)
				}
				class, _ := d["TableClassSummary"].(map[string]any)
				want := r.Class
				if want == "" {
					want, _ = wanted.Definition["TableClass"].(string)
				}
				if got, _ := class["TableClass"].(string); got != want {
					t.Errorf("class in %s: %q, want %q", r.Region, got, want)
				}
			}
		})
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
