#!/bin/sh
# Runs weir's commands for scripts against the reference server of Durable Streams, which comes from
# npm:
#	durable-commands.sh BUILD_DIR
# The last line is "N passed, N failed"; 77 when the server cannot be had. Not part of `make check`:
# it needs the network.
set -u
. "$(dirname "$0")/reference.sh"

passed=0 failed=0
check() {
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}

XDG_STATE_HOME=$work XDG_RUNTIME_DIR=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work
export XDG_STATE_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME
weir=$build/weir
url=$DURABLE_URL/v1/stream/sessions/demo
node -e "fetch('$url', { method: 'PUT', headers: { 'content-type': 'application/json' } })" || exit 1

lines() {
	wc -l <"$1"
}

# While the session is played, a follower is killed again and again and goes on with its state file.
followed_with_kills() {
	: >"$work/state.out"
	"$weir" demo --play "$url" --speed 40 &
	player=$!
	for i in 1 2 3 4 5 6 7 8; do
		before=$(lines "$work/state.out")
		"$weir" tail --json --state "$work/state" "$url" >>"$work/state.out" &
		follower=$!
		until [ "$(lines "$work/state.out")" -gt "$before" ] || ! kill -0 "$player" 2>/dev/null; do
			sleep 0.02
		done
		kill -9 "$follower"
		wait "$follower" 2>/dev/null
	done
	wait "$player" || return 1
	"$weir" tail --json --no-follow --state "$work/state" "$url" >>"$work/state.out" || return 1
	"$weir" tail --json --no-follow "$url" >"$work/whole.out" && cmp "$work/state.out" "$work/whole.out"
}

recorded() {
	"$weir" record "$url" -o "$work/session.rec" 2>/dev/null &
	recorder=$!
	until "$weir" check "$work/session.rec" >/dev/null 2>&1 &&
	    "$weir" replay --plain --speed max "$work/session.rec" 2>/dev/null >"$work/replayed" &&
	    cmp -s "$work/replayed" "$work/told"; do
		sleep 0.1
		tries=$((${tries:-0} + 1))
		[ "$tries" -lt 200 ] || break
	done
	kill "$recorder"
	wait "$recorder" 2>/dev/null
	cmp "$work/replayed" "$work/told"
}

sent_once() {
	"$weir" send "$url" "only once" >"$work/offset" && [ -s "$work/offset" ] &&
	    [ "$("$weir" tail --no-follow "$url" | grep -c 'user: only once')" = 1 ]
}

kept_status() {
	"$weir" status --daemon "$url" >/dev/null 2>&1 &
	daemon=$!
	tries=0
	until [ "$("$weir" status -F %n "$url" 2>/dev/null)" = demo ] || [ $tries -gt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill "$daemon"
	wait "$daemon" 2>/dev/null
	[ $tries -le 200 ]
}

has_no_list() {
	"$weir" ls "$DURABLE_URL" >"$work/list" 2>"$work/why" && return 1
	[ ! -s "$work/list" ] && grep -q "no list of sessions" "$work/why"
}

told_twice() {
	"$weir" tail --no-follow "$url" >"$work/told" && "$weir" tail --no-follow "$url" >"$work/again" &&
	    cmp "$work/told" "$work/again" && grep -q "at all seven places" "$work/told"
}

check "tail --state, killed eight times while it follows" followed_with_kills
check "tail twice" told_twice
check "tail | head -1" sh -c "\"$weir\" tail --no-follow \"$url\" 2>\"$work/err\" | head -1 >/dev/null && [ ! -s \"$work/err\" ]"
check "record, replay, check" recorded
check "send" sent_once
check "status" kept_status
check "ls says why it cannot" has_no_list
check "a stream that is not there" sh -c "\"$weir\" tail --no-follow \"$url-not\" 2>/dev/null; [ \$? = 5 ]"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
