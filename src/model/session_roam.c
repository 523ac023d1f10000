/*
 * One agent in several sessions: what it did in each is one transcript. Ids are those of their session
 * only, and it can be busy in one while it is idle in another.
 */
#include "model/fold.h"

static void
add_scoped(struct buf *out, struct str origin, struct str id)
{
	buf_clear(out);
	buf_str(out, origin);
	buf_byte(out, '/');
	buf_str(out, id);
}

/* Where it goes on, said once. */
static void
enter(struct session *s, const struct event *e)
{
	struct item *it;

	if (str_eq(buf_view(&s->where), e->origin))
		return;
	buf_set(&s->where, e->origin);
	it = fold_add(s, ITEM_NOTE, STR_NONE, e->time);
	it->note.level = NOTE_INFO;
	buf_str(&it->text, STR("in session "));
	buf_str(&it->text, e->origin);
}

static void
add_state(struct buf *out, const struct event *e)
{
	buf_str(out, e->agent.status);
	if (e->agent.tool.n > 0) {
		buf_str(out, STR(", "));
		buf_str(out, e->agent.tool);
	}
	if (e->agent.turn >= 0)
		buf_printf(out, ", turn %lld", (long long)e->agent.turn);
	if (e->agent.message.n > 0) {
		buf_str(out, STR(": "));
		buf_str(out, e->agent.message);
	}
}

/* A state that is not the one it has in this session already. */
static void
tell_state(struct session *s, const struct event *e, struct str key)
{
	const struct item *last = session_find(s, ITEM_FLOW, key);
	struct buf state = { 0 };
	struct item *it;

	add_state(&state, e);
	if (state.n > 0 && (last == NULL || !str_eq(buf_view(&last->flow.state), buf_view(&state)))) {
		it = fold_add(s, ITEM_FLOW, key, e->time);
		fold_index(s, it);
		it->flow.op = FLOW_STAGE;
		item_set(it, &it->text, e->agent.id);
		item_set(it, &it->flow.state, buf_view(&state));
	}
	buf_done(&state);
}

/* An agent is another one in each session. */
static void
scope_agent(struct buf *id, const struct event *e, struct str *agent)
{
	buf_clear(id);
	buf_printf(id, "%.*s in %.*s", STR_ARG(*agent), STR_ARG(e->origin));
	*agent = buf_view(id);
}

bool
fold_roam(struct session *s, struct event *e, struct buf *id)
{
	struct str *const ids[] = {
		[EVENT_TOOL] = &e->tool.id, [EVENT_ASK] = &e->ask.id, [EVENT_ANSWER] = &e->answer.ask,
		[EVENT_FLOW] = &e->flow.id,
	};

	if (e->kind == EVENT_SESS || e->origin.n == 0)
		return e->kind != EVENT_SESS;
	enter(s, e);
	if (e->kind == EVENT_AGENT) {
		add_scoped(id, e->origin, e->agent.id);
		tell_state(s, e, buf_view(id));
		scope_agent(id, e, &e->agent.id);
	} else if (e->kind == EVENT_USE && e->use.agent.n > 0) {
		scope_agent(id, e, &e->use.agent);
	} else if ((size_t)e->kind < sizeof ids / sizeof *ids && ids[e->kind] != NULL &&
	    ids[e->kind]->n > 0) {
		add_scoped(id, e->origin, *ids[e->kind]);
		*ids[e->kind] = buf_view(id);
		if (e->kind == EVENT_TOOL)
			e->tool.msg = STR_NONE;
	}
	return true;
}
