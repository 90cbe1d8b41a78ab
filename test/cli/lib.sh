# What the sessions of the AWS CLI share. The server is at $endpoint.
set -euo pipefail
shopt -s inherit_errexit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "$0: line $LINENO failed" >&2' ERR

db() { aws dynamodb "$@" --endpoint-url "$endpoint" --output json; }

# value EXPRESSION COMMAND... prints what a JMESPath expression finds in all
# pages, as JSON in one line.
value() {
	local query=$1
	shift
	db "$@" --query "$query" | python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin), separators=(",", ":"), sort_keys=True))'
}

equal() { # equal WHAT GOT WANT
	[[ $2 == "$3" ]] || { printf '%s:\n got  %s\n want %s\n' "$1" "$2" "$3" >&2; exit 1; }
}

# fails TEXT COMMAND... expects the exit status of an error that the service
# answered, 254 (255 before version 2), and a text in the message.
fails() {
	local text=$1 status=0 out
	shift
	out=$(db "$@" 2>&1) || status=$?
	[[ $status == 254 || $status == 255 ]] || { echo "$*: status $status, not 254: $out" >&2; exit 1; }
	[[ $out == *"$text"* ]] || { printf '%s:\n got  %s\n want %s\n' "$*" "$out" "$text" >&2; exit 1; }
}
