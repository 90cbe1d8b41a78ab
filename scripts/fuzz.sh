#!/usr/bin/env bash
# Runs every fuzz target of the module for a time each: fuzz.sh 5s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz DIR TARGET. On a busy machine go test now and then takes the end of its
# own time, met in the middle of an input, for a failure. Such a failure has no
# input to show and says nothing but this; the target is run again.
fuzz() {
	for try in 1 2 3; do
		if go test "./$1" -run '^$' -fuzz "^$2\$" -fuzztime "$time" </dev/null 2>&1 | tee "$log"; then
			return
		fi
		if grep -q 'Failing input written' "$log" || ! grep -qx '    context deadline exceeded' "$log"; then
			return 1
		fi
		echo "its time was up in the middle of an input (try $try)"
	done
	return 1
}

grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -n1 dirname | sort -u | while read -r dir; do
	grep -h '^func Fuzz' "$dir"/*_test.go | sed 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/' | while read -r target; do
		echo "fuzz $dir $target"
		fuzz "$dir" "$target"
	done
done
