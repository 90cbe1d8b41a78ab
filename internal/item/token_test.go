package item_test

import (
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/table"
)

func TestTokenKnowsItsTables(t *testing.T) {
	for _, name := range []string{"tab", strings.Repeat("n", 254), strings.Repeat("n", 255)} {
		tab := newTable(t)
		tab.Name = name
		token := item.NewToken([]byte("{}"), []*table.Table{tab, newTable(t)}, time.Unix(0, 0))
		if err := token.Check(); err != nil {
			t.Error(err)
		}
		var names []string
		for name, id := range token.Tables() {
			if names = append(names, name); id != tab.ID {
				t.Errorf("table %s has the id %q", name, id)
			}
		}
		if len(names) != 2 || names[0] != name || names[1] != "tab" {
			t.Errorf("got %q, want %q", names, name)
		}
	}
}

func TestDamagedTokens(t *testing.T) {
	token := item.NewToken(nil, []*table.Table{newTable(t)}, time.Unix(0, 0))
	empty := len(item.NewToken(nil, nil, time.Unix(0, 0)))
	for n := range len(token) {
		if err := token[:n].Check(); (err == nil) != (n == empty) {
			t.Errorf("%d bytes of %d: %v", n, len(token), err)
		}
	}
}
