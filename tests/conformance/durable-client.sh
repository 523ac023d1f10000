#!/bin/sh
# Runs weir's client against the reference server of Durable Streams, which comes from npm, with the
# faults it can make and a relay that cuts its connections:
#	durable-client.sh BUILD_DIR
# The last line is "N passed, N failed"; 77 when the server cannot be had. Not part of `make check`:
# it needs the network.
set -eu
version=0.3.7
build=$(cd "${1:?usage: durable-client.sh BUILD_DIR}" && pwd)
: "${CUTS:=1000}"

skip() {
	echo "durable-client: skipped, $1"
	exit 77
}

command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/weir/durable-client-$version
mkdir -p "$cache"
if [ ! -e "$cache/complete" ]; then
	(cd "$cache" && printf '{"private":true}\n' >package.json &&
	    npm install --no-audit --no-fund --loglevel=error "@durable-streams/server@$version" \
	    >npm.log 2>&1) || skip "npm cannot install the server, see $cache/npm.log"
	touch "$cache/complete"
fi
cat >"$cache/server.mjs" <<'END'
import { DurableStreamTestServer } from "@durable-streams/server";
const server = new DurableStreamTestServer({ port: 0, longPollTimeout: 500 });
await server.start();
console.log(server.url);
END

work=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

mkfifo "$work/url"
(cd "$cache" && exec node server.mjs 2>/dev/null) >"$work/url" &
server=$!
read -r DURABLE_URL <"$work/url" || { echo "durable-client: the server does not start"; exit 1; }
top_builddir=$build
export CUTS DURABLE_URL top_builddir

passed=0 failed=0
for test in tests/conformance/test_durable_adapter tests/e2e/test_cuts; do
	"$build/$test" >"$work/log" 2>&1 && broken=0 || broken=1
	cat "$work/log"
	ok=$(grep -c '^\[ *OK \]' "$work/log" || :)
	bad=$(sort -u "$work/log" | grep -cE '^\[ *FAILED *\] [a-z_]+$' || :)
	[ $broken -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
