#!/usr/bin/env bash
# with-postgres.sh COMMAND... runs a command with a PostgreSQL server of its own,
# as any user: on a free port of 127.0.0.1, with its settings as installed but
# for a cache of 256 MB, so that a commit is on the disk when it is done. Its URL
# is in STATOR_POSTGRES. The server and its data are gone afterwards.
set -euo pipefail

bin=$(dirname "$(command -v postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1)")
if [[ ! -x $bin/postgres ]]; then
	echo "there is no PostgreSQL here; scripts/install-test-tools.sh installs it" >&2
	exit 1
fi
as=()
dir=$(mktemp -d)
if [[ $(id -u) == 0 ]]; then # PostgreSQL refuses to be root
	as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
	chown nobody "$dir"
fi
pg() { (cd "$dir" && "${as[@]}" "$bin/$@"); }
cleanup() {
	pg pg_ctl stop -D "$dir/data" -m immediate >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

pg initdb -D "$dir/data" -U stator --auth trust -E UTF8 --locale C --no-instructions >/dev/null
for _ in 1 2 3 4 5; do # a port that is free now may be taken a moment later
	port=$((20000 + RANDOM % 30000))
	if pg pg_ctl start -D "$dir/data" -w -l "$dir/log" \
		-o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=256MB" >/dev/null; then
		export STATOR_POSTGRES="postgres://stator@127.0.0.1:$port/postgres"
		"$@"
		exit
	fi
done
cat "$dir/log" >&2
exit 1
