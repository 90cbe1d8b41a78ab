package snapshot

import (
	"bytes"

	"github.com/statordb/stator/internal/table"
)

// Blocks returns the blocks of a file that is whole.
func Blocks(file []byte) (blocks [][]byte) {
	f, _, err := newReader(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	defer f.close()
	for {
		kind, raw, err := f.next()
		if err != nil {
			panic(err)
		}
		if kind == endFrame {
			return blocks
		}
		blocks = append(blocks, bytes.Clone(raw))
	}
}

// VerifyBlock verifies the block of a file that announces one table, rich.
func VerifyBlock(block []byte) error {
	info := Info{Tables: []Table{{Account: "000000000000", Region: "us-east-1", Name: "rich"}}}
	return visitBlock(block, &verifier{info: info, names: map[string]bool{}, ids: map[table.ID]bool{}})
}
