#include "text/past.h"

static const struct md_seam no_seam = { .at = 0 };

void
past_done(struct md_past *p)
{
	md_doc_done(&p->doc);
}

static void
keep(struct md_past *p, const struct md_doc *now, const struct md_seam *seam)
{
	if (p->kept)
		return;
	p->kept = true;
	md_doc_clear(&p->doc);
	md_doc_append(&p->doc, now, seam);
}

/* Without a seam it is enough to take them when they are to change. */
void
past_begin(struct md_past *p, const struct md_doc *now, const struct md_seam *seam)
{
	p->nops = p->nmade = p->last = p->holds = 0;
	p->kept = p->torn = false;
	if (seam == NULL)
		return;
	p->nops = seam->nops;
	p->nmade = seam->nmade;
	p->last = now->ops[now->blocks[0].op + seam->nops - 1].len;
	keep(p, now, seam);
}

void
past_copy(struct md_past *p, const struct md_doc *now)
{
	keep(p, now, &no_seam);
}

static void
exchange(struct md_doc *a, struct md_doc *b)
{
	struct md_doc was = *a;

	*a = *b;
	*b = was;
}

void
past_take(struct md_past *p, struct md_doc *now)
{
	if (p->kept)
		return;
	p->kept = true;
	exchange(&p->doc, now);
}

void
past_tear(struct md_past *p, uint32_t holds)
{
	p->torn = true;
	p->holds = holds;
}

void
past_join(struct md_past *p, struct md_doc *settled)
{
	p->torn = p->torn || p->nops > 0;
	md_doc_append(settled, &p->doc, &no_seam);
	exchange(&p->doc, settled);
}

/* How many operations of the j-th block that was, and the i-th, are the same. */
static size_t
common(const struct md_past *p, const struct md_doc *d, size_t i, size_t j)
{
	if (j > 0 || p->nops == 0)
		return md_block_common(d, i, 0, &p->doc, j, 0);
	if (p->nops > d->blocks[i].nops || d->ops[d->blocks[i].op + p->nops - 1].len != p->last)
		return p->nops - 1;
	return p->nops + md_block_common(d, i, p->nops, &p->doc, j, p->nmade);
}

static bool
is_same(const struct md_past *p, const struct md_doc *d, size_t i, size_t j)
{
	size_t n = p->doc.blocks[j].nops + (j == 0 ? p->nops : 0);

	return d->blocks[i].nops == n && common(p, d, i, j) == n;
}

struct md_kept
past_compare(const struct md_past *p, const struct md_doc *settled, size_t base, const struct md_doc *now)
{
	struct md_kept kept = { 0 };
	size_t n = settled->n + now->n - base, old = p->doc.n, most = n < old ? n : old, at;
	const struct md_doc *d;

	if (p->torn)
		return (struct md_kept){ .head = base, .ops = p->holds };
	for (; kept.head < most; kept.head++) {
		d = md_doc_of(settled, now, base + kept.head, &at);
		if (!is_same(p, d, at, kept.head))
			break;
	}
	/* The first was cut at the seam. */
	most -= p->nops > 0 && kept.head == 0 && most > 0;
	for (; kept.tail < most - kept.head; kept.tail++) {
		d = md_doc_of(settled, now, base + n - 1 - kept.tail, &at);
		if (!is_same(p, d, at, old - 1 - kept.tail))
			break;
	}
	if (kept.head < old && kept.head < n) {
		d = md_doc_of(settled, now, base + kept.head, &at);
		kept.ops = common(p, d, at, kept.head);
	}
	kept.head += base;
	return kept;
}
