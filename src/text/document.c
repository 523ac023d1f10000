#include "text/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
md_doc_done(struct md_doc *d)
{
	free(d->ops);
	free(d->blocks);
	buf_done(&d->made);
	*d = (struct md_doc){ 0 };
}

static void
add_ops(struct md_doc *d, const struct md_op *op, size_t n)
{
	while (d->cap_ops - d->nops < n)
		d->ops = mem_double(d->ops, &d->cap_ops, sizeof *d->ops);
	memcpy(d->ops + d->nops, op, n * sizeof *op);
	d->nops += n;
}

void
md_doc_add_plain(struct md_doc *d, size_t from, size_t to)
{
	const struct md_op ops[] = {
		{ .kind = MD_PARAGRAPH }, { .kind = MD_NOTE },
		{ .kind = MD_TEXT, .src = (uint32_t)from, .at = (uint32_t)from, .len = (uint32_t)(to - from) },
		{ .kind = MD_PARAGRAPH, .flags = MD_CLOSE, .src = (uint32_t)to },
	};
	enum { N = sizeof ops / sizeof *ops };

	d->blocks = mem_grow(d->blocks, d->n, &d->cap, sizeof *d->blocks);
	d->blocks[d->n++] = (struct md_block){ .op = (uint32_t)d->nops, .nops = N, .made = (uint32_t)d->made.n,
		.src = (uint32_t)from };
	add_ops(d, ops, N);
}

void
md_doc_truncate(struct md_doc *d, size_t n)
{
	if (n >= d->n)
		return;
	d->nops = d->blocks[n].op;
	d->made.n = d->blocks[n].made;
	d->n = n;
}

void
md_doc_clear(struct md_doc *d)
{
	md_doc_truncate(d, 0);
}

void
md_doc_cut(struct md_doc *d, const struct md_seam *seam)
{
	struct md_block *b = &d->blocks[0];

	d->n = 1;
	d->nops = b->op + seam->nops;
	d->made.n = b->made + seam->nmade;
	b->nops = seam->nops;
	b->nmade = seam->nmade;
	d->ops[d->nops - 1].len = seam->last;
}

void
md_doc_append(struct md_doc *d, const struct md_doc *from, const struct md_seam *seam)
{
	uint32_t ops = seam->at > 0 ? seam->nops : 0, made = seam->at > 0 ? seam->nmade : 0;

	for (size_t i = 0; i < from->n; i++) {
		struct md_block b = from->blocks[i];

		b.nops -= i == 0 ? ops : 0;
		b.nmade -= i == 0 ? made : 0;
		b.op += (uint32_t)d->nops - (i > 0 ? ops : 0);
		b.made += (uint32_t)d->made.n - (i > 0 ? made : 0);
		d->blocks = mem_grow(d->blocks, d->n, &d->cap, sizeof *d->blocks);
		d->blocks[d->n++] = b;
	}
	if (from->nops > ops)
		add_ops(d, from->ops + ops, from->nops - ops);
	buf_str(&d->made, str_skip(buf_view(&from->made), made));
}

bool
md_block_eq(const struct md_doc *a, size_t i, const struct md_doc *b, size_t j)
{
	const struct md_block *x = &a->blocks[i], *y = &b->blocks[j];

	return x->nops == y->nops && x->nmade == y->nmade &&
	    memcmp(a->ops + x->op, b->ops + y->op, x->nops * sizeof *a->ops) == 0 &&
	    (x->nmade == 0 || memcmp(a->made.p + x->made, b->made.p + y->made, x->nmade) == 0);
}

/* How many operations at the start are the same, but for the text that was made for them. */
static size_t
same_ops(const struct md_op *x, const struct md_op *y, size_t n)
{
	enum { STEP = 64 };
	size_t i = 0;

	while (i + STEP <= n && memcmp(x + i, y + i, STEP * sizeof *x) == 0)
		i += STEP;
	while (i < n && memcmp(x + i, y + i, sizeof *x) == 0)
		i++;
	return i;
}

/* How many of them have the same text too, `made` bytes less of it in front of that of the second. */
static size_t
same_made(const struct md_op *op, size_t n, struct str x, struct str y, size_t made)
{
	for (size_t i = 0; i < n; i++) {
		struct str is, was;

		if (!(op[i].flags & MD_MADE))
			continue;
		is = str_head(str_skip(x, op[i].at), op[i].len);
		was = str_head(str_skip(y, op[i].at - made), op[i].len);
		if (!str_eq(is, was))
			return i;
	}
	return n;
}

size_t
md_block_common(const struct md_doc *a, size_t i, size_t skip, const struct md_doc *b, size_t j, size_t made)
{
	const struct md_block *x = &a->blocks[i], *y = &b->blocks[j];
	const struct md_op *op = a->ops + x->op + skip;
	size_t left = x->nops - skip, n = same_ops(op, b->ops + y->op, left < y->nops ? left : y->nops);
	struct str is = buf_view(&a->made), was = buf_view(&b->made);

	return y->nmade == 0 ? n : same_made(op, n, str_skip(is, x->made), str_skip(was, y->made), made);
}

const struct md_doc *
md_doc_of(const struct md_doc *first, const struct md_doc *then, size_t i, size_t *at)
{
	*at = i < first->n ? i : i - first->n;
	return i < first->n ? first : then;
}

struct md_view
md_view(const struct md_doc *d, size_t i, struct str source)
{
	const struct md_block *b = &d->blocks[i];

	return (struct md_view){ d->ops + b->op, b->nops, str_skip(buf_view(&d->made), b->made), source };
}

bool
md_link_at(const struct md_view *v, uint32_t src, struct str *target)
{
	enum { DEPTH = 8 };
	const struct md_op *open[DEPTH];
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct md_op *op = &v->op[i];
		bool link = op->kind == MD_LINK || op->kind == MD_IMAGE;

		if (link && op->flags & MD_CLOSE) {
			n -= n > 0;
		} else if (link && n < DEPTH) {
			open[n++] = op;
		} else if (op->kind == MD_TEXT && n > 0 && src >= op->src &&
		    src - op->src < (op->flags & MD_MADE ? 1 : op->len)) {
			*target = md_text(v, open[n - 1]);
			return true;
		}
	}
	return false;
}
