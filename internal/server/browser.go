package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"html"
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

// Browser is the Resource Browser.
type Browser struct {
	// Files are those of its build; nil if the program has none.
	Files fs.FS
	// Fresh has each file read whenever it is asked for, for those who change them.
	Fresh bool
	// Version is what the browser shows, and ReadOnly whether it changes anything:
	// see Config.ReadOnlyBrowser.
	Version  string
	ReadOnly bool
}

// Pages returns a page, for Handle at a path that ends in a slash, with the files of
// the browser. They have the same names in all versions, so web browsers ask each
// time whether they have changed.
func (b Browser) Pages(at string) http.Handler {
	if b.Files == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			plain(w, http.StatusNotFound, "this build of stator has no Resource Browser: it was built with -tags noui\n")
		})
	}
	find := b.read
	if !b.Fresh {
		find = b.readAll()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, at)
		if name == "" {
			name = index
		}
		file := find(name)
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

const index = "index.html"

// readAll reads all files, and returns what finds them.
func (b Browser) readAll() func(name string) *browserFile {
	files := map[string]*browserFile{}
	err := fs.WalkDir(b.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name] = b.read(name)
		}
		return err
	})
	if err != nil {
		panic(err) // they are built in
	}
	return func(name string) *browserFile { return files[name] }
}

// read reads a file; nil is one that there is not.
func (b Browser) read(name string) *browserFile {
	body, err := fs.ReadFile(b.Files, name)
	if err != nil {
		return nil
	}
	if name == index {
		body = b.introduced(body)
	}
	sum := sha256.Sum256(body)
	return &browserFile{body: body, tag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: mime.TypeByExtension(path.Ext(name))}
}

// introduced returns the first page with what its scripts must know before they
// show anything: attributes of its element html.
func (b Browser) introduced(page []byte) []byte {
	const element = "<html "
	more := element + `data-version="` + html.EscapeString(b.Version) + `" `
	if b.ReadOnly {
		more += "data-read-only "
	}
	return bytes.Replace(page, []byte(element), []byte(more), 1)
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
