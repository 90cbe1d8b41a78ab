package job_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/table"
)

const addReplica = `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`

// in sends a request to a region and returns the error's text, if any.
func (w *world) in(region, operation, format string, args ...any) (string, error) {
	out, err := w.db.Do(context.Background(), dynamodb.Call{
		Account: "000000000000", Region: region, Target: "DynamoDB_20120810",
		Operation: operation, Body: fmt.Appendf(nil, format, args...),
	}, nil)
	return string(out), err
}

// Wherever filling a replica is stopped, it can be gone on with. Until it is
// full nobody reads it, and neither it nor what it is filled from can be deleted.
func TestFillingAReplicaResumes(t *testing.T) {
	const items = 250 // in three commits, and one more to end
	for stop := range 5 {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
				w.do(t, "CreateTable", createTable)
				w.fill(t, items)
				w.do(t, "UpdateTable", addReplica)
				if err := w.once(&faulty{w.store, stop}); (err == nil) != (stop == 4) {
					t.Fatalf("stopped after %d commits: %v", stop, err)
				}
				w.check(t)
				for i := range items {
					if i%7 == 0 {
						w.put(t, i+1)
					}
				}
				if stop < 4 {
					_, read := w.in("eu-west-1", "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"p1"},"sk":{"S":"s"}}}`)
					_, there := w.in("eu-west-1", "DeleteTable", deleteTable)
					_, here := w.in("us-east-1", "DeleteTable", deleteTable)
					_, more := w.in("us-east-1", "UpdateTable", "%s", strings.Replace(addReplica, "eu-west-1", "eu-west-2", 1))
					for i, err := range []error{read, there, here, more} {
						if err == nil || !strings.Contains(err.Error(), []string{"not found", "being created", "in use", "is being added"}[i]) {
							t.Errorf("request %d: %v", i, err)
						}
					}
				}
				w.check(t)
				if err := w.once(w.store); err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(w.tables(t), func(tab *table.Table) bool { return tab.Filling != nil }) {
					t.Error("the replica is not filled")
				}
				w.check(t)
				if out, err := w.in("eu-west-1", "Scan", `{"TableName":"tab","Select":"COUNT"}`); err != nil || !strings.Contains(out, `"Count":25`) {
					t.Errorf("the replica has %s, %v", out, err)
				}
				if _, err := w.in("us-east-1", "DeleteTable", deleteTable); err != nil {
					t.Error(err)
				}
				w.check(t)
			})
		})
	}
}

// A replica is filled while items come, change, expire and go.
func TestWritersWhileAReplicaIsFilled(t *testing.T) {
	const items = 350
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, items)
		w.do(t, "UpdateTimeToLive", enableTTL)
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		w.do(t, "UpdateTable", addReplica)
		r := rand.New(rand.NewPCG(1, 2))
		err := w.once(&hooked{w.store, func(locked bool) {
			if locked {
				return
			}
			for range 40 {
				n := r.IntN(items + 10)
				switch r.IntN(4) {
				case 0:
					w.putUntil(t, n, time.Duration(r.IntN(100))*time.Second)
				case 1:
					w.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}}`, n)
				case 2:
					w.do(t, "UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`, n)
				default:
					w.put(t, n)
				}
			}
			w.advance(time.Second)
		}})
		if err != nil {
			t.Fatal(err)
		}
		w.check(t)
		w.advance(time.Hour)
		if n := w.expire(t, w.store); n == 0 {
			t.Error("nothing has expired")
		}
		w.check(t)
		if n := w.expire(t, w.store); n != 0 {
			t.Errorf("%d items expired in the second region, too", n)
		}
	})
}

// An item expires once, whichever replica's queue is looked through first, and
// wherever that is stopped.
func TestExpiryInReplicas(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.do(t, "UpdateTimeToLive", enableTTL)
		w.do(t, "UpdateTable", addReplica)
		for i := range 60 {
			w.putUntil(t, i, time.Minute)
		}
		w.advance(2 * time.Minute)
		first, err := job.Expire(t.Context(), &faulty{w.store, 1}, w.clock)
		if !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		w.check(t)
		if rest := w.expire(t, w.store); first == 0 || first+rest != 60 {
			t.Errorf("%d and %d of 60 items expired", first, rest)
		}
		w.check(t)
	})
}
