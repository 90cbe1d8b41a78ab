package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/statordb/stator/internal/kv"
)

var appendChecks = []check{
	{"append adds a version to the log's name", appendAddsVersion},
	{"versions grow with each commit", versionsGrow},
	{"appends of one update keep their order", appendsKeepOrder},
	{"versions grow in commit order", versionsFollowCommits},
	{"a reader never finds a lower version later", tailMissesNothing},
	{"versions grow after the log is emptied", versionsOutliveRecords},
}

// A log is what a reader found in one: values, and the last version.
type log struct {
	values []string
	last   string
}

// readLog reads the records of a log whose versions are after a version; ""
// is before the first.
func readLog(r kv.Reader, name, after string) (log, error) {
	found := log{last: after}
	from := kv.Prefix(b(name))
	if after != "" {
		from.Start = b(name + after + "\x00")
	}
	for p, err := range r.Scan(from) {
		if err != nil {
			return found, err
		}
		if len(p.Key) != len(name)+kv.VersionLen {
			return found, fmt.Errorf("a record of log %q has the key %q", name, p.Key)
		}
		found.values = append(found.values, string(p.Value))
		found.last = string(p.Key[len(name):])
	}
	return found, nil
}

// viewLog reads a log in a View of its own.
func viewLog(ctx context.Context, s kv.Store, name, after string) (found log, err error) {
	err = s.View(ctx, func(r kv.Reader) error {
		found, err = readLog(r, name, after)
		return err
	})
	return found, err
}

func appendTo(ctx context.Context, s kv.Store, log string, values ...string) error {
	return write(ctx, s, func(tx kv.Tx) {
		for _, v := range values {
			tx.Append(b(log), b(v))
		}
	})
}

func wantLog(ctx context.Context, s kv.Store, name string, values ...string) error {
	found, err := viewLog(ctx, s, name, "")
	if err != nil {
		return err
	}
	return want("log "+name, found.values, values)
}

func appendAddsVersion(ctx context.Context, s kv.Store) error {
	err := write(ctx, s, func(tx kv.Tx) {
		tx.Append(b("log/"), b("record"))
		tx.Set(b("log"), b("pair"))
		tx.Set(b("log0"), b("pair"))
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		found, err := readLog(r, "log/", "")
		if err != nil {
			return err
		}
		return errors.Join(
			want("log", found.values, []string{"record"}),
			wantGet(r, "log=pair", "log/"+found.last+"=record"),
		)
	})
}

func versionsGrow(ctx context.Context, s kv.Store) error {
	last := map[string]string{}
	for i := range 300 { // more than one byte can count
		name := fmt.Sprint("log", i%3, "/")
		if err := appendTo(ctx, s, name, fmt.Sprint(i)); err != nil {
			return err
		}
		found, err := viewLog(ctx, s, name, last[name])
		if err != nil {
			return err
		}
		if err := want("new records of "+name, found.values, []string{fmt.Sprint(i)}); err != nil {
			return err
		}
		last[name] = found.last
	}
	return nil
}

func appendsKeepOrder(ctx context.Context, s kv.Store) error {
	values := strings.Fields("a b c d e f g h i j k l")
	err := write(ctx, s, func(tx kv.Tx) {
		for _, v := range values {
			tx.Append(b("log1/"), b(v))
			tx.Append(b("log2/"), b(v))
		}
	})
	return errors.Join(err, wantLog(ctx, s, "log1/", values...), wantLog(ctx, s, "log2/", values...))
}

// A held key orders the commits; the log must tell them in that order.
func versionsFollowCommits(ctx context.Context, s kv.Store) error {
	const writers, each = 6, 15
	err := together(writers, func(int) error {
		for range each {
			err := s.Update(ctx, hold("k"), func(tx kv.Tx) error {
				n, err := number(tx, "k")
				if err != nil {
					return err
				}
				tx.Append(b("log/"), b(fmt.Sprint(n+1)))
				pause()
				tx.Set(b("k"), b(fmt.Sprint(n+1)))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	var values []string
	for i := range writers * each {
		values = append(values, fmt.Sprint(i+1))
	}
	return errors.Join(err, wantLog(ctx, s, "log/", values...))
}

// A reader that goes on after the last version it saw misses nothing, while
// several append at once.
func tailMissesNothing(ctx context.Context, s kv.Store) error {
	if err := overtaken(ctx, s); err != nil {
		return err
	}
	return tail(ctx, s)
}

// overtaken has one Update append before another and, where the engine lets
// two run at once, commit after it. A reader in between must find it later.
func overtaken(ctx context.Context, s kv.Store) error {
	var once sync.Once
	appended, read := make(chan struct{}), make(chan struct{})
	var between log
	err := together(2, func(i int) error {
		if i == 0 {
			return s.Update(ctx, hold("slow"), func(tx kv.Tx) error {
				tx.Append(b("overtaken/"), b("slow"))
				once.Do(func() { close(appended) })
				for range 10_000 { // not for ever: the engine may run one at a time
					select {
					case <-read:
						return nil
					default:
						pause()
					}
				}
				return nil
			})
		}
		<-appended
		defer close(read)
		err := appendTo(ctx, s, "overtaken/", "fast")
		if err != nil {
			return err
		}
		between, err = viewLog(ctx, s, "overtaken/", "")
		return err
	})
	if err != nil {
		return err
	}
	rest, err := viewLog(ctx, s, "overtaken/", between.last)
	if err != nil {
		return err
	}
	if found := len(between.values) + len(rest.values); found != 2 {
		return fmt.Errorf("a reader between two commits found %q, and later %q", between.values, rest.values)
	}
	return nil
}

// tail has a reader follow a log that several writers append to.
func tail(ctx context.Context, s kv.Store) error {
	const writers, each = 4, 40
	var writing atomic.Int32
	writing.Add(writers)
	var tail []string
	err := together(writers+1, func(i int) error {
		if i == writers {
			var last string
			for done := false; !done; {
				done = writing.Load() == 0
				found, err := viewLog(ctx, s, "log/", last)
				if err != nil {
					return err
				}
				tail = append(tail, found.values...)
				last = found.last
			}
			return nil
		}
		defer writing.Add(-1)
		for j := range each {
			record := fmt.Sprintf("%d/%d", i, j)
			err := s.Update(ctx, hold(record), func(tx kv.Tx) error {
				tx.Append(b("log/"), b(record))
				pause()
				tx.Set(b("pair/"+record), bytes.Repeat(b("x"), 100))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(tail) != writers*each {
		return fmt.Errorf("the reader saw %d of %d records", len(tail), writers*each)
	}
	return wantLog(ctx, s, "log/", tail...)
}

func versionsOutliveRecords(ctx context.Context, s kv.Store) error {
	if err := appendTo(ctx, s, "log/", "a", "b", "c"); err != nil {
		return err
	}
	seen, err := viewLog(ctx, s, "log/", "")
	if err != nil {
		return err
	}
	return inOrder(
		func() error {
			return write(ctx, s, func(tx kv.Tx) { tx.DeleteRange(b("log/"), kv.After(b("log/"))) })
		},
		func() error { return appendTo(ctx, s, "log/", "d") },
		func() error {
			found, err := viewLog(ctx, s, "log/", seen.last)
			return errors.Join(err, want("records after the deleted ones", found.values, []string{"d"}))
		},
	)
}
