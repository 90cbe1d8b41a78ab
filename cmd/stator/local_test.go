package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"
	"github.com/statordb/stator/internal/option"
)

func TestCommandLineOfDynamoDBLocal(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("data", 0o755); err != nil {
		t.Fatal(err)
	}
	const fixed = "--profile=dynamodb-local --listen=:8000 --local-port=0 "
	for _, test := range []struct{ line, want string }{
		{"stator -inMemory", fixed + "--memory"},
		{"stator -port 8123 -inMemory -sharedDb", "--profile=dynamodb-local --listen=:8123 --local-port=0 --memory --shared-db"},
		{"stator -jar DynamoDBLocal.jar", fixed + "--memory=false --data=stator-data"},
		{"stator -jar DynamoDBLocal.jar -sharedDb -dbPath ./data", fixed + "--memory=false --data=data/stator-data --shared-db"},
		{"stator -jar DynamoDBLocal.jar -inMemory -disableTelemetry -delayTransientStatuses", fixed + "--memory --transient-status"},
		{"stator -Djava.library.path=./DynamoDBLocal_lib -jar /x/DynamoDBLocal.jar -inMemory", fixed + "--memory"},
		{"stator java -Xmx256m -Djava.library.path=. -jar DynamoDBLocal.jar -inMemory", fixed + "--memory --soft-memory-limit=256m"},
		{"/usr/bin/java -Xms1g -Xmx1G -XX:+UseG1GC -server -jar DynamoDBLocal.jar -inMemory", fixed + "--memory --soft-memory-limit=1G"},
		{"java -cp DynamoDBLocal.jar:lib com.amazonaws.services.dynamodbv2.local.main.ServerRunner -inMemory", fixed + "--memory"},
		{"java -jar DynamoDBLocal.jar -inMemory -cors http://a.example,http://b.example", fixed + "--memory --cors-origins=http://a.example,http://b.example"},
		{"java -jar DynamoDBLocal.jar --inMemory --port=8123", "--profile=dynamodb-local --listen=:8123 --local-port=0 --memory"},
		{"stator -optimizeDbBeforeStartup -dbPath data", fixed + "--memory=false --data=data/stator-data --optimize"},
		{"stator -version", "version"},
		{"java -version", "version"},
		{"stator -help", localHelpCommand},

		{"stator -inMemory -dbPath data", "error: dbPath and inMemory cannot be set at the same time."},
		{"stator -inMemory -port 70000", "error: Invalid Port. Port number must lie between 1 and 65535."},
		{"stator -inMemory -port", "error: Missing argument for option: port"},
		{"stator -dbPath /does/not/exist", "error: Invalid directory for database creation."},
		{"stator -inMemory -optimizeDbBeforeStartup", "error: optimizeDbBeforeStartup option must be used with dbPath to determine the location of database files to optimize."},
		{"stator -memory", "error: Unrecognized option: -memory: DynamoDB Local has none of this name, and stator's own begin with --"},
		{"stator -jar DynamoDBLocal.jar sharedDb", "error: Unrecognized option: sharedDb: DynamoDB Local has none of this name, and stator's own begin with --"},
		{"java -jar other.jar", "error: this stands in for java to run DynamoDBLocal.jar, and cannot run other.jar"},
		{"java Main", "error: this stands in for java to run DynamoDBLocal.jar, and cannot run Main"},
		{"java -jar", "error: -jar requires a name"},
	} {
		line := strings.Fields(test.line)
		if !isLocal(line) {
			t.Errorf("%s: is not DynamoDB Local's", test.line)
			continue
		}
		args, err := fromLocal(line)
		got := strings.Join(args, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.line, got, test.want)
		}
	}
	for _, line := range []string{"stator", "stator serve", "stator --memory", "stator -h", "/java/stator --listen :1", "stator config show"} {
		if isLocal(strings.Fields(line)) {
			t.Errorf("%s: is DynamoDB Local's", line)
		}
	}
}

// Whatever a command line of DynamoDB Local is, what is made of it is one of ours.
func FuzzCommandLineOfDynamoDBLocal(f *testing.F) {
	f.Add("-jar DynamoDBLocal.jar -port 8123 -sharedDb")
	f.Add("java -Xmx1g -cp x:y com.amazonaws.services.dynamodbv2.local.main.ServerRunner -inMemory -cors *")
	f.Add("-dbPath . -optimizeDbBeforeStartup")
	f.Fuzz(func(t *testing.T, line string) {
		args, err := fromLocal(append([]string{"java"}, strings.Fields(line)...))
		if err != nil {
			return
		}
		if len(args) == 1 && !strings.HasPrefix(args[0], "-") {
			return // a command
		}
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		option.AddFlags(flags)
		if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
			t.Errorf("%q is %q: %v", line, args, err)
		}
	})
}

func TestProgramCalledJava(t *testing.T) {
	t.Chdir(t.TempDir())
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, "java"); err != nil {
		t.Skip(err)
	}
	java, err := filepath.Abs("java")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), java, "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-port", "0", "-sharedDb")
	cmd.Env = []string{actAsMain + "=1", "GORACE=atexit_sleep_ms=0"}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said string
	for lines := bufio.NewReader(stdout); !strings.HasSuffix(said, "Ready.\n"); {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %s", err, said)
		}
		said += line
	}
	m := regexp.MustCompile(`^Initializing DynamoDB Local with the following configuration:
Port:\t(\d+)
InMemory:\tfalse
Version:\t\S+
DbPath:\tstator-data
SharedDb:\ttrue
shouldDelayTransientStatuses:\tfalse
CorsParams:\tnull

Ready.\n$`).FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("got %s", said)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:"+m[1]+"/", strings.NewReader(
		`{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.CreateTable")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), `"arn:aws:dynamodb:ddblocal:000000000000:table/tab"`) {
		t.Errorf("got %s", body)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("stator-data"); err != nil {
		t.Error(err)
	}
}

func TestHelpOfDynamoDBLocal(t *testing.T) {
	if status, out, errOut := run(t, []string{"-help"}); status != 0 || out != localHelp || errOut != "" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	status, out, errOut := run(t, []string{"-inMemory", "-dbPath", "/tmp"})
	if status != 1 || out != "" || errOut != "stator: dbPath and inMemory cannot be set at the same time.\n" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}
