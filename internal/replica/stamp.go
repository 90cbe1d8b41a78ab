package replica

import (
	"fmt"
	"strings"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
)

// StampPrefix is what the names of the attributes begin with that say when and
// where an item of a global table of the version of 2017 was last written.
const StampPrefix = "aws:rep:"

// stamp says in the new item when and where it is written. An item that does not
// change otherwise keeps its stamp, for it is not written then.
func stamp(w *item.Write) {
	if w.New == nil {
		return
	}
	fields := unstamped(w.New)
	if w.Old != nil && string(attr.NewItem(fields)) == string(attr.NewItem(unstamped(w.Old))) {
		w.New = w.Old
		return
	}
	micros := w.Now.UnixMicro()
	second, _ := attr.ParseNumber(fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6)) // it is a number
	w.New = attr.NewItem(append(fields,
		attr.Field{Name: []byte(StampPrefix + "deleting"), Value: attr.Bool(false)},
		attr.Field{Name: []byte(StampPrefix + "updatetime"), Value: second},
		attr.Field{Name: []byte(StampPrefix + "updateregion"), Value: attr.String(w.Table.Region)},
	))
}

func unstamped(it attr.Item) []attr.Field {
	var fields []attr.Field
	for name, v := range it.All() {
		if !strings.HasPrefix(string(name), StampPrefix) {
			fields = append(fields, attr.Field{Name: name, Value: v})
		}
	}
	return fields
}
