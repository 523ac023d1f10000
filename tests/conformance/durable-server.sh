#!/bin/sh
# Runs the Durable Streams server suite, which comes from npm, against weir-serve of a build:
#	durable-server.sh BUILD_DIR
# The last line is "N passed, N failed"; 77 when the suite cannot be had. Not part of `make check`:
# it needs the network. Its 6 optional tests are left out: they are about webhooks, and weir-serve
# makes no connections of its own.
set -eu
# vitest 3 instead of the 4 the suite asks for: Debian 12 has node 18 and npm 9, which cannot
# install 4.
version=0.3.6 vitest=3
build=$(cd "${1:?usage: durable-server.sh BUILD_DIR}" && pwd)

skip() {
	echo "durable-server: skipped, $1"
	exit 77
}

command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/weir/durable-server-$version-$vitest
mkdir -p "$cache"
if [ ! -e "$cache/complete" ]; then
	(cd "$cache" && printf '{"private":true,"overrides":{"vitest":"%s"}}\n' "$vitest" >package.json &&
	    npm install --no-audit --no-fund --loglevel=error \
	    "@durable-streams/server-conformance-tests@$version" "vitest@$vitest" >npm.log 2>&1) ||
	    skip "npm cannot install the suite, see $cache/npm.log"
	touch "$cache/complete"
fi
cat >"$cache/suite.test.mjs" <<'END'
import { runConformanceTests } from "@durable-streams/server-conformance-tests";
runConformanceTests({ baseUrl: process.env.CONFORMANCE_TEST_URL, longPollTimeoutMs: 500 });
END

work=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

mkfifo "$work/ready"
"$build/weir-serve" --listen 127.0.0.1:0 --data "$work/data" --log "$work/log" --cors '*' \
    --long-poll-timeout 0.5 --ready-fd 3 3>"$work/ready" &
server=$!
url=$(sed -n 's/^http/http/p' "$work/ready")
[ -n "$url" ] || { echo "durable-server: weir-serve does not start"; exit 1; }

(cd "$cache" && CONFORMANCE_TEST_URL=$url node_modules/.bin/vitest run --reporter=json \
    --outputFile="$work/result" suite.test.mjs >"$work/vitest" 2>&1) || :
[ -s "$work/result" ] || { cat "$work/vitest"; echo "0 passed, 1 failed"; exit 1; }
node -e '
const r = JSON.parse(require("fs").readFileSync(process.argv[1]));
for (const f of r.testResults)
	for (const t of f.assertionResults)
		if (t.status === "failed")
			console.log("failed: " + t.fullName + "\n" + (t.failureMessages[0] || ""));
if (!kill0(process.argv[2])) { r.numFailedTests++; console.log("failed: weir-serve has died"); }
console.log(r.numPassedTests + " passed, " + r.numFailedTests + " failed");
process.exit(r.numFailedTests > 0 || r.numPassedTests === 0 ? 1 : 0);
function kill0(pid) { try { process.kill(pid, 0); return true; } catch (e) { return false; } }
' "$work/result" "$server"
