/* Who hears the events of the followed session. */
#include "app/client_parts.h"

/* What a person sent came back: whatever the answer was, it has arrived. */
static enum err
hear_input(void *ctx, const struct event *ev, struct error *e)
{
	struct client *c = ctx;

	(void)e;
	if (ev->kind == EVENT_MSG && ev->msg.role == EVENT_ROLE_USER && c->link != NULL)
		link_echoed(c->link, ev->msg.id);
	return ERR_OK;
}

/* History that is read again is no speech. */
static bool
is_said_now(const struct client *c, const struct event *ev)
{
	return ev->kind == EVENT_TEXT && ev->text.op == TEXT_APPEND && c->link != NULL &&
	    link_state(c->link) == LINK_LIVE;
}

static enum err
hear_pace(void *ctx, const struct event *ev, struct error *e)
{
	struct client *c = ctx;

	(void)e;
	if (is_said_now(c, ev))
		pace_said(&c->pace, ev->text.data.n);
	return ERR_OK;
}

static enum err
hear_session(void *ctx, const struct event *ev, struct error *e)
{
	struct client *c = ctx;
	uint64_t before = c->session->left_out;

	session_apply(c->session, ev);
	if (c->session->left_out == before)
		return ERR_OK;
	return error_set(e, ERR_LIMIT, "no more %s are kept beside the transcript",
	    event_kind_name(ev->kind));
}

void
client_hear(struct client *c, const struct listener *owner)
{
	const struct listener own[] = {
		{ "input", ON(ON_CHUNKS), hear_input, c },
		{ "pace", ON(ON_CHUNKS), hear_pace, c },
		{ "session", ON_ALL, hear_session, c },
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		router_add(c->router, &own[i]);
	if (owner != NULL)
		router_add(c->router, owner);
}

static enum err
hear_first_word(void *ctx, const struct event *ev, struct error *e)
{
	struct client *c = ctx;

	(void)e;
	if (!is_said_now(c, ev))
		return ERR_OK;
	pace_answered(&c->pace);
	router_remove(c->router, c->first_word);
	c->first_word = 0;
	return ERR_OK;
}

void
client_await_word(struct client *c)
{
	const struct listener l = { "first word", ON(ON_CHUNKS), hear_first_word, c };

	pace_asked(&c->pace);
	if (c->first_word == 0)
		c->first_word = router_add(c->router, &l);
}
