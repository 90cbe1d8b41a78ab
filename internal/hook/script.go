package hook

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// script runs an executable file. What it prints goes to the log, line by line.
func (r *Runner) script(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode()&0o111 == 0 {
		return errors.New("it is not executable: chmod +x")
	}
	err = r.execute(ctx, path, path)
	if errors.Is(err, syscall.ENOEXEC) { // it does not say what runs it
		err = r.execute(ctx, path, "/bin/sh", path)
	}
	return err
}

// linger is how long processes that a script has left behind may keep its output.
const linger = time.Second

func (r *Runner) execute(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = r.environment(os.Environ())
	cmd.WaitDelay = linger
	in, out := io.Pipe()
	cmd.Stdout, cmd.Stderr = out, out
	var printing sync.WaitGroup
	printing.Go(func() {
		lines := bufio.NewReaderSize(in, 64<<10)
		for {
			line, _, err := lines.ReadLine()
			if err != nil {
				return
			}
			r.conf.Log.Info(string(line), "hook", filepath.Base(path))
		}
	})
	err := cmd.Run()
	_ = out.Close() // it never fails
	printing.Wait()
	return err
}

// environment returns what was found with what was not.
func (r *Runner) environment(found []string) []string {
	env := found
	for _, add := range r.conf.Environment {
		name, _, _ := strings.Cut(add, "=")
		there := false
		for _, have := range found {
			there = there || strings.HasPrefix(have, name+"=") && have != name+"="
		}
		if !there {
			env = append(env, add)
		}
	}
	return env
}
