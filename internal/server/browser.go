package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// browserPolicy lets the pages of the browser load what comes from the server
// itself, and nothing else: a table's items are nobody else's business. Styles
// in elements are needed by the widgets.
const browserPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Browser returns a page, for Handle at a path that ends in a slash, with the
// files of the Resource Browser, which must be readable. They have the same names
// in all versions, so web browsers ask each time whether they have changed.
func Browser(at string, files fs.FS) http.Handler {
	pages := map[string]*browserFile{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		pages[at+name] = &browserFile{body: body, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: mime.TypeByExtension(path.Ext(name))}
		return nil
	})
	if err != nil {
		panic(err) // they are built in
	}
	pages[at] = pages[at+"index.html"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := pages[r.URL.Path]
		switch {
		case file == nil:
			plain(w, http.StatusNotFound, "there is no such page; the browser is at "+at)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
		default:
			file.serve(w, r)
		}
	})
}

type browserFile struct {
	body []byte
	tag  string
	kind string

	once   sync.Once
	packed []byte // with gzip, once somebody has asked for it
}

func (f *browserFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", browserPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.tag)
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	body := f.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		f.once.Do(f.pack)
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have gone
	}
}

func (f *browserFile) pack() {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(f.body) // to memory
	_ = z.Close()
	f.packed = b.Bytes()
}
