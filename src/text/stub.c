#include "text/stub.h"

/* The first line may be the head of a table, others may not. */
static void
text_stub(struct md_seam *seam)
{
	chain_prefix(&seam->chain, &seam->stub);
	if (seam->lines) {
		buf_str(&seam->stub, STR("x\n"));
		chain_prefix(&seam->chain, &seam->stub);
	}
	buf_str(&seam->stub, STR("`x`"));
}

static void
code_stub(struct md_seam *seam, char mark)
{
	chain_prefix(&seam->chain, &seam->stub);
	if (mark == '\0') {
		buf_str(&seam->stub, STR("    x"));
	} else {
		buf_fill(&seam->stub, ' ', seam->indent);
		buf_fill(&seam->stub, mark, seam->fence);
	}
	buf_byte(&seam->stub, '\n');
}

/* False when the head has fewer cells than the table has columns. */
static bool
table_stub(struct md_seam *seam, const struct md_op *table)
{
	static const char *const lines[] = { "|---", "|:-:", "|--:" };
	size_t cells = 0;

	chain_prefix(&seam->chain, &seam->stub);
	for (unsigned i = 0; i < table->arg; i++)
		buf_str(&seam->stub, STR("|x"));
	buf_byte(&seam->stub, '\n');
	chain_prefix(&seam->chain, &seam->stub);
	for (const struct md_op *op = table; !(op->kind == MD_ROW && op->flags & MD_CLOSE); op++) {
		if (op->kind != MD_CELL || op->flags & MD_CLOSE)
			continue;
		buf_str(&seam->stub, str_from(lines[op->arg]));
		cells++;
	}
	buf_byte(&seam->stub, '\n');
	return cells == table->arg;
}

bool
stub_make(struct md_seam *seam, const struct md_doc *d)
{
	const struct md_op *op = &d->ops[d->blocks[0].op + seam->leaf_op];

	buf_clear(&seam->stub);
	chain_lines(&seam->chain, d, &seam->stub);
	if (seam->leaf == MD_IN_TEXT)
		text_stub(seam);
	else if (seam->leaf == MD_IN_CODE)
		code_stub(seam, (char)op->arg);
	else if (seam->leaf == MD_IN_TABLE)
		return table_stub(seam, op);
	return true;
}

/* The index behind the first operation from the i-th on that ends a stub. */
static uint32_t
find_end(const struct md_op *op, uint32_t i, uint32_t n, enum md_kind kind)
{
	while (i < n && !md_is_op(&op[i], kind, MD_CLOSE))
		i++;
	return i < n ? i + 1 : 0;
}

uint32_t
stub_ops(const struct md_seam *seam, const struct md_op *x, const struct md_op *y, uint32_t n)
{
	const struct chain *c = &seam->chain;
	const struct md_op *leaf = &x[seam->leaf_op];
	bool closed = c->n > 0 && c->parts[c->n - 1].closed, text = md_is_inline(leaf);
	uint32_t i;

	if (!chain_opens(c, x, y, n, &i) || i >= n)
		return 0;
	if (seam->leaf == MD_BETWEEN)
		return !closed ? i : md_is_op(&y[i], MD_ITEM, MD_CLOSE) ? i + 1 : 0;
	if (seam->leaf == MD_IN_TEXT && text)
		return md_is_inline(&y[i]) ? find_end(y, i, n, MD_CODE) : 0;
	if (!md_is_op(&y[i], leaf->kind, 0) || y[i].arg != leaf->arg)
		return 0;
	if (seam->leaf == MD_IN_CODE)
		return leaf->arg > 0 ? i + 1 : n - i > 3 ? i + 3 : 0;
	return find_end(y, i, n, seam->leaf == MD_IN_TEXT ? MD_CODE : MD_ROW);
}
