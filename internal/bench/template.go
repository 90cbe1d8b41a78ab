package bench

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
)

// partitionSize is how many items share a partition key. An index partition
// holds as many.
const partitionSize = 50

// A key names one item of the table by two numbers: its partition, below the
// layout's count, and its place in the partition, below partitionSize.
type key struct{ partition, place int }

// A template is a request body in which only text of fixed width changes from
// request to request, so that sending one costs the client no encoding.
type template struct {
	text  []byte
	slots []slot
	keys  int // how many keys a request names
}

// A slot is a part of a template that follows from a key, or is random.
type slot struct {
	at   int
	key  int
	kind string
}

// slotWidths has the kinds of slots:
//
//	p  the partition
//	s  the place in the partition
//	c  the customer, which is the partition in the index
//	v  a random number without leading zeros
//	state  SHIPPED for every second item of a partition, PENDING for the others
//	wrap   gifts for every tenth item of a partition, plain for the others
var slotWidths = map[string]int{"p": 6, "s": 6, "c": 6, "v": 6, "state": 7, "wrap": 5}

var slotPattern = regexp.MustCompile(`<([a-z]+)([0-9]*)>`)

// newTemplate reads a body in which <p0> stands for the partition of the
// request's first key, <s1> for the place of its second, and so on; see
// slotWidths.
func newTemplate(text string) *template {
	t := &template{}
	from := 0
	for _, m := range slotPattern.FindAllStringSubmatchIndex(text, -1) {
		kind := text[m[2]:m[3]]
		width, ok := slotWidths[kind]
		if !ok {
			panic(fmt.Sprintf("bench: no slot <%s>", kind))
		}
		index, _ := strconv.Atoi(text[m[4]:m[5]]) // no digits: the first key
		t.text = append(t.text, text[from:m[0]]...)
		t.slots = append(t.slots, slot{at: len(t.text), key: index, kind: kind})
		t.text = append(t.text, make([]byte, width)...)
		t.keys = max(t.keys, index+1)
		from = m[1]
	}
	t.text = append(t.text, text[from:]...)
	return t
}

// fill writes the slots into body, a copy of the template's text.
func (t *template) fill(body []byte, keys []key, partitions int, random *rand.Rand) {
	for _, s := range t.slots {
		into := body[s.at : s.at+slotWidths[s.kind]]
		k := keys[s.key]
		switch s.kind {
		case "p":
			digits(into, k.partition)
		case "s":
			digits(into, k.place)
		case "c":
			digits(into, (k.partition*partitionSize+k.place)%partitions)
		case "v":
			digits(into, 100_000+random.IntN(900_000))
		case "state":
			copy(into, choose(k.place%2 == 0, "SHIPPED", "PENDING"))
		case "wrap":
			copy(into, choose(k.place%10 == 0, "gifts", "plain"))
		}
	}
}

func choose(which bool, yes, no string) string {
	if which {
		return yes
	}
	return no
}

// digits writes n in decimal with leading zeros, as wide as into.
func digits(into []byte, n int) {
	for i := len(into) - 1; i >= 0; i-- {
		into[i] = byte('0' + n%10)
		n /= 10
	}
}
