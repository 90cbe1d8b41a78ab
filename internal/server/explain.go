package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/statordb/stator/internal/dynamodb"
)

const (
	// explainHeader of a request is 1 if the client wants to know how its read is
	// carried out. That of the answer is base64 of JSON.
	explainHeader = "X-Srv-Explain"

	// maxExplanation is how many bytes the answer's header has at most. Clients
	// take some 8 to 16 KiB of headers.
	maxExplanation = 6 << 10

	// maxExplained is how many bytes of each text are told if they fit.
	maxExplained = 2 << 10
)

func wantsExplanation(h http.Header) bool {
	v := h[explainHeader]
	return len(v) > 0 && v[0] == "1"
}

// explain puts e into h, with texts as long as they can be. A call that there is
// nothing to explain of has none.
func explain(h http.Header, e *dynamodb.Explanation) {
	if e.Operation == "" {
		return
	}
	for most := maxExplained; ; most /= 2 {
		e.Shorten(most)
		var b bytes.Buffer
		out := json.NewEncoder(&b)
		out.SetEscapeHTML(false)
		// What consists of texts and numbers can be encoded.
		_ = out.Encode(e)
		text := bytes.TrimSpace(b.Bytes())
		if base64.StdEncoding.EncodedLen(len(text)) <= maxExplanation {
			h[explainHeader] = []string{base64.StdEncoding.EncodeToString(text)}
			return
		}
	}
}
