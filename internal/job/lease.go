package job

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A lease is renewed at each heartbeat, and without one is good for goodFor.
// Two heartbeats can be lost.
const (
	heartbeat = time.Second
	goodFor   = 3 * time.Second
)

// errLeaseLost ends work that is, or may be, another process's by now.
var errLeaseLost = errors.New("job: background work has passed to another process")

// A lease lets one process at a time work in a store that several share. No
// clocks are compared: whoever wants the lease takes it when it is not there,
// or when it stayed the same for as long as it says that it is good for.
type lease struct {
	store kv.Store
	seen  []byte    // the record, when it was last seen to change
	since time.Time // when that was
}

// A record is the lease as it is stored.
type record struct {
	holder  string        // random, and another in each term
	beats   uint64        // grows with each heartbeat
	goodFor time.Duration // unless it changes
}

func (r record) encode() []byte {
	raw := binary.BigEndian.AppendUint64(nil, r.beats)
	raw = binary.BigEndian.AppendUint64(raw, uint64(r.goodFor))
	return append(raw, r.holder...)
}

// parseRecord returns the record that raw encodes. What cannot be read is
// nobody's lease.
func parseRecord(raw []byte) record {
	if len(raw) < 16 {
		return record{goodFor: goodFor}
	}
	return record{
		holder:  string(raw[16:]),
		beats:   binary.BigEndian.Uint64(raw),
		goodFor: time.Duration(binary.BigEndian.Uint64(raw[8:])),
	}
}

// A term is the time for which a process has the lease.
type term struct {
	store  kv.Store
	holder string
	note   []byte    // as it was last read
	until  time.Time // when another process may take the lease
}

// look takes the lease if it is free. The term is nil if it is not.
func (l *lease) look(ctx context.Context) (*term, error) {
	var raw []byte
	err := l.store.View(ctx, func(v kv.Reader) error {
		values, err := v.Get(table.LeaseKey())
		if err == nil {
			raw = bytes.Clone(values[0])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(raw, l.seen) {
		l.seen, l.since = raw, time.Now()
	}
	if raw != nil && time.Since(l.since) < parseRecord(raw).goodFor {
		return nil, nil
	}
	return l.take(ctx)
}

// take takes the lease if it is as it was last seen, or not there.
func (l *lease) take(ctx context.Context) (t *term, err error) {
	begin := time.Now()
	err = l.store.Update(ctx, kv.Locks{Hold: [][]byte{table.LeaseKey()}}, func(tx kv.Tx) error {
		t = nil
		values, err := tx.Get(table.LeaseKey(), table.WakeKey())
		if err != nil || values[0] != nil && !bytes.Equal(values[0], l.seen) {
			return err
		}
		t = &term{store: l.store, holder: rand.Text(), note: bytes.Clone(values[1]), until: begin.Add(goodFor)}
		tx.Set(table.LeaseKey(), record{holder: t.holder, goodFor: goodFor}.encode())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// keep renews the lease until ctx ends or the lease is lost. It calls wake when
// another process has left a note.
func (t *term) keep(ctx context.Context, wake func()) error {
	next := time.NewTicker(heartbeat)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next.C:
		}
		before := t.note
		err := t.renew(ctx)
		switch {
		case errors.Is(err, errLeaseLost):
			return err
		case err != nil && !time.Now().Before(t.until):
			return fmt.Errorf("%w, or may have: its lease was not renewed: %w", errLeaseLost, err)
		case err == nil && !bytes.Equal(before, t.note):
			wake()
		}
	}
}

// renew makes one heartbeat, and reads the note.
func (t *term) renew(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, t.until)
	defer cancel()
	begin := time.Now()
	var note []byte
	err := t.store.Update(ctx, kv.Locks{Hold: [][]byte{table.LeaseKey()}}, func(tx kv.Tx) error {
		values, err := tx.Get(table.LeaseKey(), table.WakeKey())
		if err != nil {
			return err
		}
		if !t.holds(values[0]) {
			return errLeaseLost
		}
		note = bytes.Clone(values[1])
		now := parseRecord(values[0])
		tx.Set(table.LeaseKey(), record{t.holder, now.beats + 1, goodFor}.encode())
		return nil
	})
	if err == nil {
		t.note, t.until = note, begin.Add(goodFor)
	}
	return err
}

// holds reports whether a stored lease is this term's.
func (t *term) holds(raw []byte) bool { return parseRecord(raw).holder == t.holder }

// release ends the term, so that nobody needs to wait until it is over. If it
// cannot, they wait. ctx may have ended.
func (t *term) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeat)
	defer cancel()
	_ = t.store.Update(ctx, kv.Locks{Hold: [][]byte{table.LeaseKey()}}, func(tx kv.Tx) error {
		values, err := tx.Get(table.LeaseKey())
		if err == nil && t.holds(values[0]) {
			tx.Delete(table.LeaseKey())
		}
		return err
	})
}

// leaveNote tells the holder of the lease of new work. All notes are
// different, and only the last one is kept.
func leaveNote(ctx context.Context, store kv.Store) error {
	return store.Update(ctx, kv.Locks{Hold: [][]byte{table.WakeKey()}}, func(tx kv.Tx) error {
		tx.Set(table.WakeKey(), []byte(rand.Text()))
		return nil
	})
}

// hold calls work when the lease is this process's, with a context that ends
// when it is not any more, and then returns errLeaseLost. If no other process
// can have the store, there is no lease.
func (r *Runner) hold(ctx context.Context, work func(context.Context) error) error {
	if r.lease == nil {
		return work(ctx)
	}
	t, err := r.await(ctx)
	if err != nil {
		return err
	}
	working, end := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { end(t.keep(working, r.Wake)) })
	r.term = t
	err = work(working)
	if cause := context.Cause(working); errors.Is(cause, errLeaseLost) {
		err = cause
	}
	end(nil)
	keeper.Wait()
	r.term = nil
	t.release(ctx)
	return err
}

// await waits until it has taken the lease. Whoever is woken meanwhile leaves a
// note for the holder.
func (r *Runner) await(ctx context.Context) (*term, error) {
	next := time.NewTicker(heartbeat)
	defer next.Stop()
	for {
		t, err := r.lease.look(ctx)
		if err != nil {
			return nil, err
		}
		r.report(lookForLease, nil)
		if t != nil {
			return t, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-next.C:
		case <-r.wake:
			if err := leaveNote(ctx, r.store); err != nil {
				r.Wake() // to try again
				return nil, err
			}
		}
	}
}

// update is an Update of the store, in which fn is given the values of keys. If
// the lease is not this term's any more it writes nothing and returns
// errLeaseLost.
func (r *Runner) update(ctx context.Context, locks kv.Locks, keys [][]byte, fn func(tx kv.Tx, values [][]byte) error) error {
	if r.term == nil {
		return r.store.Update(ctx, locks, func(tx kv.Tx) error {
			values, err := tx.Get(keys...)
			if err != nil {
				return err
			}
			return fn(tx, values)
		})
	}
	locks.Share = append(locks.Share[:len(locks.Share):len(locks.Share)], table.LeaseKey())
	keys = append(keys[:len(keys):len(keys)], table.LeaseKey())
	return r.store.Update(ctx, locks, func(tx kv.Tx) error {
		values, err := tx.Get(keys...)
		if err != nil {
			return err
		}
		last := len(keys) - 1
		if !r.term.holds(values[last]) {
			return errLeaseLost
		}
		return fn(tx, values[:last])
	})
}
