#!/bin/sh
# Runs weir's client against the reference server of Durable Streams, which comes from npm, with the
# faults it can make and a relay that cuts its connections:
#	durable-client.sh BUILD_DIR
# The last line is "N passed, N failed"; 77 when the server cannot be had. Not part of `make check`:
# it needs the network.
set -eu
: "${CUTS:=1000}"
. "$(dirname "$0")/reference.sh"
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
