package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hooks returns a directory with files for stages.
func hooks(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Tables are there before anybody can ask for them, scripts of later stages reach
// the server, and Ready. means that all is done.
func TestInitHooks(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("there is no curl")
	} else if err != nil {
		t.Fatal(err)
	}
	ask := func(operation, body string) string {
		return "#!/bin/sh\n" + curl + ` -s -m 5 -H "Content-Type: application/x-amz-json-1.0" -H "X-Amz-Target: DynamoDB_20120810.` + operation + `" "$AWS_ENDPOINT_URL" -d '` + body + "'\n"
	}
	dir := hooks(t, map[string]string{
		"boot.d/table.json":  plainTable,
		"boot.d/nobody.sh":   ask("ListTables", "{}"),
		"start.d/item.sh":    ask("PutItem", `{"TableName":"tab","Item":{"pk":{"S":"start"}}}`),
		"ready.d/a.partiql":  `UPDATE "tab" SET x = 1 WHERE pk = 'start'`,
		"ready.d/b.sh":       "#!/bin/sh\nexit 1\n",
		"shutdown.d/scan.sh": ask("Scan", `{"TableName":"tab"}`),
	})
	r := start(t, []string{"--memory"}, "STATOR_INIT_DIR="+dir)
	if got := r.ask(t, "GET", "/_localstack/init", ""); got != `200 {"completed":{"BOOT":true,"READY":true,"SHUTDOWN":false,"START":true},"scripts":[`+
		`{"stage":"BOOT","name":"nobody.sh","state":"ERROR"},{"stage":"BOOT","name":"table.json","state":"SUCCESSFUL"},{"stage":"START","name":"item.sh","state":"SUCCESSFUL"},`+
		`{"stage":"READY","name":"a.partiql","state":"SUCCESSFUL"},{"stage":"READY","name":"b.sh","state":"ERROR"},{"stage":"SHUTDOWN","name":"scan.sh","state":"UNKNOWN"}]}` {
		t.Error(got)
	}
	if got := r.ask(t, "GET", "/_localstack/init/start", ""); got != `200 {"completed":true,"scripts":[{"stage":"START","name":"item.sh","state":"SUCCESSFUL"}]}` {
		t.Error(got)
	}
	r.stop(t)
	if !strings.Contains(r.errOut.String(), `{\"pk\":{\"S\":\"start\"},\"x\":{\"N\":\"1\"}}`) {
		t.Errorf("the last script did not reach the server: %s", &r.errOut)
	}
}

// A restart begins anew in the same process, and what is on disk is there.
func TestRestart(t *testing.T) {
	r := start(t, []string{"--data", t.TempDir(), "--init-dir", hooks(t, map[string]string{"ready.d/a.json": plainTable})})
	if got := r.ask(t, "POST", "/_localstack/health", `{"action":"restart"}`); got != "200 ok" {
		t.Error(got)
	}
	if line, err := r.out.ReadString('\n'); line != "Ready.\n" {
		t.Fatalf("%q %v: %s", line, err, &r.errOut)
	}
	r.stop(t)
	if log := r.errOut.String(); strings.Count(log, "created a table") != 1 || strings.Count(log, "is there and stays as it is") != 1 {
		t.Error(log)
	}
}

func TestDiagnosis(t *testing.T) {
	r := start(t, []string{"--memory"}, "DEBUG=1")
	defer r.stop(t)
	if got := r.ask(t, "GET", "/_localstack/diagnose", ""); !strings.Contains(got, `"memory":"true"`) || !strings.Contains(got, `"uptime"`) {
		t.Error(got)
	}
	if got := r.ask(t, "GET", "/_localstack/usage", ""); !strings.Contains(got, `"goroutines"`) {
		t.Error(got)
	}
}

// A server whose hooks do not end can be ended, and has not said that it is ready.
func TestEndDuringHooks(t *testing.T) {
	dir := hooks(t, map[string]string{"ready.d/a.sh": "#!/bin/sh\necho begun\nexec sleep 1000\n"})
	cmd := program(t, []string{"--memory", "--listen", "127.0.0.1:0", "--init-dir", dir})
	var out bytes.Buffer
	cmd.Stdout = &out
	errOut, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(errOut)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "msg=begun") {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || out.Len() > 0 {
		t.Errorf("%v, %q", err, &out)
	}
}
