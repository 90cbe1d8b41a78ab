package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWSCLI(t *testing.T) {
	t.Parallel()
	require(t, "aws")
	require(t, "python3", "/usr/bin/python3") // reads the JSON that aws prints
	session(t, require(t, "bash"), "cli/session.sh")
}

func TestAWSCLIWithGlobalTables(t *testing.T) {
	require(t, "aws")
	require(t, "curl")
	require(t, "python3", "/usr/bin/python3")
	t.Parallel()
	session(t, require(t, "bash"), "cli/global_tables.sh")
}

// What of global tables needs a restart is looked at before and after one.
func TestAWSCLIWithReplicas(t *testing.T) {
	ownServer(t)
	require(t, "aws")
	require(t, "curl")
	require(t, "python3", "/usr/bin/python3")
	t.Parallel()
	data := t.TempDir()
	p := start(t, "--data", data)
	sessionAt(t, p.url, require(t, "bash"), "cli/replicas.sh")
	p.stop(t)
	sessionAt(t, start(t, "--data", data).url, require(t, "bash"), "cli/replicas.sh", "again")
}

func TestTokensWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	require(t, "aws")
	session(t, require(t, "bash"), "cli/sts.sh")
}

func TestBoto3(t *testing.T) {
	session(t, pythonWithBoto3(t), "python/session.py")
}

// pythonWithBoto3 returns the first Python that has boto3. The distribution's
// package belongs to the distribution's Python, which need not come first.
func pythonWithBoto3(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import boto3").Run() == nil {
			return python
		}
	}
	missing(t, "there is no Python with boto3")
	return ""
}

func TestJavaScript(t *testing.T) {
	node := require(t, "node")
	if _, err := os.Stat("js/node_modules/@aws-sdk/lib-dynamodb"); err != nil {
		missing(t, "the SDK for JavaScript is not in test/js/node_modules")
	}
	session(t, node, "js/session.mjs")
}

// Clients that are told to trust the server's certificate come by https.
func TestAWSCLIWithHTTPS(t *testing.T) {
	ownServer(t)
	aws := require(t, "aws")
	data := t.TempDir()
	p := start(t, "--data", data)
	for _, command := range [][]string{{"dynamodb", "list-tables"}, {"sts", "get-caller-identity"}} {
		cmd := exec.CommandContext(t.Context(), aws, append(command, "--endpoint-url", strings.Replace(p.url, "http:", "https:", 1))...)
		cmd.Env = append(os.Environ(), "AWS_CA_BUNDLE="+filepath.Join(data, "tls", "certificate.pem"),
			"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", command, err, out)
		}
	}
}
