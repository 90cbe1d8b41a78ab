package dynamodb_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	tagged   = regexp.MustCompile(`\[(\d+\.\d+)\]`)
	listed   = regexp.MustCompile(`^\| (\d+\.\d+) \|.*\| ([^|]+) \|$`)
	testFile = regexp.MustCompile(`[\w/]+\.(txt|go)`)
)

// pins are the tags of the tests: by number, then by file, as behaviour.md
// names it.
type pins map[string]map[string]bool

func (p pins) add(file, comment string) (n int) {
	for _, m := range tagged.FindAllStringSubmatch(comment, -1) {
		if p[m[1]] == nil {
			p[m[1]] = map[string]bool{}
		}
		p[m[1]][file] = true
		n++
	}
	return n
}

// addTextTests adds the tags of the text tests and returns how many of them
// stand at known gaps.
func (p pins) addTextTests(t *testing.T) (gaps int) {
	for _, file := range matches(t, "testdata/*.txt") {
		steps, _ := parseSteps(t, read(t, file))
		for _, s := range steps {
			if n := p.add(filepath.Base(file), s.comment); s.xfail {
				gaps += n
			}
		}
	}
	return gaps
}

// addGoTests adds the tags in comments of Go tests.
func (p pins) addGoTests(t *testing.T) {
	for _, file := range append(matches(t, "../*/*_test.go"), matches(t, "../../test/*_test.go")...) {
		name := path.Join("internal/dynamodb", filepath.ToSlash(file))
		for line := range strings.Lines(read(t, file)) {
			if _, comment, ok := strings.Cut(line, "//"); ok {
				p.add(name, comment)
			}
		}
	}
}

func matches(t *testing.T, pattern string) []string {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

func read(t *testing.T, file string) string {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestBehaviourIsPinned compares docs/behaviour.md with the tags in the tests:
// each number of the list has a step or a Go test in the files that it names,
// and each tag is in the list.
func TestBehaviourIsPinned(t *testing.T) {
	pinned := pins{}
	gaps := pinned.addTextTests(t)
	pinned.addGoTests(t)

	inList := map[string]bool{}
	chapters := map[string]int{}
	for line := range strings.Lines(read(t, "../../docs/behaviour.md")) {
		m := listed.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		number := m[1]
		if inList[number] {
			t.Errorf("behaviour.md has %s twice", number)
		}
		inList[number] = true
		chapter, _, _ := strings.Cut(number, ".")
		chapters[chapter]++
		names := testFile.FindAllString(m[2], -1)
		if len(names) == 0 {
			t.Errorf("behaviour.md names no file for %s", number)
		}
		for _, name := range names {
			if !pinned[number][name] {
				t.Errorf("%s has no test with the tag [%s]", name, number)
			}
		}
	}
	for number := range pinned {
		if !inList[number] {
			t.Errorf("the tag [%s] is not in behaviour.md", number)
		}
	}
	t.Logf("%d facts in %d chapters are pinned; %d steps of theirs are known gaps", len(inList), len(chapters), gaps)
}
