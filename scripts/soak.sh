#!/usr/bin/env bash
# Runs the crash, linearizability and random tests with ever new seeds for
# hours, and stops at the first finding with all that is known of it. It can be
# interrupted: run again, it goes on where it was. From the environment:
#
#   SOAK        how long (8h)
#   SOAK_STATE  where to keep what has been run, and findings (.soak)
set -euo pipefail
cd "$(dirname "$0")/.."
state=${SOAK_STATE:-.soak}
mkdir -p "$state/bin"
state=$(cd "$state" && pwd)

# All rounds test what is built now, whatever happens to the sources.
go build -o "$state/bin/stator" ./cmd/stator
go test -c -o "$state/bin/dynamodb.test" ./internal/dynamodb
go test -c -o "$state/bin/pebblekv.test" ./internal/kv/pebblekv
cd test
go test -c -o "$state/bin/e2e.test" .
STATOR_SOAK=${SOAK:-8h} STATOR_SOAK_STATE=$state exec "$state/bin/e2e.test" -test.run '^TestSoak$' -test.timeout 0
