/*
 * What was taken back: the server no longer has it or goes on as if it had not been, but it was said,
 * so it stays where it is and says what became of it.
 */
#include "model/fold.h"
#include "wire/json.h"

/* The id of the message an item belongs to, empty for none. */
static struct str
message_of(const struct session *s, const struct item *it)
{
	const struct item *tool;

	switch (it->kind) {
	case ITEM_USER:
	case ITEM_TEXT:
	case ITEM_REASON:
		return item_is_unsent(it) ? STR_NONE : buf_view(&it->id);
	case ITEM_TOOL:
		return buf_view(&it->tool.msg);
	case ITEM_ASK:
		tool = session_find(s, ITEM_TOOL, buf_view(&it->ask.tool));
		return tool != NULL ? buf_view(&tool->tool.msg) : STR_NONE;
	default:
		return STR_NONE;
	}
}

static bool
has(const struct numbers *list, uint64_t number)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == number)
			return true;
	return false;
}

/* The name of the part an item is of. */
static struct str
part_of(struct session *s, const struct item *it)
{
	const struct message *m;

	if (it->kind == ITEM_TOOL)
		return buf_view(&it->tool.part);
	m = fold_message(s, message_of(s, it));
	for (size_t i = 0; m != NULL && i < m->nparts; i++)
		if (has(&m->parts[i]->items, it->number))
			return buf_view(&m->parts[i]->name);
	return STR_NONE;
}

/* Whether the event takes back an item of the message `id`. */
static bool
is_meant(struct session *s, const struct event *e, const struct map *only, const struct item *it,
    struct str id)
{
	int order = str_cmp(id, e->back.msg);

	switch (e->back.op) {
	case BACK_FROM:
		return order > 0 || (order == 0 && (e->back.part.n == 0 ||
		    str_cmp(part_of(s, it), e->back.part) >= 0));
	case BACK_GONE:
		return order == 0 && (e->back.part.n == 0 || str_eq(part_of(s, it), e->back.part));
	case BACK_OTHERS:
		return order >= 0 && map_get(only, id) == NULL;
	default:
		return false;
	}
}

/* What is gone does not come back; what was reverted may. */
static void
take_back(struct session *s, struct item *it, bool meant, bool reverts)
{
	enum item_back back = !reverts ? ITEM_REMOVED : meant ? ITEM_REVERTED : ITEM_STANDS;

	if (it->back == ITEM_REMOVED || (!meant && !reverts))
		return;
	if (it->back != back)
		it->version++;
	it->back = back;
	if (back == ITEM_REVERTED && (s->reverted == 0 || it->number < s->reverted))
		s->reverted = it->number;
}

static void
set_of(struct str ids, struct map *only, struct buf *oldest)
{
	struct buf id = { 0 };
	struct json j;
	struct str raw;

	json_init(&j, ids);
	for (json_array(&j); json_element(&j) && json_string(&j, &raw);) {
		buf_clear(&id);
		json_unescape(raw, &id);
		map_put(only, buf_view(&id), only);
		if (oldest->n == 0)
			buf_set(oldest, buf_view(&id));
	}
	buf_done(&id);
}

void
fold_back(struct session *s, const struct event *e)
{
	bool reverts = e->back.op == BACK_NONE || e->back.op == BACK_FROM;
	const struct message *m = e->back.msg.n > 0 ? fold_message(s, e->back.msg) : NULL;
	uint64_t floor = m != NULL && m->items.n > 0 ? m->items.v[0] : UINT64_MAX;
	struct event own = *e;
	struct buf oldest = { 0 };
	struct map only;

	if (e->back.op == BACK_NONE && s->reverted == 0)
		return;
	s->backs++;
	if (reverts && s->reverted != 0 && s->reverted < floor)
		floor = s->reverted;
	map_init(&only);
	set_of(e->back.only, &only, &oldest);
	if (e->back.op == BACK_OTHERS)
		own.back.msg = buf_view(&oldest);
	if (reverts)
		s->reverted = 0;
	/* Ids ascend, but for what an earlier message goes on to do behind a later one. */
	for (size_t i = s->nitems; i-- > 0 && (e->back.op == BACK_NONE || own.back.msg.n > 0);) {
		struct item *it = session_item(s, i);
		struct str id = message_of(s, it);

		if (it->number < floor && (e->back.op == BACK_NONE ||
		    (id.n > 0 && str_cmp(id, own.back.msg) < 0)))
			break;
		if (id.n > 0)
			take_back(s, it, is_meant(s, &own, &only, it, id), reverts);
	}
	map_done(&only, NULL);
	buf_done(&oldest);
}
