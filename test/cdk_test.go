package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// typescript compiles the definitions with an ending, and checks their types. It
// returns the programs, by name; they find what is in iac/node_modules.
func typescript(t *testing.T, ending string) (programs map[string]string) {
	t.Helper()
	if _, err := os.Stat("iac/node_modules/typescript"); err != nil {
		missing(t, "the libraries of CDK and Pulumi are not in test/iac/node_modules")
	}
	sources, err := filepath.Glob(shown + "/*" + ending)
	ok(t, err)
	if len(sources) == 0 {
		t.Fatalf("there is no *%s in %s", ending, shown)
	}
	ok(t, os.MkdirAll("iac/.build", 0o755))
	build, err := filepath.Abs("iac/.build")
	ok(t, err)
	dir, err := os.MkdirTemp(build, "")
	ok(t, err)
	t.Cleanup(func() { ok(t, os.RemoveAll(dir)) })
	args := []string{"node_modules/typescript/bin/tsc", "--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "es2022", "--module", "node20", "--types", "node", "--rootDir", dir, "--outDir", dir}
	programs = map[string]string{}
	for _, source := range sources {
		name := strings.TrimSuffix(filepath.Base(source), ending)
		file := filepath.Join(dir, name+".ts")
		ok(t, os.WriteFile(file, contents(t, source), 0o644))
		args = append(args, file)
		programs[name] = filepath.Join(dir, name+".js")
	}
	inIAC(t, args...)
	return programs
}

// inIAC runs a program of Node.js in the directory iac, with a client's environment, and
// returns what it prints.
func inIAC(t *testing.T, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), sessionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, require(t, "node"), args...)
	cmd.Dir = "iac"
	cmd.Env = clientEnvironment(t)
	cmd.WaitDelay = stopTimeout
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	return out.Bytes()
}

// The stacks of AWS CDK that the Resource Browser shows make the tables that it makes:
// the server reads their templates when it starts. These, and those that it shows, are
// as CloudFormation has its resources.
func TestCDK(t *testing.T) {
	ownServer(t)
	t.Parallel()
	programs := slices.Sorted(maps.Values(typescript(t, ".cdk.txt")))
	templates, err := filepath.Glob(shown + "/*.yaml")
	ok(t, err)
	args := append([]string{"cdk.mjs", t.TempDir()}, programs...)
	for _, file := range templates {
		file, err := filepath.Abs(file)
		ok(t, err)
		args = append(args, file)
	}
	inIAC(t, args...)

	out, hooks := args[1], t.TempDir()
	ready := filepath.Join(hooks, "ready.d")
	ok(t, os.Mkdir(ready, 0o755))
	made := func(name string) []byte { return contents(t, filepath.Join(out, name+".template.json")) }
	for _, program := range programs {
		name := strings.TrimSuffix(filepath.Base(program), ".js")
		ok(t, os.WriteFile(filepath.Join(ready, name+".json"), made(name), 0o644))
	}
	p := start(t, "--memory", "--init-dir", hooks)
	for line := range strings.Lines(p.log.String()) {
		// Replicas have more of their own in a template than they can have when they are made.
		if strings.Contains(line, "not understood") && !strings.Contains(line, "property=Replicas.") || strings.Contains(line, "level=ERROR") {
			t.Error(line)
		}
	}
	eachDefinition(t, func(t *testing.T, name string, want definition) {
		for i := range want.Replicas {
			want.Replicas[i].TableClassOverride = cmp.Or(want.Replicas[i].TableClassOverride, want.Create.TableClass)
		}
		first := connectAs(p.url, "111111111111")
		want.create(t, first)
		table := *want.Create.TableName
		same(t, "table", descriptionOf(t, connectAs(p.url, "000000000000"), table), descriptionOf(t, first, table))

		type guarded struct {
			ResourcePolicy struct{ PolicyDocument json.RawMessage }
		}
		var template struct {
			Resources map[string]struct {
				Properties struct {
					guarded
					Replicas []guarded
				}
			}
		}
		ok(t, json.Unmarshal(made(name), &template))
		var policy *string
		for _, r := range template.Resources {
			for _, of := range append(r.Properties.Replicas, r.Properties.guarded) {
				if document := string(of.ResourcePolicy.PolicyDocument); document != "" {
					policy = &document
				}
			}
		}
		samePolicy(t, policy, want.Create.ResourcePolicy)
	})
}
