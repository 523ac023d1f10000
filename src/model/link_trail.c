#include "model/link_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* What ended a stream or led on, as words and as the code under which it is counted elsewhere. */
static const struct {
	const char *why, *code;
} codes[] = {
	{ "start", "client.start" },
	{ "try", "client.try" },
	{ "prove", "client.prove" },
	{ "asked", "client.stream.user-abort" },
	{ "stopped", "client.stream.user-abort" },
	{ "no token", "client.no-token" },
	{ "cannot ask", "client.stream.reader-error" },
	{ "broken answer", "client.stream.reader-error" },
	{ "malformed", "client.stream.reader-error" },
	{ "too-large", "client.stream.reader-error" },
	{ "not a stream", "client.stream.reader-error" },
	{ "closed", "client.stream.done" },
	{ "remount", "client.stream.view-remount" },
	{ "answered", "server.answered" },
	{ "up to date", "server.up-to-date" },
	{ "heard", "server.heard" },
	{ "done", "server-close.done" },
	{ "the server is behind", "server-close.behind" },
	{ "the server lost records", "server-close.lost-records" },
	{ "the server repeats itself", "client.stream.reader-error" },
	{ "quiet", "watchdog.quiet" },
	{ "silent", "watchdog.silent" },
	{ "head-timeout", "watchdog.head-timeout" },
	{ "timeout", "watchdog.timeout" },
	{ "overrun", "watchdog.overrun" },
	{ "slept", "watchdog.slept" },
};

static void
code_of(const char *why, char *out, size_t size)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(why, codes[i].why) == 0) {
			snprintf(out, size, "%s", codes[i].code);
			return;
		}
	if (strncmp(why, "http ", 5) == 0)
		snprintf(out, size, "server-close.http-%s", why + 5);
	else
		snprintf(out, size, "connection.%s", why);
}

void
link_enter(struct link *l, enum link_state state, const char *why)
{
	struct link_step step = { .time = clock_wall(), .state = state };
	const struct link_step *last = link_step(l, 0);

	code_of(why, step.code, sizeof step.code);
	if (l->state != state)
		l->stats.since = clock_mono();
	l->state = state;
	if (last == NULL || last->state != state || strcmp(last->code, step.code) != 0)
		l->trail[l->steps++ % LINK_STEPS] = step;
	link_changed(l);
}

void
link_remounted(struct link *l)
{
	link_enter(l, l->state, "remount");
}

uint64_t
link_steps(const struct link *l)
{
	return l->steps;
}

const struct link_step *
link_step(const struct link *l, size_t back)
{
	return back < l->steps && back < LINK_STEPS ? &l->trail[(l->steps - 1 - back) % LINK_STEPS] : NULL;
}
