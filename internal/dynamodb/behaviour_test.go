package dynamodb_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	tagged   = regexp.MustCompile(`\[(\d+\.\d+)\]`)
	listed   = regexp.MustCompile(`^\| (\d+\.\d+) \|.*\| ([^|]+) \|$`)
	testFile = regexp.MustCompile(`[\w/]+\.txt`)
)

// TestBehaviourIsPinned compares docs/behaviour.md with the tags in the text
// tests: each number of the list has a step in the files that it names, and
// each tag is in the list.
func TestBehaviourIsPinned(t *testing.T) {
	pinned := map[string]map[string]bool{} // by number, then file
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no text tests: %v", err)
	}
	gaps := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		steps, _ := parseSteps(t, string(src))
		for _, s := range steps {
			for _, m := range tagged.FindAllStringSubmatch(s.comment, -1) {
				if pinned[m[1]] == nil {
					pinned[m[1]] = map[string]bool{}
				}
				pinned[m[1]][filepath.Base(file)] = true
				if s.xfail {
					gaps++
				}
			}
		}
	}

	f, err := os.Open("../../docs/behaviour.md")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	inList := map[string]bool{}
	chapters := map[string]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := listed.FindStringSubmatch(lines.Text())
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
				t.Errorf("%s has no step with the tag [%s]", name, number)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for number := range pinned {
		if !inList[number] {
			t.Errorf("the tag [%s] is not in behaviour.md", number)
		}
	}
	t.Logf("%d facts in %d chapters are pinned; %d steps of theirs are known gaps", len(inList), len(chapters), gaps)
}
