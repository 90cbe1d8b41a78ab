package hook

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/statordb/stator/internal/api"
)

// statements carries out the statements of PartiQL in a file. An item that is to
// be inserted and is there stays as it is.
func (r *Runner) statements(ctx context.Context, path string) error {
	raw, err := read(path)
	if err != nil {
		return err
	}
	j := &work{Runner: r, ctx: ctx, file: filepath.Base(path), region: r.conf.Region}
	list, err := split(string(raw))
	if err != nil {
		return err
	}
	var all error
	done := 0
	for _, s := range list {
		_, err := j.do("ExecuteStatement", object{"Statement": s.text})
		if err != nil && !is(err, api.DuplicateItemException) {
			all = errors.Join(all, fmt.Errorf("line %d: %w", s.line, err))
			continue
		}
		done++
	}
	r.conf.Log.Info("carried out statements", "file", j.file, "region", j.region, "statements", done)
	return all
}

// A statement is one in a file.
type statement struct {
	line int // at which it begins
	text string
}

// split returns the statements of a file, which end with ';', or, if there is no
// ';', with their lines. Comments begin with "--".
func split(src string) ([]statement, error) {
	bySemicolon, err := cut(src, ';')
	if err != nil {
		return nil, err
	}
	if len(bySemicolon) > 1 || len(bySemicolon) == 1 && bySemicolon[0].ended {
		return statementsOf(bySemicolon), nil
	}
	byLine, err := cut(src, '\n')
	return statementsOf(byLine), err
}

// A piece is a part of a file up to a separator.
type piece struct {
	statement
	ended bool // with a separator
}

func statementsOf(pieces []piece) (list []statement) {
	for _, p := range pieces {
		list = append(list, p.statement)
	}
	return list
}

// cut cuts a file at a separator that is in no quotes, and leaves out comments
// and what is empty then.
func cut(src string, separator byte) (pieces []piece, err error) {
	var text strings.Builder
	line, begin := 1, 0
	end := func(ended bool) {
		if s := strings.TrimSpace(text.String()); s != "" {
			pieces = append(pieces, piece{statement{begin, s}, ended})
		}
		text.Reset()
		begin = 0
	}
	quote := byte(0)
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.HasPrefix(src[i:], "--"):
			for i+1 < len(src) && src[i+1] != '\n' {
				i++
			}
			continue
		case c == separator:
			end(true)
			if c == '\n' {
				line++
			}
			continue
		}
		if begin == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			begin = line
		}
		if c == '\n' {
			line++
		}
		text.WriteByte(c)
	}
	if quote != 0 {
		return nil, fmt.Errorf("line %d: a quote %c does not end", begin, quote)
	}
	end(false)
	return pieces, nil
}
