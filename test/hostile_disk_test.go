package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// smallDisk mounts a disk of that many MiB and returns its directory. It skips
// the test where that is not allowed; root is.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	ownServer(t)
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk; the tests of pebblekv have the same on one in memory")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", size), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	return dir
}

// ballast fills the disk that holds dir up to that many MiB.
func ballast(t *testing.T, dir string, left int) (remove func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	ok(t, err)
	block := make([]byte, 1<<20)
	for err == nil {
		_, err = f.Write(block)
	}
	info, err := f.Stat()
	ok(t, err)
	ok(t, f.Truncate(info.Size()-int64(left)<<20))
	ok(t, f.Close())
	return func() { ok(t, os.Remove(name)) }
}

func tryPut(t *testing.T, db *dynamodb.Client, table, sk string) error {
	t.Helper()
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item(t, plain{"pk": "a", "sk": sk})})
	return err
}

func TestAFullDiskRefusesWritesUntilThereIsRoom(t *testing.T) {
	disk := smallDisk(t, 128)
	data := filepath.Join(disk, "data")
	p := start(t, "--data", data)
	db := connect(t, p.url)
	lastingTable(t, db, "full")
	for i := range 20 {
		put(t, db, "full", plain{"pk": "a", "sk": fmt.Sprint(i)})
	}
	for range 2 {
		remove := ballast(t, disk, 12)
		var err error
		for i := 0; err == nil && i < 10_000; i++ { // until it looks at the disk again
			err = tryPut(t, db, "full", "more")
		}
		var internal *types.InternalServerError
		if !errors.As(err, &internal) || !strings.Contains(internal.ErrorMessage(), "the disk that holds "+data+" is nearly full (") ||
			!strings.Contains(internal.ErrorMessage(), "free some space") {
			t.Fatalf("on a full disk: %v", err)
		}
		same(t, "an item", get(t, db, "full", plain{"pk": "a", "sk": "7"}), plain{"pk": "a", "sk": "7"})
		_, err = db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("full"), Key: item(t, plain{"pk": "a", "sk": "more"})})
		ok(t, err)
		remove()
		ok(t, tryPut(t, db, "full", "at once"))
	}
	if n := strings.Count(p.log.String(), "is nearly full"); n != 2 {
		t.Errorf("the log tells of a full disk %d times, want 2:\n%s", n, p.log)
	}

	// With no room at all it need not start, but says why; with some it has
	// everything.
	p.kill(t)
	remove := ballast(t, disk, 0)
	says := refusal(t, "--data", data)
	oneLine(t, says, data, "no space left on device", "free some space")
	remove()
	db = connect(t, start(t, "--data", data).url)
	for i := range 20 {
		same(t, "an item", get(t, db, "full", plain{"pk": "a", "sk": fmt.Sprint(i)}), plain{"pk": "a", "sk": fmt.Sprint(i)})
	}
}

// oneLine checks that a refusal is one line with all of the words.
func oneLine(t *testing.T, says string, words ...string) {
	t.Helper()
	if strings.Count(strings.TrimSpace(says), "\n") != 0 {
		t.Errorf("the refusal is not one line:\n%s", says)
	}
	for _, word := range words {
		if !strings.Contains(says, word) {
			t.Errorf("the refusal does not have %q:\n%s", word, says)
		}
	}
}

func TestAReadOnlyDiskIsRefused(t *testing.T) {
	disk := smallDisk(t, 64)
	data := filepath.Join(disk, "data")
	start(t, "--data", data).stop(t)
	remount := func(how string) {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,"+how, disk).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	remount("ro")
	oneLine(t, refusal(t, "--data", data), data, "read-only file system", "mount it writable")
	oneLine(t, refusal(t, "--data", filepath.Join(disk, "new")), "read-only file system", "mount it writable")
	remount("rw")
	start(t, "--data", data).stop(t)
}

func TestAFileInPlaceOfTheDirectoryIsRefused(t *testing.T) {
	ownServer(t)
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, nil, 0o644))
	oneLine(t, refusal(t, "--data", file), file, "a file is in the place")
	oneLine(t, refusal(t, "--data", filepath.Join(file, "below")), file, "a file is in the place")
}

func TestADirectoryWithoutPermissionIsRefused(t *testing.T) {
	ownServer(t)
	if os.Geteuid() == 0 {
		t.Skip("root has permission for everything; the tests of pebblekv have the same in memory")
	}
	dir := t.TempDir()
	ok(t, os.Chmod(dir, 0o500))
	oneLine(t, refusal(t, "--data", dir), dir, "permission denied", "let the user that runs stator write there")
}

// Files that are damaged while stator does not run are named when it starts, and
// it does not start. The real files are those of a session with a flush.
func TestDamagedFilesAreRefused(t *testing.T) {
	ownServer(t)
	data := filepath.Join(t.TempDir(), "data")
	for i := range 2 {
		p := start(t, "--data", data)
		db := connect(t, p.url)
		if i == 0 {
			lastingTable(t, db, "tab")
		}
		fill(t, db, "tab", fmt.Sprint(i), 100, nil)
		p.stop(t)
	}
	entries, err := os.ReadDir(data)
	ok(t, err)
	var log, manifest string // the last of each, in which flipped bits are looked for at once
	for _, e := range entries {
		switch {
		case strings.HasSuffix(e.Name(), ".log"):
			log = e.Name()
		case strings.HasPrefix(e.Name(), "MANIFEST-"):
			manifest = e.Name()
		}
	}
	for _, e := range entries {
		if e.IsDir() { // the server's certificate is none of the store's
			continue
		}
		name := filepath.Join(data, e.Name())
		whole, err := os.ReadFile(name)
		ok(t, err)
		if len(whole) == 0 || e.Name() == "STATOR-CLOSED" {
			continue
		}
		flipped := append([]byte(nil), whole...)
		flipped[len(flipped)/2] ^= 4
		damages := map[string][]byte{"cut": whole[:len(whole)/2]}
		if e.Name() == log || e.Name() == manifest {
			damages["flipped"] = flipped
		}
		for how, b := range damages {
			seal, err := os.ReadFile(filepath.Join(data, "STATOR-CLOSED"))
			ok(t, err)
			ok(t, os.WriteFile(name, b, 0o644))
			says := refusal(t, "--data", data)
			t.Logf("%s %s: %s", e.Name(), how, says)
			oneLine(t, says, name, "is damaged", "restore the data directory from a backup")
			ok(t, os.WriteFile(name, whole, 0o644))
			ok(t, os.WriteFile(filepath.Join(data, "STATOR-CLOSED"), seal, 0o644))
		}
	}
	db := connect(t, start(t, "--data", data).url)
	same(t, "an item", get(t, db, "tab", plain{"pk": "1", "sk": "007"})["sk"], any("007"))
}

// With few files to open, connections wait for one another and the store goes
// on: it writes logs and tables, and a client that waited is answered when
// others leave.
func TestFewDescriptorsAreEnough(t *testing.T) {
	ownServer(t)
	const files = 100
	data := filepath.Join(t.TempDir(), "data")
	cmd := command(t, "--data", data)
	cmd.Args = append([]string{require(t, "sh"), "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, files)}, cmd.Args...)
	cmd.Path = cmd.Args[0]
	p := startCommand(t, cmd)
	db := connect(t, p.url)
	lastingTable(t, db, "few")
	var idle []net.Conn
	for range files {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		ok(t, err)
		defer c.Close()
		idle = append(idle, c)
	}
	fill(t, db, "few", "a", 200, func(int) plain { return plain{"v": strings.Repeat("x", 50_000)} })
	late := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		answer, err := client.Get(p.url + "/_localstack/health")
		if err == nil {
			err = answer.Body.Close()
		}
		late <- err
	}()
	for _, c := range idle {
		ok(t, c.Close())
	}
	ok(t, <-late)
	p.stop(t)
	if log := p.log.String(); !strings.Contains(log, "50 connections are open") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says\n%s", log)
	}
	db = connect(t, start(t, "--data", data).url)
	same(t, "an item", len(get(t, db, "few", plain{"pk": "a", "sk": "199"})["v"].(string)), 50_000)
}
