#!/usr/bin/env bash
# Runs every fuzz target of the module for a time each: fuzz.sh 5s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -n1 dirname | sort -u | while read -r dir; do
	grep -h '^func Fuzz' "$dir"/*_test.go | sed 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/' | while read -r target; do
		echo "fuzz $dir $target"
		go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "$time" </dev/null
	done
done
