package pebblekv

import (
	"cmp"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// An Update that writes nothing, or fails, waits for the sync of what it has
// seen: its caller may have been told that a pair is gone, and a crash must not
// bring it back.
func TestUpdateWithoutWritesWaitsForWhatItHasSeen(t *testing.T) {
	refused := errors.New("refused")
	for _, want := range []error{nil, refused} {
		synctest.Test(t, func(t *testing.T) {
			fs := newFailingFS(vfs.NewMem())
			s := mustOpen(t, fs, "data", Options{})
			goOn := make(chan struct{})
			fs.fail(func(call, name string) error {
				if call == "sync" && strings.HasSuffix(name, ".log") {
					<-goOn
				}
				return nil
			})
			wrote, saw := make(chan error, 1), make(chan error, 1)
			go func() {
				wrote <- s.Update(ctx, kv.Locks{Hold: [][]byte{[]byte("a")}}, func(tx kv.Tx) error {
					tx.Set([]byte("a"), []byte("1"))
					return nil
				})
			}()
			synctest.Wait()
			go func() {
				saw <- s.Update(ctx, kv.Locks{Hold: [][]byte{[]byte("a")}}, func(tx kv.Tx) error {
					values, err := tx.Get([]byte("a"))
					if err == nil && values[0] == nil {
						t.Error("a commit is invisible until it is synced")
					}
					return cmp.Or(err, want)
				})
			}()
			synctest.Wait()
			select {
			case err := <-saw:
				t.Errorf("an Update has seen what is not on the disk, and returned %v", err)
			default:
			}
			close(goOn)
			if err := errors.Join(<-wrote, s.Close()); err != nil {
				t.Error(err)
			}
			select {
			case err := <-saw:
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			default:
			}
		})
	}
}
