package hook_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/statordb/stator/internal/hook"
)

// Whatever is in a file, it is carried out or refused.
func FuzzDocument(f *testing.F) {
	f.Add("a.yaml", template)
	f.Add("a.json", createMusic)
	f.Add("a.json", `{"Table":{"TableName":"a","Replicas":[{"RegionName":"b"}],"GlobalSecondaryIndexes":[{}],"SSEDescription":{"Status":"ENABLED"}}}`)
	f.Add("a.json", `[{"TableName":"a","Items":[1]},{"a":[{"PutRequest":{}}]}]`)
	f.Add("a.sql", "INSERT INTO a VALUE {'a': 'b''c'}; -- d\nDELETE")
	f.Fuzz(func(t *testing.T, name, text string) {
		switch name {
		case "a.yaml", "a.json", "a.sql":
		default:
			return
		}
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "ready.d"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "ready.d", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		r := hook.New(hook.Config{
			Dir: dir, Region: "us-east-1", Account: "000000000000", Log: slog.New(slog.DiscardHandler),
			Do: func(_ context.Context, _, operation string, _ []byte) ([]byte, error) {
				n++
				if operation == "DescribeTable" {
					return []byte(`{"Table":{"TableStatus":"ACTIVE"}}`), nil
				}
				return []byte(`{}`), nil
			},
		})
		r.Run(t.Context(), hook.Ready)
		if _, scripts := r.Status(hook.Ready); scripts[0].State == hook.Running {
			t.Error("it still runs")
		}
	})
}
