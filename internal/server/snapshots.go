package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/statordb/stator/internal/snapshot"
)

// Snapshots returns the pages, for Handle, that save, load and reset what is
// stored, by pattern. Some have two names: LocalStack's are its own.
func Snapshots(shelf *snapshot.Shelf, log *slog.Logger) map[string]http.Handler {
	p := snapshotPages{shelf, log}
	pages := map[string]http.Handler{}
	for pattern, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /_admin/snapshots":              p.list,
		"GET /_admin/snapshots/{name}":       p.download,
		"POST /_admin/snapshots/{name}":      p.save,
		"PUT /_admin/snapshots/{name}":       p.upload,
		"DELETE /_admin/snapshots/{name}":    p.delete,
		"POST /_admin/snapshots/{name}/load": p.load,
		"GET /_admin/snapshot":               p.export,
		"POST /_admin/snapshot":              p.importFile,
		"POST /_admin/reset":                 p.reset,

		"GET /_localstack/pods":           p.pods,
		"POST /_localstack/pods/{name}":   p.save,
		"PUT /_localstack/pods/{name}":    p.load,
		"DELETE /_localstack/pods/{name}": p.delete,
		"GET /_localstack/pods/state":     p.export,
		"POST /_localstack/pods":          p.importFile,

		"POST /_localstack/state/reset":            p.reset,
		"POST /_localstack/state/save":             p.saveState,
		"POST /_localstack/state/load":             p.loadState,
		"POST /_localstack/state/{service}/{what}": p.state,
	} {
		pages[pattern] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := page(w, r); err != nil {
				p.refuse(w, r, err)
			}
		})
	}
	return pages
}

// StateSnapshot is the snapshot that the state pages save and load, which give
// it no name.
const StateSnapshot = "default"

type snapshotPages struct {
	shelf *snapshot.Shelf
	log   *slog.Logger
}

// errService is returned for a service that there is not.
var errService = errors.New("there is no such service here: dynamodb and dynamodbstreams have one state")

func (p snapshotPages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	for _, c := range []struct {
		err    error
		status int
	}{
		{snapshot.ErrNone, http.StatusNotFound},
		{errService, http.StatusNotFound},
		{snapshot.ErrName, http.StatusBadRequest},
		{snapshot.ErrMerge, http.StatusBadRequest},
		{snapshot.ErrDamaged, http.StatusBadRequest},
		{snapshot.ErrForeign, http.StatusBadRequest},
		{snapshot.ErrNewer, http.StatusBadRequest},
		{os.ErrDeadlineExceeded, http.StatusRequestTimeout},
	} {
		if errors.Is(err, c.err) {
			status = c.status
			break
		}
	}
	if status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		p.log.ErrorContext(r.Context(), "a snapshot could not be made or loaded", "request", r.Method+" "+r.URL.Path, "error", err)
	}
	plain(w, status, err.Error())
}

func (p snapshotPages) list(w http.ResponseWriter, _ *http.Request) error {
	list, err := p.shelf.List()
	if err == nil {
		writeJSON(w, map[string]any{"snapshots": list})
	}
	return err
}

func (p snapshotPages) save(w http.ResponseWriter, r *http.Request) error {
	return p.saveAs(w, r, r.PathValue("name"))
}

func (p snapshotPages) saveAs(w http.ResponseWriter, r *http.Request, name string) error {
	saved, err := p.shelf.Save(r.Context(), name)
	if err == nil {
		writeJSON(w, saved)
	}
	return err
}

func (p snapshotPages) upload(w http.ResponseWriter, r *http.Request) error {
	saved, err := p.shelf.Put(r.PathValue("name"), patient(w, r))
	if err == nil {
		writeJSON(w, saved)
	}
	return err
}

func (p snapshotPages) delete(w http.ResponseWriter, r *http.Request) error {
	err := p.shelf.Delete(r.PathValue("name"))
	if err == nil {
		writeJSON(w, map[string]string{"deleted": r.PathValue("name")})
	}
	return err
}

func (p snapshotPages) load(w http.ResponseWriter, r *http.Request) error {
	return p.loadFrom(w, r, r.PathValue("name"), merge(r))
}

func (p snapshotPages) loadFrom(w http.ResponseWriter, r *http.Request, name string, merge snapshot.Merge) error {
	loaded, err := p.shelf.Load(r.Context(), name, snapshot.Options{Merge: merge})
	if err == nil {
		writeJSON(w, loaded)
	}
	return err
}

// merge returns which tables are to give way, as a request says.
func merge(r *http.Request) snapshot.Merge { return snapshot.Merge(r.URL.Query().Get("merge")) }

func (p snapshotPages) importFile(w http.ResponseWriter, r *http.Request) error {
	loaded, err := p.shelf.Import(r.Context(), patient(w, r), snapshot.Options{Merge: merge(r)})
	if err == nil {
		writeJSON(w, loaded)
	}
	return err
}

func (p snapshotPages) download(w http.ResponseWriter, r *http.Request) error {
	f, err := p.shelf.Open(r.PathValue("name"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return send(w, f)
}

func (p snapshotPages) export(w http.ResponseWriter, r *http.Request) error {
	return p.shelf.Export(r.Context(), func(f *os.File) error { return send(w, f) })
}

// send answers with a file. What the client does not get to its end it can see
// from the length, and from the file.
func send(w http.ResponseWriter, f *os.File) error {
	stat, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(stat.Size(), 10))
	if _, err := io.Copy(w, f); err != nil {
		panic(http.ErrAbortHandler) // too late to say anything
	}
	return nil
}

func (p snapshotPages) reset(w http.ResponseWriter, r *http.Request) error {
	names, err := p.shelf.Reset(r.Context())
	if err == nil {
		writeJSON(w, map[string]any{"deleted": names})
	}
	return err
}

func (p snapshotPages) saveState(w http.ResponseWriter, r *http.Request) error {
	return p.saveAs(w, r, StateSnapshot)
}

// loadState takes the store back to what it was: it does not merge.
func (p snapshotPages) loadState(w http.ResponseWriter, r *http.Request) error {
	return p.loadFrom(w, r, StateSnapshot, snapshot.Overwrite)
}

func (p snapshotPages) state(w http.ResponseWriter, r *http.Request) error {
	if !slices.Contains([]string{"dynamodb", "dynamodbstreams"}, r.PathValue("service")) {
		return errService
	}
	switch r.PathValue("what") {
	case "reset":
		return p.reset(w, r)
	case "save":
		return p.saveState(w, r)
	case "load":
		return p.loadState(w, r)
	}
	http.NotFound(w, r)
	return nil
}

// pods lists snapshots as LocalStack lists its pods.
func (p snapshotPages) pods(w http.ResponseWriter, _ *http.Request) error {
	list, err := p.shelf.List()
	if err != nil {
		return err
	}
	type pod struct {
		Name string `json:"pod_name"`
	}
	pods := []pod{}
	for _, s := range list {
		pods = append(pods, pod{s.Name})
	}
	writeJSON(w, map[string]any{"cloudpods": pods})
	return nil
}

// patient returns the body of a request that may be long. Its client may take
// its time for all of it, but not for nothing.
func patient(w http.ResponseWriter, r *http.Request) io.Reader {
	return patientBody{r.Body, http.NewResponseController(w)}
}

type patientBody struct {
	io.Reader
	control *http.ResponseController
}

func (b patientBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(bodyTimeout)) // without it, the server's own holds
	return b.Reader.Read(p)
}
