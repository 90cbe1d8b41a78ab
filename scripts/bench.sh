#!/usr/bin/env bash
# Measures stator beside a server that does nothing, with its engines in memory,
# on disk and on a PostgreSQL of its own, and prints the tables of
# docs/performance.md. Takes some five minutes. From the environment:
#
#   DURATION  of each measurement (3s)
#   WARMUP    before each measurement (1s); a Java server wants more
#   WORKLOAD  what to measure (all), as for `stator bench`
#   PEERS     other servers to measure in the same run, which are running and
#             empty: "NAME=http://127.0.0.1:PORT:PID ..."
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -n ${STATOR_POSTGRES:-} ]] || exec scripts/with-postgres.sh "$0" "$@"

work=$(mktemp -d)
started=()
cleanup() {
	if [[ ${#started[@]} -gt 0 ]]; then
		kill "${started[@]}" 2>/dev/null || true
		wait "${started[@]}" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# serve COMMAND... starts a server and returns when it says that it is ready.
# Its address is in $url then, its process id in $pid, and in $startup the
# milliseconds to its first answer.
serve() {
	local line out said='' begin=${EPOCHREALTIME//[!0-9]/}
	url=
	exec {out}< <(exec "$@" 2>&1)
	pid=$!
	started+=("$pid")
	while IFS= read -r -t 30 line <&"$out"; do
		said+=$line$'\n'
		[[ -n $url || ! $line =~ http://[0-9.]+:([0-9]+) ]] || url=${BASH_REMATCH[0]} port=${BASH_REMATCH[1]}
		[[ $line != Ready. ]] || break
	done
	if [[ -z $url || ${line:-} != Ready. ]]; then
		printf '%s did not start:\n%s' "$*" "$said" >&2
		exit 1
	fi
	exec {tcp}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /_localstack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&"$tcp"
	IFS= read -r -t 30 line <&"$tcp"
	startup=$(((${EPOCHREALTIME//[!0-9]/} - begin) / 1000))
	exec {tcp}>&-
	# The pipe stays open: a server may print more.
}

resident() { awk '/^VmRSS/ { printf "%.0f", $2 / 1000 }' "/proc/$1/status"; }

stop() {
	kill "$1"
	wait "$1" 2>/dev/null || true
}

measure() { # measure TARGETS [FLAGS...]
	local targets=$1
	shift
	"$work/stator" bench --compare "$targets" --duration "${DURATION:-3s}" --warmup "${WARMUP:-1s}" \
		--workload "${WORKLOAD:-all}" --markdown "$@"
}

go build -o "$work/stator" ./cmd/stator
serve "$work/stator" bench nothing --listen 127.0.0.1:0
nothing=nothing=$url:$pid

printf '## Memory engine\n\n'
sed -n "s/^model name[^:]*: */CPU: /p" /proc/cpuinfo | sed -n 1p
printf '%s cores, %s, 8 connections.\n\n' "$(nproc)" "$(go env GOVERSION)"
serve "$work/stator" --memory --listen 127.0.0.1:0
memory=$pid
printf -- '- start to first answer, empty store: %d ms (target 50)\n' "$startup"
printf -- '- resident memory, idle: %d MB (target 40)\n\n' "$(resident "$pid")"
targets=stator=$url:$pid,$nothing
for peer in ${PEERS:-}; do targets+=,$peer; done
measure "$targets" --goals
stop "$memory"

# many measures what many connections at once get done: writes share a sync.
many() {
	printf '\n64 connections:\n\n'
	WORKLOAD=get,put,update,transact measure "stator=$url:$pid,$nothing" --workers 64
	printf '\nWrites to a table with a stream, 8 connections:\n\n'
	WORKLOAD=put,update,batch-write,transact measure "stator=$url:$pid,$nothing" --stream
	printf '\nThe same to a global table of three regions:\n\n'
	WORKLOAD=put,update,batch-write,transact measure "stator=$url:$pid,$nothing" --replicas eu-west-1,ap-south-1
}

printf '\n## Disk engine, --fsync=always\n\n'
serve "$work/stator" --data "$work/data" --fsync=always --listen 127.0.0.1:0
printf -- '- start to first answer, empty store: %d ms\n' "$startup"
printf -- '- resident memory, idle: %d MB\n\n' "$(resident "$pid")"
measure "stator=$url:$pid,$nothing"
many
stop "$pid"

printf '\n## PostgreSQL on the same machine\n\n'
serve "$work/stator" --store "$STATOR_POSTGRES" --listen 127.0.0.1:0
printf -- '- start to first answer, empty store: %d ms\n' "$startup"
printf -- '- resident memory, idle: %d MB\n\n' "$(resident "$pid")"
measure "stator=$url:$pid,$nothing"
many
