package e2e

import (
	"os"
	"os/exec"
	"testing"
)

func TestAWSCLI(t *testing.T) {
	require(t, "aws")
	require(t, "python3", "/usr/bin/python3") // reads the JSON that aws prints
	session(t, require(t, "bash"), "cli/session.sh")
}

func TestAWSCLIWithGlobalTables(t *testing.T) {
	require(t, "aws")
	require(t, "curl")
	require(t, "python3", "/usr/bin/python3")
	session(t, require(t, "bash"), "cli/global_tables.sh")
}

func TestTokensWithTheAWSCLI(t *testing.T) {
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
