package pebblekv

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// A log passes Pebble's lines on to slog.
type log struct {
	*slog.Logger
	silent bool
}

func newLog(l *slog.Logger) log {
	if l == nil {
		return log{slog.New(slog.DiscardHandler), true}
	}
	return log{l, false}
}

func (l log) debugs() bool { return l.Enabled(context.Background(), slog.LevelDebug) }

func (l log) Infof(format string, args ...any) {
	if l.debugs() {
		l.Debug("pebble: " + fmt.Sprintf(format, args...))
	}
}

func (l log) Errorf(format string, args ...any) {
	l.Error("pebble: " + fmt.Sprintf(format, args...))
}

// Fatalf is called when the disk fails or lies: nothing that was promised can be
// kept any more. Pebble relies on its not returning.
func (l log) Fatalf(format string, args ...any) {
	l.end("go on", fmt.Errorf(format, args...))
}

// end ends the process because something cannot be done. It leaves one line,
// not the stacks of all goroutines: what is wrong is not in the program.
func (l log) end(what string, err error) {
	line := fmt.Sprintf("cannot %s: %s: %s and start again: what was acknowledged is kept", what, firstLine(cause(err)), remedy(err))
	if l.silent {
		fmt.Fprintln(os.Stderr, line)
	} else {
		l.Error(line)
	}
	os.Exit(1)
}

// firstLine returns what err says without the details that Pebble adds.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// listener tells of damaged files and of flushes and compactions that failed,
// and of all flushes and compactions if anybody wants to know. Otherwise Pebble
// need not find the words.
func (l log) listener() *pebble.EventListener {
	reports := &reports{log: l, told: map[string]time.Time{}}
	listener := pebble.EventListener{
		BackgroundError: reports.background,
		DataCorruption:  reports.damage,
	}
	if l.debugs() {
		listener = pebble.TeeEventListener(pebble.MakeLoggingEventListener(debugLog{l}), listener)
	}
	return &listener
}

// A debugLog has Pebble's lines at debug level only.
type debugLog struct{ log }

func (l debugLog) Errorf(format string, args ...any) { l.Infof(format, args...) }

// reports logs what Pebble meets when it reads and compacts. It repeats a thing
// only after a while: Pebble meets it again with every try.
type reports struct {
	log log

	mu   sync.Mutex
	told map[string]time.Time
}

const repeatReports = 10 * time.Minute

// first reports whether to log what key stands for.
func (r *reports) first(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.told[key]; ok && time.Since(last) < repeatReports {
		return false
	}
	r.told[key] = time.Now()
	return true
}

func (r *reports) damage(info pebble.DataCorruptionInfo) {
	if r.first(info.Path) {
		r.log.Error(damaged(info.Path, firstLine(info.Details)).Error())
	}
}

// background is told of flushes and compactions that failed. Those that wait
// for room or met damage have been reported.
func (r *reports) background(err error) {
	if vfs.IsNoSpaceError(err) || pebble.IsCorruptionError(err) || errors.Is(err, syscall.EDQUOT) || outOfDescriptors(err) {
		return
	}
	if text := firstLine(err); r.first(text) {
		r.log.Error("the store could not be compacted; it will try again: " + text)
	}
}
