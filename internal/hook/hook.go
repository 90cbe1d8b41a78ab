// Package hook runs what users put into the directories of LocalStack's stages,
// when the server comes to a stage: scripts as processes, and files that say
// what tables and items there are to be. What fails is told of, and stops
// nothing.
package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Stage is how far the server has come.
type Stage string

// The stages, in order: before it listens, when it serves, when all of Start is
// done, and before it ends.
const (
	Boot     Stage = "BOOT"
	Start    Stage = "START"
	Ready    Stage = "READY"
	Shutdown Stage = "SHUTDOWN"
)

// Stages are all stages in order.
var Stages = []Stage{Boot, Start, Ready, Shutdown}

// A State is how a script is doing, in LocalStack's words.
type State string

// The states. A script that is not to be run, because nothing here can, has
// failed when its stage comes.
const (
	Unknown    State = "UNKNOWN" // not run yet
	Running    State = "RUNNING"
	Successful State = "SUCCESSFUL"
	Failed     State = "ERROR"
)

// A Script is a file of a stage.
type Script struct {
	Stage Stage  `json:"stage"`
	Name  string `json:"name"` // of the file, without its directory
	State State  `json:"state"`

	path string
}

// Config is what a Runner is made of.
type Config struct {
	// Dir has the directories boot.d, start.d, ready.d and shutdown.d. It need
	// not be there.
	Dir string
	// Do carries out an operation of the API in Region, and returns its output.
	Do func(ctx context.Context, region, operation string, body []byte) ([]byte, error)
	// Region is where what does not say otherwise is to be.
	Region string
	// Account is who it is to belong to.
	Account string
	// Environment is what scripts find besides what the server has found, unless
	// it has found that: NAME=value.
	Environment []string
	Log         *slog.Logger
}

// A Runner runs the stages.
type Runner struct {
	conf Config

	mu        sync.Mutex
	scripts   []*Script
	completed map[Stage]bool
}

// New looks for the files of all stages, of which none is run yet. What it cannot
// read it logs.
func New(conf Config) *Runner {
	r := &Runner{conf: conf, completed: map[Stage]bool{}}
	for _, stage := range Stages {
		dir := filepath.Join(conf.Dir, strings.ToLower(string(stage))+".d")
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if runnerOf(path) != nil {
				r.scripts = append(r.scripts, &Script{stage, d.Name(), Unknown, path})
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			conf.Log.Error("a directory of init hooks cannot be read", "error", err)
		}
	}
	return r
}

// Has reports whether a stage has something to run.
func (r *Runner) Has(stage Stage) bool {
	return slices.ContainsFunc(r.scripts, func(s *Script) bool { return s.Stage == stage })
}

// Run runs the files of a stage, one after the other, in the order of their
// paths, until ctx ends.
func (r *Runner) Run(ctx context.Context, stage Stage) {
	for _, s := range r.scripts {
		if s.Stage != stage || ctx.Err() != nil {
			continue
		}
		r.set(s, Running)
		state := Successful
		if err := runnerOf(s.path)(r, ctx, s.path); err != nil {
			state = Failed
			r.conf.Log.Error("an init hook failed", "stage", stage, "file", s.path, "error", err)
		}
		r.set(s, state)
	}
	r.mu.Lock()
	r.completed[stage] = ctx.Err() == nil
	r.mu.Unlock()
}

func (r *Runner) set(s *Script, state State) {
	r.mu.Lock()
	s.State = state
	r.mu.Unlock()
}

// Status returns which stages are over, and how the scripts of the given ones
// are doing.
func (r *Runner) Status(of ...Stage) (completed map[Stage]bool, scripts []Script) {
	r.mu.Lock()
	defer r.mu.Unlock()
	completed, scripts = map[Stage]bool{}, []Script{}
	for _, stage := range of {
		completed[stage] = r.completed[stage]
	}
	for _, s := range r.scripts {
		if slices.Contains(of, s.Stage) {
			scripts = append(scripts, *s)
		}
	}
	return completed, scripts
}

// A run runs one file.
type run func(r *Runner, ctx context.Context, path string) error

// runnerOf returns what runs a file, or nil for one that is none of the hooks.
func runnerOf(path string) run {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".sh":
		return (*Runner).script
	case ".py":
		return func(*Runner, context.Context, string) error {
			return errors.New("Python is not run here: write it as .sh, .json, .partiql or a CloudFormation template")
		}
	case ".json", ".yaml", ".yml", ".template", ".tfstate":
		return (*Runner).document
	case ".partiql", ".sql":
		return (*Runner).statements
	}
	return nil
}

// read reads a file that is not there to be run.
func read(path string) ([]byte, error) {
	const most = 64 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("it is larger than %d MiB", most>>20)
	}
	return os.ReadFile(path)
}
