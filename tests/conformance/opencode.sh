#!/bin/sh
# Runs weir's client against a real opencode server, which comes from npm, with a scripted model:
#	opencode.sh BUILD_DIR
#	opencode.sh BUILD_DIR bench [KB [TOKENS_PER_SECOND]]
# The last line is "N passed, N failed"; 77 when the server cannot be had. Not part of `make check`:
# it needs the network, and real time. With "bench" it measures the CPU time of following a long answer
# beside that of `opencode attach`, some minutes long.
set -eu
version=1.18.33
build=$(cd "${1:?usage: opencode.sh BUILD_DIR [bench [KB [TOKENS_PER_SECOND]]]}" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)

skip() {
	echo "opencode: skipped, $1"
	exit 77
}

: "${OPENCODE_TOOL:=$source/../shared/tools/real-opencode}"
[ -x "$OPENCODE_TOOL" ] || skip "there is no $OPENCODE_TOOL"
for tool in bash curl node npm; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/weir/opencode-$version
mkdir -p "$cache"
if [ ! -e "$cache/complete" ]; then
	(cd "$cache" && printf '{"private":true}\n' >package.json &&
	    npm install --no-audit --no-fund --loglevel=error "opencode-ai@$version" \
	    >npm.log 2>&1) || skip "npm cannot install opencode, see $cache/npm.log"
	touch "$cache/complete"
fi

OPENCODE_DIR=$(mktemp -d)
finish() {
	"$OPENCODE_TOOL" down "$OPENCODE_DIR" || :
	rm -rf "$OPENCODE_DIR"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP
ln -s "$cache/node_modules" "$OPENCODE_DIR/node_modules"
top_builddir=$build top_srcdir=$source
export OPENCODE_TOOL OPENCODE_DIR top_builddir top_srcdir

if [ "${2:-}" = bench ]; then
	"$build/tests/conformance/opencode_bench" "${3:-200}" "${4:-200}"
	exit
fi
log=$OPENCODE_DIR/log
timeout -k 10 900 "$build/tests/conformance/test_opencode" >"$log" 2>&1 && broken=0 || broken=1
cat "$log"
passed=$(grep -ac '^\[ *OK \]' "$log" || :)
failed=$(grep -aE '^\[ *FAILED *\] [a-z_]+$' "$log" | sort -u | wc -l)
[ $broken -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
