#include "app/agents.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"

enum { DEEP = 20 };		/* levels that are shown as such */

/* One kind of rows, with what tells which of them is below which. */
struct tree {
	const struct session *s;
	size_t n;
	struct str (*id)(const struct session *s, size_t i);
	struct str (*parent)(const struct session *s, size_t i);
	void (*tell)(const struct session *s, size_t i, struct buf *out);
	bool *told;
};

static struct str
agent_id(const struct session *s, size_t i)
{
	return buf_view(&s->agents[i].id);
}

static struct str
agent_parent(const struct session *s, size_t i)
{
	return buf_view(&s->agents[i].parent);
}

static struct str
child_id(const struct session *s, size_t i)
{
	return buf_view(&s->children[i].id);
}

static struct str
child_parent(const struct session *s, size_t i)
{
	return buf_view(&s->children[i].parent);
}

static void
add(struct buf *out, const char *before, const struct buf *text)
{
	if (text->n > 0)
		buf_printf(out, "%s%.*s", before, STR_ARG(buf_view(text)));
}

static void
tell_agent(const struct session *s, size_t i, struct buf *out)
{
	const struct agent *a = &s->agents[i];

	buf_str(out, buf_view(&a->id));
	add(out, "  ", &a->status);
	if (a->turn >= 0)
		buf_printf(out, ", turn %" PRId64, a->turn);
	add(out, ", ", &a->tool);
	if (a->tokens_out >= 0)
		buf_printf(out, ", %" PRId64 " tokens out", a->tokens_out);
	add(out, ": ", &a->message);
	add(out, ": ", &a->error);
}

static void
tell_child(const struct session *s, size_t i, struct buf *out)
{
	static const char *const words[] = {
		[SESS_UNSAID] = "", [SESS_IDLE] = "  idle", [SESS_BUSY] = "  busy", [SESS_RETRY] = "  retry",
		[SESS_WAITING] = "  waiting", [SESS_LOST] = "  lost",
	};
	const struct child *c = &s->children[i];

	buf_printf(out, "%.*s%s", STR_ARG(buf_view(&c->id)), words[c->status]);
	add(out, ", ", &c->agent);
	add(out, ", ", &c->tool);
	if (c->tokens_out >= 0)
		buf_printf(out, ", %" PRId64 " tokens out", c->tokens_out);
	add(out, ": ", &c->title);
}

static void
add_row(struct tree *t, size_t i, unsigned depth, struct buf *out)
{
	t->told[i] = true;
	buf_fill(out, ' ', 2 * (size_t)(depth < DEEP ? depth : DEEP));
	t->tell(t->s, i, out);
	buf_byte(out, '\n');
	for (size_t k = 0; k < t->n; k++)
		if (!t->told[k] && str_eq(t->parent(t->s, k), t->id(t->s, i)))
			add_row(t, k, depth + 1, out);
}

static bool
is_below_another(const struct tree *t, size_t i)
{
	struct str parent = t->parent(t->s, i);

	for (size_t k = 0; parent.n > 0 && k < t->n; k++)
		if (k != i && str_eq(t->id(t->s, k), parent))
			return true;
	return false;
}

static void
add_tree(struct tree *t, const char *title, struct buf *out)
{
	if (t->n == 0)
		return;
	if (out->n > 0)
		buf_byte(out, '\n');
	buf_printf(out, "%s\n", title);
	t->told = mem_zalloc(t->n * sizeof *t->told);
	for (size_t i = 0; i < t->n; i++)
		if (!t->told[i] && !is_below_another(t, i))
			add_row(t, i, 1, out);
	/* Nobody stands above a circle. */
	for (size_t i = 0; i < t->n; i++)
		if (!t->told[i])
			add_row(t, i, 1, out);
	free(t->told);
}

void
agents_page(const struct session *s, struct buf *out)
{
	struct tree agents = { s, s->nagents, agent_id, agent_parent, tell_agent, NULL };
	struct tree children = { s, s->nchildren, child_id, child_parent, tell_child, NULL };

	add_tree(&agents, "agents", out);
	add_tree(&children, "sessions that agents began", out);
	if (out->n == 0)
		buf_str(out, STR("Nobody has said that they work here.\n"));
}
