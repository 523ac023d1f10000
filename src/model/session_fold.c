#include "model/fold.h"
#include "model/question.h"
#include "wire/json.h"

/* A call that ended does not begin again: what says so comes late. */
static void
set_tool_state(struct item *it, enum tool_state state)
{
	bool over = it->tool.state >= TOOL_OK;

	if (state != TOOL_UNSAID && state != it->tool.state && (!over || state >= TOOL_OK)) {
		it->tool.state = state;
		it->version++;
	}
	it->open = it->tool.state < TOOL_OK;
}

static void
set_tool_result(struct item *it, const struct event *e)
{
	if (e->tool.exit_code != -1 && e->tool.exit_code != it->tool.exit_code) {
		it->tool.exit_code = e->tool.exit_code;
		it->version++;
	}
	if (e->tool.ms >= 0 && e->tool.ms != it->tool.ms) {
		it->tool.ms = e->tool.ms;
		it->version++;
	}
	if (e->tool.append_output)
		item_append(it, e->tool.output);
	else if (e->tool.output.n > 0)
		item_set_text(it, e->tool.output);
	item_set(it, &it->error, item_error(e->tool.error));
}

static void
fold_tool(struct session *s, const struct event *e)
{
	struct item *it = fold_item(s, ITEM_TOOL, e->tool.id, e->time);
	const struct message *m = e->tool.msg.n > 0 ? fold_message(s, e->tool.msg) : NULL;

	item_set(it, &it->title, e->tool.name);
	item_set(it, &it->tool.label, e->tool.title);
	item_set(it, &it->tool.child, e->tool.child);
	fold_set(&it->tool.msg, e->tool.msg);
	fold_set(&it->tool.part, e->tool.part);
	item_set(it, &it->input, e->tool.input);
	item_set(it, &it->diff, e->tool.diff);
	if (e->tool.agent.n > 0)
		item_set(it, &it->agent, e->tool.agent);
	else if (it->agent.n == 0 && m != NULL)
		item_set(it, &it->agent, buf_view(&m->agent));
	set_tool_result(it, e);
	set_tool_state(it, e->tool.state);
}

static struct item *
ask_item(struct session *s, struct str id, int64_t time)
{
	uint64_t next = s->next_number;
	struct item *it = fold_item(s, ITEM_ASK, id, time);

	if (it->number < next)
		return it;
	it->open = true;
	fold_waits(s, it);
	return it;
}

/* Somebody else answered, or nobody will, while nothing was heard of it. */
static void
expire_others(struct session *s, struct str pending)
{
	for (size_t i = s->nasks; i > 0; i--) {
		struct item *it = s->asks[i - 1];
		struct json j;
		struct str raw;
		bool still = false;

		json_init(&j, pending);
		for (json_array(&j); json_element(&j);)
			if (json_string(&j, &raw) && json_is(raw, buf_cstr(&it->id)))
				still = true;
		if (!still)
			fold_answered(s, it, ANSWER_EXPIRED, STR_NONE);
	}
}

static void
set_more(struct item *it, struct str more)
{
	struct buf text = { 0 };

	buf_str(&text, STR("\"always\" allows: "));
	buf_str(&text, more);
	item_set(it, &it->text, buf_view(&text));
	buf_done(&text);
}

void
fold_ask(struct session *s, const struct event *e)
{
	struct item *it, *tool;

	if (e->ask.id.n == 0) {
		expire_others(s, e->ask.only);
		return;
	}
	it = ask_item(s, e->ask.id, e->time);
	tool = session_find(s, ITEM_TOOL, e->ask.tool);
	if (it->ask.what != e->ask.what) {
		it->ask.what = e->ask.what;
		it->version++;
	}
	item_set(it, &it->title, e->ask.title);
	item_set(it, &it->ask.tool, e->ask.tool);
	item_set(it, &it->ask.options, e->ask.options);
	item_set(it, &it->diff, e->ask.diff);
	if (e->ask.what == ASK_PERMISSION && e->ask.more.n > 0)
		set_more(it, e->ask.more);
	if (e->ask.what != ASK_PERMISSION)
		item_set(it, &it->text, e->ask.text);
	else if (e->ask.text.n > 0)
		item_set(it, &it->input, e->ask.text);
	else if (tool != NULL && it->input.n == 0)
		item_set(it, &it->input, buf_view(&tool->input));
}

static void
drop_ask(struct session *s, const struct item *it)
{
	size_t k = 0;

	for (size_t i = 0; i < s->nasks; i++)
		if (s->asks[i] != it)
			s->asks[k++] = s->asks[i];
	s->nasks = k;
}

void
fold_answered(struct session *s, struct item *it, enum ask_answer answer, struct str text)
{
	if (!it->ask.answered || it->ask.answer != answer) {
		it->ask.answered = true;
		it->ask.answer = answer;
		it->version++;
	}
	item_set(it, &it->ask.reply, text);
	item_close(it);
	drop_ask(s, it);
}

void
fold_answer(struct session *s, const struct event *e)
{
	struct item *it = ask_item(s, e->answer.ask, e->time);
	struct str text = e->answer.text;
	struct buf words = { 0 };

	/* Nobody allows in such words. */
	if (it->ask.what == ASK_PERMISSION && it->title.n + it->input.n == 0 &&
	    (e->answer.answer == ANSWER_TEXT || e->answer.answer == ANSWER_CHOICES))
		it->ask.what = ASK_QUESTION;
	item_set(it, &it->ask.by, e->answer.by);
	if (it->ask.send != SEND_NONE) {
		it->ask.send = SEND_CONFIRMED;
		item_set_reason(it, STR_NONE);
	}
	if (e->answer.answer == ANSWER_CHOICES) {
		questions_words(text, &words);
		text = buf_view(&words);
	}
	fold_answered(s, it, e->answer.answer, text);
	buf_done(&words);
}

static void
fold_person_input(struct session *s, const struct event *e)
{
	struct item *it = fold_user(s, e->term.id, e->time);

	if (it->agent.n == 0)
		item_set(it, &it->agent, e->term.source);
	item_set_text(it, e->term.data);
	fold_confirm(it);
}

/* A terminal is one item until a person begins the next round. */
static struct item *
term_item(struct session *s, const struct event *e)
{
	struct item *it = session_find(s, ITEM_TERM, e->term.source);

	if (it != NULL && it->open && it->number > s->last_user)
		return it;
	if (it != NULL)
		item_close(it);
	it = fold_add(s, ITEM_TERM, e->term.source, e->time);
	fold_index(s, it);
	item_set(it, &it->agent, e->term.source);
	it->open = true;
	return it;
}

/* Behind a gap it is shown as another: what moves the cursor may be in what is missing. */
static struct item *
begin_own(struct session *s, struct item *before, const struct event *e)
{
	struct item *it = fold_add(s, ITEM_TERM, e->term.id, e->time);

	it->term.own = true;
	it->open = true;
	it->term.gap = e->term.gap;
	if (before == NULL)
		return it;
	item_close(before);
	fold_index(s, it);
	item_set(it, &it->title, buf_view(&before->title));
	item_set(it, &it->input, buf_view(&before->input));
	return it;
}

static void
end_own(struct item *it, const struct event *e)
{
	if (e->term.exit_code >= 0 && e->term.exit_code != it->term.exit_code) {
		it->term.exit_code = e->term.exit_code;
		it->version++;
	}
	if (e->term.gap && !it->term.lost) {
		it->term.lost = true;
		it->version++;
	}
	item_close(it);
}

/* A terminal by itself is one item from its begin to its end. */
static void
fold_own(struct session *s, const struct event *e)
{
	struct item *it = session_find(s, ITEM_TERM, e->term.id);

	if (e->term.op == TERM_EXIT) {
		if (it != NULL)
			end_own(it, e);
		return;
	}
	if (it == NULL || (e->term.gap && it->text.n > 0))
		it = begin_own(s, it, e);
	it->term.gap |= e->term.gap;
	item_set(it, &it->title, e->term.title);
	item_set(it, &it->input, e->term.command);
	item_append(it, e->term.data);
}

static void
fold_term(struct session *s, const struct event *e)
{
	bool person = e->term.source.n == 0 || str_eq(e->term.source, STR("user"));
	struct item *it;

	if (e->term.own) {
		fold_own(s, e);
		return;
	}
	if (e->term.op == TERM_INPUT && person) {
		fold_person_input(s, e);
		return;
	}
	it = term_item(s, e);
	if (e->term.op == TERM_INPUT)
		item_append(it, STR("$ "));
	item_append(it, e->term.data);
	if (e->term.op == TERM_INPUT && !str_ends(e->term.data, STR("\n")))
		item_append(it, STR("\n"));
}

static void
fold_note(struct session *s, const struct event *e)
{
	bool raw = e->note.level == NOTE_RAW;
	struct item *it;

	if (e->note.turn && fold_fail(s, e->note.text))
		return;
	it = fold_add(s, raw ? ITEM_RAW : ITEM_NOTE, STR_NONE, e->time);

	item_set(it, &it->text, e->note.level == NOTE_ERROR ? item_error(e->note.text) : e->note.text);
	if (raw)
		s->unknown++;
	else
		it->note.level = e->note.level;
}

void
session_apply(struct session *s, const struct event *e)
{
	static void (*const folds[])(struct session *, const struct event *) = {
		[EVENT_SESS] = fold_sess, [EVENT_MSG] = fold_msg, [EVENT_TEXT] = fold_text,
		[EVENT_TOOL] = fold_tool, [EVENT_ASK] = fold_ask, [EVENT_ANSWER] = fold_answer,
		[EVENT_WHO] = fold_who, [EVENT_TERM] = fold_term, [EVENT_FLOW] = fold_flow,
		[EVENT_AGENT] = fold_agent, [EVENT_USE] = fold_use, [EVENT_BACK] = fold_back,
		[EVENT_NOTE] = fold_note,
	};

	struct event own;
	struct buf id = { 0 };

	if (s->roams) {
		own = *e;
		if (fold_roam(s, &own, &id))
			folds[e->kind](s, &own);
		buf_done(&id);
	} else if (e->whose.n > 0 && s->id.n > 0 && !str_eq(e->whose, buf_view(&s->id)))
		fold_child(s, e);
	else
		folds[e->kind](s, e);
	s->events++;
	s->visits += e->kind == EVENT_WHO;
}
