package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/statordb/stator/internal/kv"
)

var writeChecks = []check{
	{"a commit is visible to those who come later", commitIsVisible},
	{"an update that fails writes nothing", failureWritesNothing},
	{"a tx does not see its own writes", txDoesNotSeeItsWrites},
	{"the last write of a tx wins", lastWriteWins},
	{"delete range deletes pairs and counters", deleteRangeDeletes},
	{"delete range spares the writes of its own update", deleteRangeSparesOwnWrites},
	{"keys and values given are not changed", givenSlicesAreNotChanged},
	{"concurrent updates without locks all commit", blindUpdatesCommit},
}

// everything makes one write of each kind.
func everything(tx kv.Tx) {
	tx.Set(b("a"), b("new"))
	tx.Set(b("c"), b("new"))
	tx.Delete(b("b"))
	tx.DeleteRange(b("r"), b("s"))
	tx.Append(b("log"), b("new"))
	tx.Add(b("n"), 5)
}

// before sets up what everything changes; unchanged sees whether it did.
func before(tx kv.Tx) {
	for _, k := range []string{"a", "b", "r1", "r2"} {
		tx.Set(b(k), b("old"))
	}
	tx.Add(b("n"), 1)
	tx.Add(b("r3"), 1)
}

func unchanged(r kv.Reader) error {
	return errors.Join(
		wantGet(r, "a=old", "c", "b=old", "r1=old"),
		wantScan(r, kv.Range{}, "a=old", "b=old", "r1=old", "r2=old"),
		wantSum(r, "n=1", "r3=1"),
	)
}

func commitIsVisible(ctx context.Context, s kv.Store) error {
	for i := range 20 {
		pair := fmt.Sprintf("a=%d", i)
		err := inOrder(
			func() error { return set(ctx, s, pair) },
			func() error { return wantAll(ctx, s, pair) },
			func() error { return s.Update(ctx, hold("a"), func(tx kv.Tx) error { return wantGet(tx, pair) }) },
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func failureWritesNothing(ctx context.Context, s kv.Store) error {
	if err := write(ctx, s, before); err != nil {
		return err
	}
	failure := errors.New("failure of the caller")
	// Twice: the first must not leave the lock behind.
	for range 2 {
		err := s.Update(ctx, hold("a"), func(tx kv.Tx) error {
			everything(tx)
			return failure
		})
		if err := wantError("update", err, failure); err != nil {
			return err
		}
	}
	err := s.View(ctx, func(r kv.Reader) error {
		if err := unchanged(r); err != nil {
			return err
		}
		return failure
	})
	return wantError("view", err, failure)
}

func txDoesNotSeeItsWrites(ctx context.Context, s kv.Store) error {
	if err := write(ctx, s, before); err != nil {
		return err
	}
	return s.Update(ctx, hold("a", "b", "c"), func(tx kv.Tx) error {
		everything(tx)
		return unchanged(tx)
	})
}

func lastWriteWins(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "old1=x", "old2=x", "old3=x", "old4=x"); err != nil {
		return err
	}
	err := write(ctx, s, func(tx kv.Tx) {
		tx.Set(b("old1"), b("1"))
		tx.Set(b("old1"), b("2"))
		tx.Set(b("old2"), b("1"))
		tx.Delete(b("old2"))
		tx.Delete(b("old3"))
		tx.Set(b("old3"), b("1"))
		tx.Delete(b("old4"))
		tx.Set(b("new1"), b("1"))
		tx.Delete(b("new1"))
		tx.Delete(b("new2"))
		tx.Set(b("new2"), b("1"))
		tx.Delete(b("absent")) // no error
	})
	if err != nil {
		return err
	}
	return wantAll(ctx, s, "new2=1", "old1=2", "old3=1")
}

func deleteRangeDeletes(ctx context.Context, s kv.Store) error {
	fill := func(tx kv.Tx) {
		for _, k := range []string{"a", "b", "b\x00", "bb", "c", "d", "\xff\xff"} {
			tx.Set(b(k), b("1"))
			tx.DeleteRange(b("n"+k), b("n"+k+"\x00"))
			tx.Add(b("n"+k), 1)
		}
	}
	for _, c := range []struct {
		r     kv.Range
		left  []string
		count []string
	}{
		{within("b", "c"), []string{"a=1", "c=1", "d=1", "\xff\xff=1"}, []string{"na=1", "nb=1", "nc=1"}},
		{within("nb", "nc"), []string{"a=1", "b=1", "b\x00=1", "bb=1", "c=1", "d=1", "\xff\xff=1"}, []string{"na=1", "nb=0", "nb\x00=0", "nbb=0", "nc=1"}},
		{within("", "c"), []string{"c=1", "d=1", "\xff\xff=1"}, []string{"na=1", "nd=1"}},
		{within("c", ""), []string{"a=1", "b=1", "b\x00=1", "bb=1"}, []string{"na=0", "nd=0"}},
		{within("", ""), nil, []string{"na=0", "nc=0", "nd=0"}},
		{within("c", "b"), []string{"a=1", "b=1", "b\x00=1", "bb=1", "c=1", "d=1", "\xff\xff=1"}, []string{"nb=1", "nc=1"}},
		{within("b", "b"), []string{"a=1", "b=1", "b\x00=1", "bb=1", "c=1", "d=1", "\xff\xff=1"}, []string{"nb=1"}},
	} {
		if err := write(ctx, s, fill); err != nil {
			return err
		}
		if err := write(ctx, s, func(tx kv.Tx) { tx.DeleteRange(c.r.Start, c.r.End) }); err != nil {
			return fmt.Errorf("delete range from %q to %q: %w", c.r.Start, c.r.End, err)
		}
		err := s.View(ctx, func(r kv.Reader) error {
			return errors.Join(wantScan(r, kv.Range{}, c.left...), wantSum(r, c.count...))
		})
		if err != nil {
			return fmt.Errorf("after delete range from %q to %q: %w", c.r.Start, c.r.End, err)
		}
	}
	return nil
}

func deleteRangeSparesOwnWrites(ctx context.Context, s kv.Store) error {
	err := write(ctx, s, func(tx kv.Tx) {
		tx.Set(b("a"), b("old"))
		tx.Set(b("b"), b("old"))
		tx.Set(b("c"), b("old"))
		tx.Add(b("n1"), 10)
		tx.Add(b("n2"), 10)
		tx.Append(b("log"), b("old"))
	})
	if err != nil {
		return err
	}
	err = write(ctx, s, func(tx kv.Tx) {
		tx.Set(b("a"), b("new"))
		tx.Add(b("n1"), 1)
		tx.Append(b("log"), b("new"))
		tx.DeleteRange(b("a"), b("z"))
		tx.Set(b("b"), b("new"))
		tx.Add(b("n2"), 1)
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		log, err := readLog(r, "log", "")
		if err != nil {
			return err
		}
		return errors.Join(
			want("log", log.values, []string{"new"}),
			wantScan(r, within("", "l"), "a=new", "b=new"),
			wantSum(r, "n1=1", "n2=1"),
		)
	})
}

// An engine that builds its own key by appending to the caller's writes into
// memory that is not its own.
func givenSlicesAreNotChanged(ctx context.Context, s kv.Store) error {
	const words = "set|value|delete|from|to|log|record|counter|get|one|two|............"
	buf := []byte(words)
	given := func(word string) []byte { // with all that follows as room to grow
		i := bytes.Index(buf, b(word))
		return buf[i : i+len(word)]
	}
	locks := kv.Locks{Hold: [][]byte{given("one")}, Share: [][]byte{given("two")}}
	err := s.Update(ctx, locks, func(tx kv.Tx) error {
		tx.Set(given("set"), given("value"))
		tx.Delete(given("delete"))
		tx.DeleteRange(given("from"), given("to"))
		tx.Append(given("log"), given("record"))
		tx.Add(given("counter"), 1)
		_, sumErr := tx.Sum(given("counter"))
		_, scanErr := scan(tx, kv.Range{Start: given("from"), End: given("to")})
		_, getErr := tx.Get(given("get"))
		return errors.Join(sumErr, scanErr, getErr)
	})
	if err == nil && string(buf) != words {
		err = fmt.Errorf("the caller's bytes became %q", buf)
	}
	return err
}

func blindUpdatesCommit(ctx context.Context, s kv.Store) error {
	const writers, each = 8, 25
	err := together(writers, func(i int) error {
		for j := range each {
			if err := set(ctx, s, fmt.Sprintf("%02d/%02d=", i, j)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		pairs, err := scan(r, kv.Range{})
		if err == nil && len(pairs) != writers*each {
			err = fmt.Errorf("%d pairs after %d updates", len(pairs), writers*each)
		}
		return err
	})
}
