#!/bin/sh
# sse-events says the same at every chunk size.
set -eu
program=$top_builddir/tests/conformance/sse-events

# check WANTED-LINES OPTION...; the stream is on stdin
check() {
	want=$1
	shift
	got=$("$program" "$@")
	[ "$got" = "$want" ] && return
	printf 'sse-events %s\ngot  %s\nwant %s\n' "$*" "$got" "$want"
	exit 1
}

stream() {
	printf '\357\273\277id: 5\r\ndata: a\r\ndata: "b"\r\n\r\n:c\n'
	printf 'event: x\ndata: \377\000\001\r\rid\ndata\n\ndata: cut'
}

want='{"type":"message","data":"a\n\"b\"","id":"5"}
{"type":"x","data":"�\u0000\u0001","id":"5"}
{"type":"message","data":"","id":""}'
stream | check "$want"
for chunk in 1 2 3 4 5 7 11 13 1000; do
	stream | check "$want" --chunk $chunk
done
printf 'data:a\n\n' | check '{"type":"message","data":"a","id":"\"7"}' --last-id '"7'
check '' </dev/null
for wrong in '--chunk 0' '--chunk x' '--unknown'; do
	if "$program" $wrong </dev/null 2>/dev/null; then
		echo "sse-events takes $wrong"
		exit 1
	fi
done
