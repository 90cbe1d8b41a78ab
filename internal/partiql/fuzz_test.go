package partiql

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/attr"
)

// seeds are statements of every form, well formed or nearly.
var seeds = []string{
	`SELECT * FROM "t" WHERE pk = 'x' AND sk BETWEEN 1 AND ? ORDER BY sk DESC`,
	`select a, m."b".c[0] from t.i where not (a in ['x', ?] or b is not missing) -- end`,
	`INSERT INTO t VALUE {'pk': ?, 'l': [1, -.5e3, NULL, true], 's': <<'a','b'>>, 'm': {'x': {}}}`,
	`UPDATE t SET a = b + 1, c = list_append(c, [?]) REMOVE d[1] WHERE pk = 'x' RETURNING MODIFIED NEW *`,
	`FROM t WHERE pk = 'x' SET ss = set_add(ss, <<1, 2>>) SET tt = set_delete(tt, ?)`,
	`DELETE FROM t WHERE pk = 'x' AND attribute_exists(a) = true RETURNING ALL OLD *`,
	`EXISTS(SELECT * FROM t WHERE pk = 'x' AND n <> 1)`,
	`SELECT COUNT(*) FROM t /* all */ LIMIT 1;`,
	`UPDATE t SET a = 'it''s' WHERE "p""k" = 1e400`,
	`a IS DOUBLE PRECISION`, `WHERE`, `SELECT * FROM`, `'`, `/*`, `#`,
}

// A statement is parsed to the same each time, and never to a panic; nor does
// it panic to join it with parameters.
func FuzzParse(f *testing.F) {
	for _, src := range seeds {
		f.Add(src)
	}
	parameters := []attr.Value{attr.String("x"), attr.Int(1), attr.Bool(true), attr.NewList([]attr.Value{attr.Int(2)})}
	f.Fuzz(func(t *testing.T, src string) {
		s, err := parse(src)
		again, errAgain := parse(src)
		if !reflect.DeepEqual(s, again) || !reflect.DeepEqual(err, errAgain) {
			t.Fatalf("%q: %v %v, then %v %v", src, s, err, again, errAgain)
		}
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		b, err := s.Bind(parameters)
		if err != nil {
			return
		}
		if b.Item != nil {
			if err := b.Item.Check(); err != nil {
				t.Errorf("%q: %v", src, err)
			}
		}
		b.Where.Matches(b.Item)
	})
}

// Recursion is bounded, whatever is nested, and a chain of any length is a
// list.
func TestDepthIsBounded(t *testing.T) {
	n := 1 << 20 // and less where it is the same code
	for _, c := range []struct{ name, before, part, after string }{
		{"parentheses", "SELECT * FROM t WHERE ", "(", ""},
		{"NOT", "SELECT * FROM t WHERE ", "NOT ", "a = 1"},
		{"lists", "INSERT INTO t VALUE {'a': ", "[", ""},
		{"maps", "INSERT INTO t VALUE ", "{'a': ", ""},
		{"bags", "INSERT INTO t VALUE {'a': ", "<<", ""},
		{"functions", "SELECT * FROM t WHERE ", "size(", ""},
		{"sums", "UPDATE t SET a = 1", "+ 1", ""},
		{"comparisons", "SELECT * FROM t WHERE a = 1", " = false", ""},
	} {
		if _, err := parse(c.before + strings.Repeat(c.part, n) + c.after); err == nil {
			t.Errorf("%s nested %d deep are no error", c.name, n)
		}
		n = 1 << 14
	}
	s, err := parse("SELECT * FROM t WHERE a = 1" + strings.Repeat(" AND a = 1 OR a = 2", 4*n))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Bind(nil)
	if err != nil {
		t.Fatal(err)
	}
	if b.Where.Matches(attr.NewItem(nil)) {
		t.Error("a condition on nothing holds")
	}
}
