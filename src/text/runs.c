#include "text/rows.h"

#include "base/mem.h"

void
rows_put_tab(struct rows *r, struct style style, uint32_t src)
{
	static const struct safe_piece tab = { .kind = SAFE_TAB, .src_len = 1 };

	if ((r->open_cols - r->tabs) % 8 != 0 || src == LINE_NO_SRC) {
		rows_put(r, style, &tab, src);
		return;
	}
	/* As most do, it fills a span of its own. */
	memset(buf_room(&r->text, 8), ' ', 8);
	r->spans = mem_grow(r->spans, r->nspans, &r->cap_spans, sizeof *r->spans);
	r->spans[r->nspans++] = (struct span){ (uint32_t)r->text.n, 8, src, 1, 8, true, style };
	r->text.n += 8;
	r->open_cols += 8;
}

size_t
rows_take_runs(struct rows *r, enum role plain, const struct role_run *runs, size_t n, uint32_t most,
    uint32_t src)
{
	uint32_t off = (uint32_t)r->text.n;
	struct style style = { 0 }, before = r->nspans > r->open_span ? r->spans[r->nspans - 1].style : style;
	struct span *s;
	size_t i = 0;

	while (r->cap_spans < r->nspans + n)
		r->spans = mem_grow(r->spans, r->cap_spans, &r->cap_spans, sizeof *r->spans);
	s = r->spans + r->nspans;
	for (; i < n && runs[i].n <= most; i++) {
		enum role role = runs[i].role;
		uint32_t len = runs[i].n;

		style = style_make(role == ROLE_TEXT ? plain : role, 0);
		if (style_eq(style, before))
			break;
		before = style;
		s[i] = (struct span){ off, len, src, len, (uint16_t)len, true, style };
		off += len;
		src += len;
		most -= len;
	}
	r->open_cols += off - (uint32_t)r->text.n;
	r->text.n = off;
	r->nspans += i;
	if (i == n || runs[i].n > most)
		return i;
	/* It may be more of the same. */
	rows_take_ascii(r, style, runs[i].n, src);
	return i + 1;
}
