#include "tests/wire/print_event.h"

static void
add_text(struct buf *out, const char *name, struct str s)
{
	if (s.n == 0)
		return;
	buf_printf(out, " %s=", name);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			buf_str(out, STR("\\n"));
		else
			buf_byte(out, s.p[i]);
}

static void
add_number(struct buf *out, const char *name, int64_t v)
{
	if (v != -1)
		buf_printf(out, " %s=%lld", name, (long long)v);
}

static void
add_word(struct buf *out, const char *name, int i, const char *const *words)
{
	if (words[i][0] != '\0')
		buf_printf(out, " %s=%s", name, words[i]);
}

static void
add_msg(struct buf *out, const struct event *e)
{
	static const char *const roles[] = { "", "user", "agent", "system" };
	static const char *const states[] = { "", "sent", "open", "done", "cut", "error" };

	add_text(out, "id", e->msg.id);
	add_text(out, "agent", e->msg.agent);
	add_text(out, "turn", e->msg.turn);
	add_text(out, "parent", e->msg.parent);
	add_word(out, "role", (int)e->msg.role, roles);
	add_word(out, "state", (int)e->msg.state, states);
	add_text(out, "error", e->msg.error);
}

static void
add_tool(struct buf *out, const struct event *e)
{
	static const char *const states[] = { "", "pending", "running", "ok", "error", "denied" };

	add_text(out, "id", e->tool.id);
	add_text(out, "msg", e->tool.msg);
	add_text(out, "agent", e->tool.agent);
	add_text(out, "name", e->tool.name);
	add_text(out, "title", e->tool.title);
	add_word(out, "state", (int)e->tool.state, states);
	add_text(out, "input", e->tool.input);
	add_text(out, e->tool.append_output ? "output+" : "output", e->tool.output);
	add_text(out, "diff", e->tool.diff);
	add_text(out, "error", e->tool.error);
	add_number(out, "exit", e->tool.exit_code);
	add_number(out, "ms", e->tool.ms);
	add_text(out, "child", e->tool.child);
}

static void
add_ask(struct buf *out, const struct event *e)
{
	static const char *const whats[] = { "permission", "question", "plan", "input" };
	static const char *const answers[] = { "once", "always", "reject", "text", "expired",
		"choices" };

	if (e->kind == EVENT_ASK) {
		add_text(out, "id", e->ask.id);
		add_word(out, "what", (int)e->ask.what, whats);
		add_text(out, "tool", e->ask.tool);
		add_text(out, "title", e->ask.title);
		add_text(out, "text", e->ask.text);
		add_text(out, "more", e->ask.more);
		add_text(out, "diff", e->ask.diff);
		add_text(out, "options", e->ask.options);
		add_text(out, "only", e->ask.only);
		return;
	}
	add_text(out, "ask", e->answer.ask);
	add_word(out, "answer", (int)e->answer.answer, answers);
	add_text(out, "by", e->answer.by);
	add_text(out, "text", e->answer.text);
}

static void
add_agent(struct buf *out, const struct event *e)
{
	add_text(out, "id", e->agent.id);
	add_text(out, "status", e->agent.status);
	add_number(out, "turn", e->agent.turn);
	add_number(out, "max", e->agent.max_turns);
	add_number(out, "progress", e->agent.progress);
	add_text(out, "tool", e->agent.tool);
	add_text(out, "message", e->agent.message);
	add_text(out, "error", e->agent.error);
	add_text(out, "parent", e->agent.parent);
}

static void
add_sess(struct buf *out, const struct event *e)
{
	static const char *const statuses[] = { "", "idle", "busy", "retry", "waiting", "lost" };

	add_text(out, "id", e->sess.id);
	add_text(out, "title", e->sess.title);
	add_text(out, "parent", e->sess.parent);
	add_text(out, "directory", e->sess.directory);
	add_text(out, "agent", e->sess.agent);
	add_text(out, "model", e->sess.model);
	add_word(out, "status", (int)e->sess.status, statuses);
	add_number(out, "attempt", e->sess.attempt);
	add_number(out, "next", e->sess.next);
	add_text(out, "message", e->sess.message);
}

static void
add_small(struct buf *out, const struct event *e)
{
	static const char *const whos[] = { "join", "leave", "seen", "timeout" };
	static const char *const terms[] = { "input", "output", "error", "open", "exit" };
	static const char *const flows[] = { "todo", "plan", "step", "stage", "worktree", "file",
		"spawn" };
	static const char *const levels[] = { "raw", "info", "warn", "error" };

	if (e->kind == EVENT_WHO) {
		add_word(out, "op", (int)e->who.op, whos);
		add_text(out, "user", e->who.user);
		add_text(out, "name", e->who.name);
		add_text(out, "file", e->who.file);
		add_number(out, "seen", e->who.seen);
		if (e->who.has_cursor)
			buf_printf(out, " cursor=%lld,%lld", (long long)e->who.x, (long long)e->who.y);
	} else if (e->kind == EVENT_TERM) {
		add_word(out, "op", (int)e->term.op, terms);
		add_text(out, "id", e->term.id);
		add_text(out, "source", e->term.source);
		add_text(out, "title", e->term.title);
		add_text(out, "command", e->term.command);
		add_text(out, "data", e->term.data);
		if (e->term.exit_code >= 0)
			buf_printf(out, " exit=%d", e->term.exit_code);
		if (e->term.gap)
			buf_str(out, STR(" gap"));
	} else if (e->kind == EVENT_FLOW) {
		add_word(out, "op", (int)e->flow.op, flows);
		if (e->flow.anew)
			buf_str(out, STR(" anew"));
		add_text(out, "id", e->flow.id);
		add_text(out, "text", e->flow.text);
		add_text(out, "state", e->flow.state);
	} else {
		add_word(out, "level", (int)e->note.level, levels);
		if (e->note.turn)
			buf_str(out, STR(" turn"));
		add_text(out, "text", e->note.text);
	}
}

static void
add_piece(struct buf *out, const struct event *e)
{
	static const char *const sorts[] = { "", "reason" };
	static const char *const ops[] = { "open", "append", "replace", "close" };

	add_word(out, "op", (int)e->text.op, ops);
	add_text(out, "msg", e->text.msg);
	add_text(out, "part", e->text.part);
	add_word(out, "sort", (int)e->text.sort, sorts);
	if (e->text.gap)
		buf_str(out, STR(" gap"));
	add_text(out, "data", e->text.data);
}

static void
add_use(struct buf *out, const struct event *e)
{
	add_text(out, "agent", e->use.agent);
	add_number(out, "in", e->use.input);
	add_number(out, "out", e->use.output);
	add_number(out, "cached", e->use.cached);
	add_number(out, "context", e->use.context);
	if (e->use.cost >= 0)
		buf_printf(out, " cost=%g", e->use.cost);
}

static void
add_back(struct buf *out, const struct event *e)
{
	static const char *const ops[] = { "none", "from", "gone", "others" };

	add_word(out, "op", (int)e->back.op, ops);
	add_text(out, "msg", e->back.msg);
	add_text(out, "part", e->back.part);
	add_text(out, "only", e->back.only);
}

void
print_event(struct buf *out, const struct event *e)
{
	static void (*const adds[])(struct buf *, const struct event *) = {
		[EVENT_SESS] = add_sess, [EVENT_MSG] = add_msg, [EVENT_TEXT] = add_piece,
		[EVENT_TOOL] = add_tool, [EVENT_ASK] = add_ask, [EVENT_ANSWER] = add_ask,
		[EVENT_WHO] = add_small, [EVENT_TERM] = add_small, [EVENT_FLOW] = add_small,
		[EVENT_AGENT] = add_agent, [EVENT_USE] = add_use, [EVENT_BACK] = add_back,
		[EVENT_NOTE] = add_small,
	};

	buf_str(out, str_from(event_kind_name(e->kind)));
	if (e->time != 0)
		buf_printf(out, " t=%lld", (long long)e->time);
	add_text(out, "whose", e->whose);
	adds[e->kind](out, e);
	buf_byte(out, '\n');
}
