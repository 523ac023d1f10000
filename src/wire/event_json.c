#include "wire/event_json.h"

#include "base/utf8.h"
#include "wire/json.h"

static const char *const statuses[] = {
	[SESS_IDLE] = "idle", [SESS_BUSY] = "busy", [SESS_RETRY] = "retry", [SESS_WAITING] = "waiting",
	[SESS_LOST] = "lost",
};
static const char *const msg_states[] = {
	[MSG_SENT] = "sent", [MSG_OPEN] = "open", [MSG_DONE] = "done", [MSG_CUT] = "cut",
	[MSG_ERROR] = "error",
};
static const char *const roles[] = {
	[EVENT_ROLE_USER] = "user", [EVENT_ROLE_AGENT] = "agent", [EVENT_ROLE_SYSTEM] = "system",
};
static const char *const sorts[] = { [TEXT_ANSWER] = "answer", [TEXT_REASON] = "reasoning" };
static const char *const text_ops[] = {
	[TEXT_OPEN] = "open", [TEXT_APPEND] = "append", [TEXT_REPLACE] = "replace", [TEXT_CLOSE] = "close",
};
static const char *const tool_states[] = {
	[TOOL_PENDING] = "pending", [TOOL_RUNNING] = "running", [TOOL_OK] = "ok", [TOOL_ERROR] = "error",
	[TOOL_DENIED] = "denied",
};
static const char *const asks[] = {
	[ASK_PERMISSION] = "permission", [ASK_QUESTION] = "question", [ASK_PLAN] = "plan",
	[ASK_INPUT] = "input",
};
static const char *const answers[] = {
	[ANSWER_ONCE] = "once", [ANSWER_ALWAYS] = "always", [ANSWER_REJECT] = "reject",
	[ANSWER_TEXT] = "text", [ANSWER_EXPIRED] = "expired",
};
static const char *const who_ops[] = {
	[WHO_JOIN] = "join", [WHO_LEAVE] = "leave", [WHO_SEEN] = "seen", [WHO_TIMEOUT] = "timeout",
};
static const char *const term_ops[] = {
	[TERM_INPUT] = "input", [TERM_OUTPUT] = "output", [TERM_ERROR] = "error",
	[TERM_OPEN] = "open", [TERM_EXIT] = "exit",
};
static const char *const flow_ops[] = {
	[FLOW_TODO] = "todo", [FLOW_PLAN] = "plan", [FLOW_STEP] = "step", [FLOW_STAGE] = "stage",
	[FLOW_WORKTREE] = "worktree", [FLOW_FILE] = "file", [FLOW_SPAWN] = "spawn",
};
static const char *const back_ops[] = {
	[BACK_NONE] = "none", [BACK_FROM] = "from", [BACK_GONE] = "gone", [BACK_OTHERS] = "others",
};
static const char *const levels[] = {
	[NOTE_RAW] = "raw", [NOTE_INFO] = "info", [NOTE_WARN] = "warn", [NOTE_ERROR] = "error",
};

static void
add(struct json_writer *w, const char *key, struct str value)
{
	if (value.n > 0)
		jw_pair(w, key, value);
}

static void
add_number(struct json_writer *w, const char *key, int64_t value)
{
	if (value >= 0)
		jw_pair_i64(w, key, value);
}

/* A word of a table; the first ones of most mean that nothing was said. */
static void
add_word(struct json_writer *w, const char *key, const char *word)
{
	if (word != NULL)
		jw_pair(w, key, str_from(word));
}

static void
add_flag(struct json_writer *w, const char *key, bool value)
{
	if (!value)
		return;
	jw_key(w, key);
	jw_bool(w, true);
}

static void
add_raw(struct json_writer *w, const char *key, struct str json)
{
	struct buf line = { 0 };

	if (json.n == 0 || !json_valid(json))
		return;
	/* Valid JSON has controls between its values only. */
	for (size_t i = 0; i < json.n; i++)
		buf_byte(&line, (unsigned char)json.p[i] < 0x20 ? ' ' : json.p[i]);
	jw_key(w, key);
	jw_raw(w, buf_view(&line));
	buf_done(&line);
}

static void
add_sess(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->sess.id);
	add(w, "title", e->sess.title);
	add(w, "parent", e->sess.parent);
	add(w, "directory", e->sess.directory);
	add(w, "agent", e->sess.agent);
	add(w, "model", e->sess.model);
	add_word(w, "status", statuses[e->sess.status]);
	add(w, "message", e->sess.message);
	add_number(w, "attempt", e->sess.attempt);
	add_number(w, "next", e->sess.next);
}

static void
add_msg(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->msg.id);
	add(w, "agent", e->msg.agent);
	add(w, "turn", e->msg.turn);
	add(w, "parent", e->msg.parent);
	add_word(w, "role", roles[e->msg.role]);
	add_word(w, "state", msg_states[e->msg.state]);
	add(w, "error", e->msg.error);
}

static void
add_text(struct json_writer *w, const struct event *e)
{
	add(w, "msg", e->text.msg);
	add(w, "part", e->text.part);
	add_word(w, "sort", sorts[e->text.sort]);
	add_word(w, "op", text_ops[e->text.op]);
	add(w, "data", e->text.data);
	add_flag(w, "gap", e->text.gap);
}

static void
add_tool(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->tool.id);
	add(w, "msg", e->tool.msg);
	add(w, "agent", e->tool.agent);
	add(w, "name", e->tool.name);
	add(w, "title", e->tool.title);
	add_word(w, "state", tool_states[e->tool.state]);
	add(w, "input", e->tool.input);
	add(w, e->tool.append_output ? "append" : "output", e->tool.output);
	add(w, "diff", e->tool.diff);
	add(w, "error", e->tool.error);
	add_number(w, "exit", e->tool.exit_code);
	add_number(w, "ms", e->tool.ms);
	add(w, "child", e->tool.child);
	add(w, "part", e->tool.part);
}

static void
add_ask(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->ask.id);
	add_word(w, "what", asks[e->ask.what]);
	add(w, "tool", e->ask.tool);
	add(w, "title", e->ask.title);
	add(w, "text", e->ask.text);
	add(w, "more", e->ask.more);
	add(w, "diff", e->ask.diff);
	add_raw(w, "options", e->ask.options);
	add_raw(w, "only", e->ask.only);
}

static void
add_answer(struct json_writer *w, const struct event *e)
{
	add(w, "ask", e->answer.ask);
	add(w, "by", e->answer.by);
	add_word(w, "answer", answers[e->answer.answer]);
	add(w, "text", e->answer.text);
}

static void
add_who(struct json_writer *w, const struct event *e)
{
	add(w, "user", e->who.user);
	add(w, "name", e->who.name);
	add(w, "file", e->who.file);
	add_word(w, "op", who_ops[e->who.op]);
	add_number(w, "seen", e->who.seen);
	if (e->who.has_cursor) {
		jw_pair_i64(w, "x", e->who.x);
		jw_pair_i64(w, "y", e->who.y);
	}
}

static void
add_term(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->term.id);
	add(w, "source", e->term.source);
	add_word(w, "op", term_ops[e->term.op]);
	add(w, "title", e->term.title);
	add(w, "command", e->term.command);
	if (e->term.exit_code >= 0)
		jw_pair_i64(w, "exit", e->term.exit_code);
	if (e->term.gap)
		add_word(w, "gap", "true");
	add(w, "data", e->term.data);
}

static void
add_flow(struct json_writer *w, const struct event *e)
{
	add_word(w, "op", flow_ops[e->flow.op]);
	add(w, "id", e->flow.id);
	add(w, "text", e->flow.text);
	add(w, "state", e->flow.state);
	add_flag(w, "anew", e->flow.anew);
}

static void
add_agent(struct json_writer *w, const struct event *e)
{
	add(w, "id", e->agent.id);
	add(w, "status", e->agent.status);
	add(w, "tool", e->agent.tool);
	add(w, "message", e->agent.message);
	add(w, "error", e->agent.error);
	add_number(w, "turn", e->agent.turn);
	add_number(w, "max_turns", e->agent.max_turns);
	add(w, "parent", e->agent.parent);
	add_number(w, "progress", e->agent.progress);
}

static void
add_use(struct json_writer *w, const struct event *e)
{
	add(w, "agent", e->use.agent);
	add_number(w, "input", e->use.input);
	add_number(w, "output", e->use.output);
	add_number(w, "cached", e->use.cached);
	add_number(w, "context", e->use.context);
	if (e->use.cost >= 0) {
		jw_key(w, "cost");
		buf_printf(w->out, "%.6f", e->use.cost);
	}
}

static void
add_back(struct json_writer *w, const struct event *e)
{
	add_word(w, "op", back_ops[e->back.op]);
	add(w, "msg", e->back.msg);
	add(w, "part", e->back.part);
	add_raw(w, "only", e->back.only);
}

static void
add_note(struct json_writer *w, const struct event *e)
{
	add_word(w, "level", levels[e->note.level]);
	add(w, "text", e->note.text);
}

static bool
acts_on_terminals(uint32_t cp)
{
	return cp == 0x7F || (cp >= 0x80 && cp < 0xA0) || cp == 0x61C || cp == 0x200E || cp == 0x200F ||
	    (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

void
event_json_printable(struct str json, struct buf *out)
{
	while (json.n > 0) {
		size_t n = utf8_ascii_run(json), len;
		bool ok;
		uint32_t cp;

		buf_str(out, str_head(json, n));
		json = str_skip(json, n);
		if (json.n == 0)
			return;
		cp = utf8_decode(json, &len, &ok);
		if (acts_on_terminals(cp) || cp < 0x20)
			buf_printf(out, "\\u%04x", cp);
		else
			utf8_add(out, cp);
		json = str_skip(json, len);
	}
}

void
event_json(const struct event *e, struct str session, struct buf *out)
{
	static void (*const fields[])(struct json_writer *w, const struct event *e) = {
		[EVENT_SESS] = add_sess, [EVENT_MSG] = add_msg, [EVENT_TEXT] = add_text,
		[EVENT_TOOL] = add_tool, [EVENT_ASK] = add_ask, [EVENT_ANSWER] = add_answer,
		[EVENT_WHO] = add_who, [EVENT_TERM] = add_term, [EVENT_FLOW] = add_flow,
		[EVENT_AGENT] = add_agent, [EVENT_USE] = add_use,
		[EVENT_BACK] = add_back, [EVENT_NOTE] = add_note,
	};
	struct buf line = { 0 };
	struct json_writer w = { .out = &line };

	jw_object(&w);
	jw_pair(&w, "session", session);
	jw_pair(&w, "kind", str_from(event_kind_name(e->kind)));
	if (e->time > 0)
		jw_pair_i64(&w, "time", e->time);
	add(&w, "of", e->whose);
	fields[e->kind](&w, e);
	jw_end_object(&w);
	event_json_printable(buf_view(&line), out);
	buf_byte(out, '\n');
	buf_done(&line);
}
