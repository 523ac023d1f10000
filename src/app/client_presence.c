/* What the others in a session are told of this client, and when. */
#include <poll.h>

#include "app/client_parts.h"
#include "base/clock.h"

enum { GOODBYE = 300 };		/* ms that leaving may take */

/* A stream that anybody may write into has a presence channel when somebody has used it. */
static bool
is_announced(const struct client *c)
{
	return c->announce && c->http != NULL && !c->reading && link_state(c->link) == LINK_LIVE &&
	    (c->dialect->acts & ACT_BIT(ACT_PRESENCE)) != 0 &&
	    ((c->dialect->flags & DIALECT_PRESENCE) != 0 || c->session->npeople > 0);
}

static void
say(struct client *c, struct act *act)
{
	struct error e;

	act->user = buf_view(&c->user);
	act->time = clock_wall() + link_stats(c->link)->skew;
	if (link_act(c->link, act, &e) == ERR_OK)
		c->saying++;
	else if (e.code != ERR_LIMIT)
		c->presence.refused = true;
}

int64_t
client_presence_due(const struct client *c)
{
	return is_announced(c) && c->saying == 0 ? presence_due(&c->presence) : INT64_MAX;
}

void
client_presence_work(struct client *c)
{
	struct act act = { 0 };

	if (client_presence_due(c) <= clock_mono() && presence_say(&c->presence, clock_mono(), &act))
		say(c, &act);
}

/* The answers to what was said so far. */
static void
await_answers(struct client *c, int64_t until)
{
	struct http_message m;

	while (c->saying > 0 && clock_mono() < until) {
		struct pollfd fd = { .fd = http_fd(c->http), .events = POLLIN };

		while (http_next(c->http, &m))
			link_message(c->link, &m);
		if (c->saying > 0)
			poll(&fd, 1, (int)(until - clock_mono()) + 1);
	}
}

/* Two words at a time might overtake each other. */
void
client_presence_leave(struct client *c)
{
	int64_t until = clock_mono() + GOODBYE;
	struct act act = { 0 };

	if (!is_announced(c))
		return;
	await_answers(c, until);
	if (presence_leave(&c->presence, &act))
		say(c, &act);
	await_answers(c, until);
}

void
client_presence_answered(struct client *c, bool ok, struct str detail)
{
	c->saying -= c->saying > 0;
	/* What the network lost is said again with the next beat; a server that refuses, or does not know
	 * of such things, is not asked again. */
	if (ok || c->presence.refused ||
	    !(str_starts(detail, STR("http 4")) || str_eq(detail, STR("http 501"))))
		return;
	c->presence.refused = true;
	if (!str_eq(detail, STR("http 403")))
		return;
	session_note(c->session, NOTE_WARN, clock_wall(),
	    "The server does not let the others see that %s is here: %.*s", buf_cstr(&c->user),
	    STR_ARG(detail));
}

/* Not what would stay in a stream for ever. */
void
client_move(struct client *c, int64_t x, int64_t y)
{
	if ((c->dialect->flags & DIALECT_PRESENCE) != 0)
		presence_move(&c->presence, x, y);
}
