#include "text/mark.h"

#include <string.h>

void
mark_back(struct block_mark *mark)
{
	mark->last = mark->between;
	mark->prior.rows = 0;
	mark->table = (struct table_mark){ .rows = 0 };
	memcpy(mark->frames, mark->frames_between, mark->last.depth * sizeof *mark->frames);
}

static bool
holds(const struct block_place *at, const struct md_view *v, size_t ops)
{
	const struct md_op *op = &v->op[at->until];

	if (at->rows == 0 || at->until > ops || at->until >= v->n)
		return false;
	if (at->leaf == MD_IN_TABLE)
		return op->kind == MD_ROW && !(op->flags & MD_CLOSE);
	if (at->leaf == MD_BETWEEN)
		return !md_is_inline(op);
	return op->kind == MD_TEXT && op->src == at->src && op->len >= at->need &&
	    (op->flags == 0 || at->until < ops);
}

void
mark_keep(struct block_mark *mark, const struct md_view *v, size_t ops)
{
	if (!holds(&mark->prior, v, ops))
		mark->prior.rows = 0;
	if (holds(&mark->last, v, ops))
		return;
	if (mark->prior.rows > 0) {
		mark->last = mark->prior;
		mark->prior.rows = 0;
		return;
	}
	if (!holds(&mark->between, v, ops))
		mark->between = (struct block_place){ .rows = 0 };
	mark_back(mark);
}
