# Starts the reference server of Durable Streams, which comes from npm, for a script that is given a
# build directory as $1: sets build, work (a directory) and DURABLE_URL, and cleans up at the exit.
# Exits with 77 when the server cannot be had.
version=0.3.7
build=$(cd "${1:?usage: $0 BUILD_DIR}" && pwd)

skip() {
	echo "skipped, $1"
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
read -r DURABLE_URL <"$work/url" || { echo "the server does not start"; exit 1; }
