#include "text/rows.h"

#include "base/mem.h"

/* Makes room for `n` more spans and returns their place. */
static struct span *
room(struct rows *r, size_t n)
{
	while (r->cap_spans < r->nspans + n)
		r->spans = mem_grow(r->spans, r->cap_spans, &r->cap_spans, sizeof *r->spans);
	return r->spans + r->nspans;
}

void
rows_put_tabs(struct rows *r, struct style style, uint32_t n, uint32_t src)
{
	uint32_t off = (uint32_t)r->text.n;
	struct span *s = room(r, n);

	/* They are of eight columns, each in a span of its own, because it is one byte of the source. */
	memset(buf_room(&r->text, n * (size_t)8), ' ', n * (size_t)8);
	for (uint32_t i = 0; i < n; i++)
		s[i] = (struct span){ off + i * 8, 8, src + i, 1, 8, true, style };
	r->nspans += n;
	r->text.n += n * (size_t)8;
	r->open_cols += n * 8;
}

static struct style
style_of(const struct role_run *run, enum role plain)
{
	return style_make(run->role == ROLE_TEXT ? plain : run->role, 0);
}

/* Whether the run may be more of what stands in front of it, which then is text from the source too. */
static bool
continues(const struct rows *r, const struct role_run *run, enum role plain)
{
	const struct span *last = r->nspans > r->open_span ? &r->spans[r->nspans - 1] : NULL;

	return last != NULL && last->len == last->src_len && style_eq(last->style, style_of(run, plain));
}

size_t
rows_take_runs(struct rows *r, enum role plain, const struct role_run *runs, size_t n, uint32_t most,
    uint32_t src)
{
	const struct role_run *run = runs;
	uint32_t off = (uint32_t)r->text.n;
	struct span *s = room(r, n);
	enum role before = ROLE_COUNT;

	if (run->n <= most && continues(r, run, plain)) {
		rows_take_ascii(r, style_of(run, plain), run->n, src);
		return 1;
	}
	for (; run < runs + n && run->n <= most && run->role != before; run++) {
		uint32_t len = run->n;

		*s++ = (struct span){ off, len, src, len, (uint16_t)len, true, style_of(run, plain) };
		off += len;
		src += len;
		most -= len;
		before = run->role;
	}
	r->open_cols += off - (uint32_t)r->text.n;
	r->text.n = off;
	r->nspans += (size_t)(run - runs);
	return (size_t)(run - runs);
}
