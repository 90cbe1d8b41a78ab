package job_test

import (
	"log/slog"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// What a killed load leaves is cleared away, and one that goes on is left alone.
func TestLoadsThatStandStill(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, 20)
		tab := w.tables(t)[0]
		before := w.keys(t)
		// Two loads of tables like this one.
		loads := map[string]*table.Table{}
		store := func(name string, beats uint64) {
			t.Helper()
			to := loads[name]
			err := w.store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
				tx.Set(table.LoadKey(name), table.Load{Beats: beats, IDs: []table.ID{to.Short()}}.Encode())
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var pairs int
		for _, name := range []string{"killed", "alive"} {
			to := tab.Clone()
			to.ID = table.NewID()
			if _, err := to.Encode(); err != nil {
				t.Fatal(err)
			}
			loads[name] = to
			err := w.store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
				pairs = 1 // the note
				for _, in := range tab.Contents(w.clock()) {
					for pair, err := range tx.Scan(in) {
						if err != nil {
							return err
						}
						space, rest := tab.Within(pair.Key)
						key, _ := to.At(space, rest)
						tx.Set(key, append([]byte(nil), pair.Value...))
						pairs++
					}
				}
				tx.Add(to.Counter(nil, table.Items), 20)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			store(name, 1)
		}
		runner := job.New(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
		once := func(want int) {
			t.Helper()
			if err := runner.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := w.keys(t); n != want {
				t.Errorf("%d pairs, want %d", n, want)
			}
		}
		once(before + 2*pairs)
		once(before + 2*pairs)
		runner.LoadsStandStill()
		store("alive", 2)
		once(before + pairs)
		once(before + pairs)
		runner.LoadsStandStill()
		once(before)
		w.view(t, func(r kv.Reader) error {
			totals, err := r.Sum(loads["killed"].Counter(nil, table.Items), tab.Counter(nil, table.Items))
			if err == nil && (totals[0] != 0 || totals[1] == 0) {
				t.Errorf("counters %v", totals)
			}
			return err
		})
	})
}
