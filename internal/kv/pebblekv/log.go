package pebblekv

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
)

// A log passes Pebble's lines on to slog.
type log struct{ *slog.Logger }

func newLog(l *slog.Logger) log {
	if l == nil {
		l = slog.New(slog.DiscardHandler)
	}
	return log{l}
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
	l.Errorf(format, args...)
	panic("pebble: " + fmt.Sprintf(format, args...))
}

// listener tells of flushes and compactions if anybody wants to know. Otherwise
// Pebble need not find the words; it still logs errors.
func (l log) listener() *pebble.EventListener {
	if !l.debugs() {
		return nil
	}
	listener := pebble.MakeLoggingEventListener(l)
	return &listener
}
