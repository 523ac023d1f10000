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
md_doc_append(struct md_doc *d, const struct md_doc *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct md_block b = from->blocks[i];

		b.op += (uint32_t)d->nops;
		b.made += (uint32_t)d->made.n;
		d->blocks = mem_grow(d->blocks, d->n, &d->cap, sizeof *d->blocks);
		d->blocks[d->n++] = b;
	}
	for (size_t i = 0; i < from->nops; i++) {
		d->ops = mem_grow(d->ops, d->nops, &d->cap_ops, sizeof *d->ops);
		d->ops[d->nops++] = from->ops[i];
	}
	buf_str(&d->made, buf_view(&from->made));
}

bool
md_block_eq(const struct md_doc *a, size_t i, const struct md_doc *b, size_t j)
{
	const struct md_block *x = &a->blocks[i], *y = &b->blocks[j];

	return x->nops == y->nops && x->nmade == y->nmade &&
	    memcmp(a->ops + x->op, b->ops + y->op, x->nops * sizeof *a->ops) == 0 &&
	    (x->nmade == 0 || memcmp(a->made.p + x->made, b->made.p + y->made, x->nmade) == 0);
}

size_t
md_block_common(const struct md_doc *a, size_t i, const struct md_doc *b, size_t j)
{
	const struct md_block *x = &a->blocks[i], *y = &b->blocks[j];
	size_t n = 0;

	while (n < x->nops && n < y->nops) {
		const struct md_op *op = &a->ops[x->op + n];

		if (memcmp(op, &b->ops[y->op + n], sizeof *op) != 0)
			break;
		if (op->flags & MD_MADE && op->len > 0 &&
		    memcmp(a->made.p + x->made + op->at, b->made.p + y->made + op->at, op->len) != 0)
			break;
		n++;
	}
	return n;
}

bool
md_is_container(const struct md_op *op)
{
	return op->kind == MD_QUOTE || op->kind == MD_LIST || op->kind == MD_ITEM;
}

struct md_view
md_view(const struct md_doc *d, size_t i, struct str source)
{
	const struct md_block *b = &d->blocks[i];

	return (struct md_view){ d->ops + b->op, b->nops, str_skip(buf_view(&d->made), b->made), source };
}

struct str
md_text(const struct md_view *v, const struct md_op *op)
{
	return str_head(str_skip(op->flags & MD_MADE ? v->made : v->source, op->at), op->len);
}
