#include "tests/model/print_session.h"

static void
add(struct buf *out, const char *name, const struct buf *b)
{
	if (b->n == 0)
		return;
	buf_printf(out, " %s=", name);
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\n')
			buf_str(out, STR("\\n"));
		else
			buf_byte(out, b->p[i]);
}

static void
add_tool(struct buf *out, const struct item *it)
{
	static const char *const states[] = { "unsaid", "pending", "running", "ok", "error", "denied" };

	buf_printf(out, " %s", states[it->tool.state]);
	if (it->tool.exit_code != -1)
		buf_printf(out, " exit=%d", it->tool.exit_code);
	if (it->tool.ms >= 0)
		buf_printf(out, " ms=%lld", (long long)it->tool.ms);
	add(out, "label", &it->tool.label);
	add(out, "child", &it->tool.child);
}

static void
add_ask(struct buf *out, const struct item *it)
{
	static const char *const whats[] = { "permission", "question", "plan", "input" };
	static const char *const answers[] = { "once", "always", "reject", "text", "expired",
		"choices" };

	buf_printf(out, " %s", whats[it->ask.what]);
	if (it->ask.answered)
		buf_printf(out, " %s", answers[it->ask.answer]);
	add(out, "by", &it->ask.by);
	add(out, "reply", &it->ask.reply);
	add(out, "tool", &it->ask.tool);
	add(out, "options", &it->ask.options);
}

static void
add_term(struct buf *out, const struct item *it)
{
	if (it->term.exit_code != -1)
		buf_printf(out, " exit=%d", it->term.exit_code);
	if (it->term.gap)
		buf_str(out, STR(" gap"));
	if (it->term.lost)
		buf_str(out, STR(" lost"));
}

void
print_item(struct buf *out, const struct item *it)
{
	static const char *const sends[] = { "", " pending", " confirmed", " unsure", " rejected" };
	static const char *const states[] = { "", " sent", "", "", " cut", " error" };
	static const char *const levels[] = { "", " info", " warn", " error" };

	buf_str(out, str_from(item_label(it)));
	if (it->back != ITEM_STANDS)
		buf_str(out, str_from(it->back == ITEM_REVERTED ? " reverted" : " removed"));
	if (it->kind == ITEM_USER)
		buf_str(out, str_from(sends[it->user.send]));
	else if (it->kind == ITEM_TEXT || it->kind == ITEM_REASON)
		buf_str(out, str_from(states[it->msg.state]));
	else if (it->kind == ITEM_NOTE)
		buf_str(out, str_from(levels[it->note.level]));
	else if (it->kind == ITEM_TOOL)
		add_tool(out, it);
	else if (it->kind == ITEM_ASK)
		add_ask(out, it);
	else if (it->kind == ITEM_TERM)
		add_term(out, it);
	else if (it->kind == ITEM_FLOW)
		add(out, "state", &it->flow.state);
	if ((it->kind == ITEM_TEXT || it->kind == ITEM_REASON) && it->msg.gap)
		buf_str(out, STR(" gap"));
	if (it->open)
		buf_str(out, STR(" open"));
	add(out, "agent", &it->agent);
	add(out, "title", &it->title);
	add(out, "input", &it->input);
	add(out, "text", &it->text);
	add(out, "diff", &it->diff);
	add(out, "error", &it->error);
	buf_byte(out, '\n');
}

static bool
is_seen(const struct item *it)
{
	bool text = it->kind == ITEM_TEXT || it->kind == ITEM_REASON || it->kind == ITEM_USER;

	return !text || it->text.n > 0 || it->error.n > 0;
}

void
print_items(struct buf *out, const struct session *s)
{
	for (size_t i = 0; i < s->nitems; i++)
		if (is_seen(session_item(s, i)))
			print_item(out, session_item(s, i));
}

static void
add_steps(struct buf *out, const struct session *s)
{
	static const char *const ops[] = { "todo", "plan", "step", "stage", "worktree", "file", "spawn" };

	for (size_t i = 0; i < s->nsteps; i++) {
		buf_printf(out, "%s", ops[s->steps[i].op]);
		add(out, "id", &s->steps[i].id);
		add(out, "state", &s->steps[i].state);
		add(out, "text", &s->steps[i].text);
		buf_byte(out, '\n');
	}
}

void
print_beside(struct buf *out, const struct session *s)
{
	static const char *const statuses[] = { "unsaid", "idle", "busy", "retry", "waiting", "lost" };

	buf_printf(out, "session %s", statuses[s->status]);
	add(out, "title", &s->title);
	add(out, "model", &s->model);
	add(out, "message", &s->status_message);
	buf_printf(out, " in=%lld out=%lld waiting=%zu\n", (long long)s->tokens_in,
	    (long long)s->tokens_out, s->nasks);
	add_steps(out, s);
	for (size_t i = 0; i < s->nchildren; i++) {
		const struct child *c = &s->children[i];

		buf_printf(out, "child %s", statuses[c->status]);
		add(out, "title", &c->title);
		add(out, "agent", &c->agent);
		add(out, "tool", &c->tool);
		add(out, "text", &c->text);
		buf_byte(out, '\n');
	}
}
