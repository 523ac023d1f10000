#include "model/item.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static void
begin_kind(struct item *it, enum item_kind kind)
{
	size_t common = offsetof(struct item, user);

	memset((char *)it + common, 0, sizeof *it - common);
	it->kind = kind;
	if (kind == ITEM_TOOL) {
		it->tool.exit_code = -1;
		it->tool.ms = -1;
	} else if (kind == ITEM_TERM) {
		it->term.exit_code = -1;
	} else if (kind == ITEM_NOTE) {
		it->note.level = NOTE_INFO;
	}
}

static void
end_kind(struct item *it)
{
	switch (it->kind) {
	case ITEM_USER:
		buf_done(&it->user.offset);
		break;
	case ITEM_TEXT:
	case ITEM_REASON:
		buf_done(&it->msg.turn);
		break;
	case ITEM_TOOL:
		buf_done(&it->tool.label);
		buf_done(&it->tool.child);
		buf_done(&it->tool.msg);
		buf_done(&it->tool.part);
		break;
	case ITEM_ASK:
		buf_done(&it->ask.by);
		buf_done(&it->ask.reply);
		buf_done(&it->ask.tool);
		buf_done(&it->ask.options);
		break;
	case ITEM_FLOW:
		buf_done(&it->flow.state);
		break;
	case ITEM_TERM:
	case ITEM_NOTE:
	case ITEM_RAW:
		break;
	}
}

struct item *
item_new(enum item_kind kind, uint64_t number)
{
	struct item *it = mem_zalloc(sizeof *it);

	begin_kind(it, kind);
	it->number = number;
	it->version = 1;
	return it;
}

void
item_free(struct item *it)
{
	struct buf *common[] = { &it->id, &it->agent, &it->text, &it->title, &it->input, &it->diff,
	    &it->error };

	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		buf_done(common[i]);
	end_kind(it);
	free(it);
}

void
item_turn(struct item *it, enum item_kind kind)
{
	if (it->kind == kind)
		return;
	end_kind(it);
	begin_kind(it, kind);
	it->open = false;
	it->version++;
	it->generation++;
}

bool
item_is_unsent(const struct item *it)
{
	return it->kind == ITEM_USER &&
	    (it->user.send == SEND_PENDING || it->user.send == SEND_UNSURE);
}

bool
item_is_unheard(const struct item *it)
{
	return it->kind == ITEM_ASK && it->ask.answered &&
	    it->title.n + it->input.n + it->text.n + it->diff.n + it->ask.options.n == 0;
}

bool
item_tells_nothing(const struct item *it)
{
	return item_is_unheard(it) && it->ask.by.n + it->ask.reply.n == 0;
}

size_t
item_weight(const struct item *it)
{
	return sizeof *it + it->id.cap + it->agent.cap + it->text.cap + it->title.cap + it->input.cap +
	    it->diff.cap + it->error.cap;
}

bool
item_set(struct item *it, struct buf *field, struct str s)
{
	if (s.n == 0 || str_eq(buf_view(field), s))
		return false;
	if (field == &it->text)
		return item_set_text(it, s);
	buf_set(field, s);
	it->version++;
	return true;
}

void
item_set_reason(struct item *it, struct str s)
{
	s = item_error(s);
	if (str_eq(buf_view(&it->error), s))
		return;
	buf_set(&it->error, s);
	it->version++;
}

struct str
item_error(struct str s)
{
	s = str_head(s, ITEM_MAX_ERROR);
	s.n -= utf8_partial_tail(s);
	return s;
}

bool
item_set_text(struct item *it, struct str s)
{
	if (str_eq(buf_view(&it->text), s))
		return false;
	if (!str_starts(s, buf_view(&it->text)))
		it->generation++;
	buf_set(&it->text, s);
	it->version++;
	return true;
}

void
item_append(struct item *it, struct str s)
{
	if (s.n == 0)
		return;
	buf_str(&it->text, s);
	it->version++;
}

void
item_close(struct item *it)
{
	if (!it->open)
		return;
	it->open = false;
	it->version++;
}

static const char *
ask_label(const struct item *it)
{
	if (it->ask.what == ASK_QUESTION || it->ask.what == ASK_INPUT)
		return "question";
	return it->ask.answered ? "approval" : "approval needed";
}

const char *
item_label(const struct item *it)
{
	static const char *const labels[] = {
		[ITEM_USER] = "user", [ITEM_TEXT] = "agent", [ITEM_REASON] = "reasoning",
		[ITEM_TOOL] = "tool", [ITEM_TERM] = "terminal", [ITEM_FLOW] = "workflow",
		[ITEM_NOTE] = "note", [ITEM_RAW] = "raw",
	};

	return it->kind == ITEM_ASK ? ask_label(it) : labels[it->kind];
}
