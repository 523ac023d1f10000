#include "model/item.h"

#include "model/pack.h"

/* One list of the fields for writing and reading: they cannot differ. */
struct both {
	struct buf *out;	/* NULL: read */
	struct unpack in;
};

static void
text(struct both *b, struct buf *field)
{
	if (b->out != NULL)
		pack_str(b->out, buf_view(field));
	else
		unpack_buf(&b->in, field);
}

static unsigned
small(struct both *b, unsigned n, unsigned max)
{
	if (b->out == NULL)
		return (unsigned)unpack_max(&b->in, max);
	pack_u64(b->out, n);
	return n;
}

static int64_t
number(struct both *b, int64_t n)
{
	if (b->out == NULL)
		return unpack_i64(&b->in);
	pack_i64(b->out, n);
	return n;
}

static void
tool_fields(struct both *b, struct item *it)
{
	it->tool.state = small(b, it->tool.state, TOOL_DENIED);
	it->tool.exit_code = (int)number(b, it->tool.exit_code);
	it->tool.ms = number(b, it->tool.ms);
	text(b, &it->tool.label);
	text(b, &it->tool.child);
	text(b, &it->tool.msg);
	text(b, &it->tool.part);
}

static void
ask_fields(struct both *b, struct item *it)
{
	it->ask.what = small(b, it->ask.what, ASK_INPUT);
	it->ask.answered = small(b, it->ask.answered, 1) != 0;
	it->ask.answer = small(b, it->ask.answer, ANSWER_CHOICES);
	it->ask.send = small(b, it->ask.send, SEND_REJECTED);
	text(b, &it->ask.by);
	text(b, &it->ask.reply);
	text(b, &it->ask.tool);
	text(b, &it->ask.options);
}

static void
kind_fields(struct both *b, struct item *it)
{
	switch (it->kind) {
	case ITEM_USER:
		it->user.send = small(b, it->user.send, SEND_REJECTED);
		text(b, &it->user.offset);
		break;
	case ITEM_TEXT:
	case ITEM_REASON:
		it->msg.state = small(b, it->msg.state, MSG_ERROR);
		text(b, &it->msg.turn);
		it->msg.gap = small(b, it->msg.gap, 1) != 0;
		break;
	case ITEM_TOOL:
		tool_fields(b, it);
		break;
	case ITEM_ASK:
		ask_fields(b, it);
		break;
	case ITEM_FLOW:
		it->flow.op = small(b, it->flow.op, FLOW_SPAWN);
		text(b, &it->flow.state);
		break;
	case ITEM_NOTE:
		it->note.level = small(b, it->note.level, NOTE_ERROR);
		break;
	case ITEM_TERM:
		it->term.own = small(b, it->term.own, 1) != 0;
		it->term.gap = small(b, it->term.gap, 1) != 0;
		it->term.lost = small(b, it->term.lost, 1) != 0;
		it->term.exit_code = (int)number(b, it->term.exit_code);
		break;
	case ITEM_RAW:
		break;
	}
}

static void
fields(struct both *b, struct item *it)
{
	struct buf *common[] = { &it->id, &it->agent, &it->text, &it->title, &it->input, &it->diff,
	    &it->error };

	it->version = small(b, it->version, UINT32_MAX);
	it->generation = small(b, it->generation, UINT32_MAX);
	it->open = small(b, it->open, 1) != 0;
	it->back = small(b, it->back, ITEM_REMOVED);
	it->time = number(b, it->time);
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		text(b, common[i]);
	kind_fields(b, it);
}

void
item_pack(const struct item *it, struct buf *out)
{
	struct both b = { .out = out };

	pack_u64(out, it->kind);
	/* Writing leaves every field as it is. */
	fields(&b, (struct item *)(uintptr_t)it);
}

struct item *
item_unpack(struct str bytes, uint64_t n)
{
	struct both b = { .in = { .rest = bytes } };
	struct item *it = item_new((enum item_kind)unpack_max(&b.in, ITEM_RAW), n);

	fields(&b, it);
	if (unpack_end(&b.in))
		return it;
	item_free(it);
	return NULL;
}
