#include "text/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/width.h"
#include "text/rows.h"

/* A span counts its columns in 16 bits. */
enum { SPAN_MAX = 32767 };

void
rows_done(struct rows *r)
{
	buf_done(&r->text);
	free(r->spans);
	free(r->rows);
	*r = (struct rows){ 0 };
}

size_t
rows_size(const struct rows *r)
{
	return r->n * sizeof *r->rows + r->nspans * sizeof *r->spans + r->text.n;
}

void
rows_pack(struct rows *to, void *at, const struct rows *r)
{
	*to = (struct rows){ .n = r->n, .nspans = r->nspans, .open_span = r->nspans };
	to->rows = at;
	to->spans = (struct span *)(to->rows + r->n);
	to->text = (struct buf){ (char *)(to->spans + r->nspans), r->text.n, r->text.n };
	if (r->n > 0)
		memcpy(to->rows, r->rows, r->n * sizeof *r->rows);
	if (r->nspans > 0)
		memcpy(to->spans, r->spans, r->nspans * sizeof *r->spans);
	if (r->text.n > 0)
		memcpy(to->text.p, r->text.p, r->text.n);
}

void
rows_clear(struct rows *r)
{
	rows_truncate(r, 0);
}

/* From here on an empty row is being built. */
static void
open_row(struct rows *r)
{
	r->open_span = r->nspans;
	r->open_text = (uint32_t)r->text.n;
	r->open_cols = r->tabs = 0;
}

void
rows_truncate(struct rows *r, size_t n)
{
	if (n < r->n) {
		r->open_span = r->rows[n].span;
		r->open_text = r->rows[n].text;
		r->n = n;
	}
	r->nspans = r->open_span;
	r->text.n = r->open_text;
	r->open_cols = r->tabs = 0;
}

size_t
rows_count(const struct rows *r)
{
	return r->n;
}

static struct line
look(const struct rows *r, size_t from, size_t to, unsigned cols, uint8_t flags)
{
	if (from == to)
		return (struct line){ .cols = cols, .flags = flags };
	return (struct line){ r->text.p, r->spans + from, to - from, cols, flags };
}

struct line
rows_line(const struct rows *r, size_t i)
{
	const struct row *row = &r->rows[i];
	size_t end = i + 1 < r->n ? r->rows[i + 1].span : r->open_span;

	return look(r, row->span, end, row->cols, row->flags);
}

struct line
rows_open(const struct rows *r)
{
	return look(r, r->open_span, r->nspans, r->open_cols, 0);
}

static void
close_row(struct rows *r, unsigned cols, unsigned flags)
{
	r->rows = mem_grow(r->rows, r->n, &r->cap_rows, sizeof *r->rows);
	r->rows[r->n++] = (struct row){ (uint32_t)r->open_span, r->open_text, cols, (uint8_t)flags };
}

void
rows_end(struct rows *r, unsigned flags)
{
	close_row(r, r->open_cols, flags);
	open_row(r);
}

static struct span *
last_span(const struct rows *r)
{
	return r->nspans > r->open_span ? &r->spans[r->nspans - 1] : NULL;
}

/* Whether source offsets inside the span are offsets inside its text. */
static bool
one_to_one(const struct span *s)
{
	return s->len == s->src_len;
}

/* Whether `b`, whose text comes next, is more of the same: weir's own words have no source, so they are not one to one. */
static bool
continues(const struct span *a, const struct span *b)
{
	if (!style_eq(a->style, b->style) || a->cols + b->cols > SPAN_MAX)
		return false;
	if (one_to_one(a) && one_to_one(b))
		return a->src + a->src_len == b->src;
	return a->src == LINE_NO_SRC && b->src == LINE_NO_SRC;
}

/* A span that is like `s`, of the text that was just put behind all other. */
static inline void
add_span(struct rows *r, const struct span *s)
{
	uint32_t off = (uint32_t)r->text.n;
	struct span *last = last_span(r);

	r->text.n += s->len;
	r->open_cols += s->cols;
	if (last != NULL && last->off + last->len == off && continues(last, s)) {
		last->len += s->len;
		last->src_len += s->src_len;
		last->cols += s->cols;
		last->ascii &= s->ascii;
		return;
	}
	r->spans = mem_grow(r->spans, r->nspans, &r->cap_spans, sizeof *r->spans);
	r->spans[r->nspans] = *s;
	r->spans[r->nspans++].off = off;
}

static void
put_copy(struct rows *r, const struct span *s, const char *text)
{
	memcpy(buf_room(&r->text, s->len), text, s->len);
	add_span(r, s);
}

/* Adds a span, its text copied from base + s.off. */
static void
put(struct rows *r, struct span s, const char *base)
{
	if (s.len > 0)
		put_copy(r, &s, base + s.off);
}

/* The bytes [from, to) of a span, `cols` wide. */
static struct span
part(const struct span *s, uint32_t from, uint32_t to, unsigned cols)
{
	struct span p = *s;

	p.off += from;
	p.len = to - from;
	p.cols = (uint16_t)cols;
	if (one_to_one(s)) {
		p.src += from;
		p.src_len = p.len;
	} else if (from > 0) {
		p.src += p.src_len;
		p.src_len = 0;
	}
	return p;
}

/* Spaces that stand for one thing in the source or, half of a wide character, for nothing. */
static void
put_blanks(struct rows *r, struct span s, unsigned n)
{
	static const char blanks[] = "                                ";

	s.ascii = true;
	s.off = 0;
	while (n > 0) {
		unsigned some = n < sizeof blanks - 1 ? n : (unsigned)sizeof blanks - 1;

		s.len = some;
		s.cols = (uint16_t)some;
		put(r, s, blanks);
		s.src_len = 0;
		n -= some;
	}
}

static void
put_text(struct rows *r, struct span *s, struct str text, unsigned cols)
{
	uint32_t at = 0;

	s->len = (uint32_t)text.n;
	s->cols = (uint16_t)cols;
	/* Only ASCII comes in pieces of more than a cluster or a mark. */
	for (; cols - at > SPAN_MAX; at += SPAN_MAX)
		put(r, part(s, at, at + SPAN_MAX, SPAN_MAX), text.p);
	if (at > 0)
		put(r, part(s, at, s->len, cols - at), text.p);
	else if (text.n > 0)
		put_copy(r, s, text.p);
}

void
rows_take(struct rows *r, struct style style, uint32_t n, unsigned cols, uint32_t src)
{
	uint32_t off = (uint32_t)r->text.n, src_len = src == LINE_NO_SRC ? 0 : n;
	struct span *last = last_span(r);

	r->text.n += n;
	r->open_cols += cols;
	if (last != NULL && last->off + last->len == off && style_eq(last->style, style) &&
	    last->src_len == (src_len > 0 ? last->len : 0) &&
	    last->src + last->src_len == src && last->cols + cols <= SPAN_MAX) {
		last->len += n;
		last->src_len += src_len;
		last->cols += (uint16_t)cols;
		last->ascii &= cols == n;
		return;
	}
	r->spans = mem_grow(r->spans, r->nspans, &r->cap_spans, sizeof *r->spans);
	r->spans[r->nspans++] = (struct span){ off, n, src, src_len, (uint16_t)cols, cols == n, style };
}

size_t
rows_copy_ascii(struct rows *r, struct str text, size_t most)
{
	if (most > text.n)
		most = text.n;
	if (most > SPAN_MAX)
		most = SPAN_MAX;
	return safe_copy_ascii(buf_room(&r->text, most + 8), text, most);
}

struct style
rows_mark_style(struct style style)
{
	return (struct style){ .role = ROLE_MARK, .bg = style.bg };
}

void
rows_put(struct rows *r, struct style style, const struct safe_piece *piece, uint32_t src)
{
	struct span s = { .src = src, .ascii = piece->ascii, .style = style };

	if (src != LINE_NO_SRC) {
		s.src += (uint32_t)piece->src;
		s.src_len = (uint32_t)piece->src_len;
	}
	if (piece->kind == SAFE_TEXT) {
		put_text(r, &s, piece->text, piece->cols);
		return;
	}
	if (piece->kind == SAFE_TAB) {
		put_blanks(r, s, 8 - (r->open_cols - r->tabs) % 8);
		return;
	}
	s.style = rows_mark_style(style);
	if (piece->kind == SAFE_BREAK)
		put_text(r, &s, STR("^J"), 2);
	else
		put_text(r, &s, piece->text, piece->cols);
}

void
rows_add(struct rows *r, struct style style, struct str text, uint32_t src)
{
	struct safe s;
	struct safe_piece piece;
	unsigned cols;

	safe_init(&s, text, false);
	s.at = safe_copy_plain(buf_room(&r->text, text.n + 8), text, SPAN_MAX, &cols);
	if (s.at > 0)
		rows_take(r, style, (uint32_t)s.at, cols, src);
	if (s.at == text.n)
		return;
	while (safe_next(&s, &piece))
		rows_put(r, style, &piece, src);
}

void
rows_say(struct rows *r, struct style style, const char *text)
{
	rows_add(r, style, str_from(text), LINE_NO_SRC);
}

void
rows_printf(struct rows *r, struct style style, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	rows_add(r, style, buf_view(&b), LINE_NO_SRC);
	buf_done(&b);
}

void
rows_rule(struct rows *r, struct style style, unsigned cols)
{
	struct str dashes = STR("────────────────────────────────");
	struct safe_piece some = { .kind = SAFE_TEXT };

	for (; cols > 0; cols -= some.cols) {
		some.cols = cols < dashes.n / 3 ? cols : (unsigned)dashes.n / 3;
		some.text = str_head(dashes, 3 * (size_t)some.cols);
		rows_put(r, style, &some, LINE_NO_SRC);
	}
}

void
rows_pad(struct rows *r, struct style style, unsigned col)
{
	if (col > r->open_cols)
		put_blanks(r, (struct span){ .src = LINE_NO_SRC, .style = style }, col - r->open_cols);
}

void
rows_add_line(struct rows *r, struct line l)
{
	for (size_t i = 0; i < l.n; i++)
		put_copy(r, &l.spans[i], l.text + l.spans[i].off);
}

/* Bytes of the clusters in the first `cols` columns of a span; *used gets their columns. */
static uint32_t
prefix(const char *text, const struct span *s, unsigned cols, unsigned *used)
{
	size_t n, got;

	*used = cols < s->cols ? cols : s->cols;
	if (cols >= s->cols)
		return s->len;
	if (s->ascii)
		return cols;
	n = width_prefix(str_of(text + s->off, s->len), cols, &got);
	*used = (unsigned)got;
	return (uint32_t)n;
}

/* Columns [from, to) of one span. */
static void
add_part(struct rows *r, const char *text, const struct span *s, unsigned from, unsigned to)
{
	unsigned left, right;
	uint32_t begin = prefix(text, s, from, &left), end;

	if (left < from) {
		begin = prefix(text, s, from + 1, &left);
		put_blanks(r, part(s, begin, begin, 0), 1);
	}
	end = prefix(text, s, to, &right);
	if (end > begin)
		put(r, part(s, begin, end, right - left), text);
	if (right < to)
		put_blanks(r, part(s, end, end, 0), 1);
}

static void
add_cols(struct rows *r, struct line l, unsigned from, unsigned to, const struct style *style)
{
	unsigned col = 0;

	for (size_t i = 0; i < l.n && col < to && from < to; i++) {
		struct span s = l.spans[i];
		unsigned end = col + s.cols;

		if (style != NULL)
			s.style = *style;
		if (end > from)
			add_part(r, l.text, &s, from > col ? from - col : 0, (to < end ? to : end) - col);
		col = end;
	}
}

void
rows_add_cols(struct rows *r, struct line l, unsigned from, unsigned to)
{
	add_cols(r, l, from, to, NULL);
}

void
rows_add_as(struct rows *r, struct style style, struct line l, unsigned from, unsigned to)
{
	add_cols(r, l, from, to, &style);
}

void
rows_wrap(struct rows *r, struct line l, unsigned width, unsigned flags)
{
	for (size_t i = 0; i < l.n; i++) {
		struct span rest = l.spans[i];

		while (rest.len > 0) {
			unsigned room = width > r->open_cols ? width - r->open_cols : 0, used;
			uint32_t n = prefix(l.text, &rest, room, &used);

			if (n > 0) {
				put(r, part(&rest, 0, n, used), l.text);
			} else if (r->open_cols > 0) {
				rows_end(r, flags | LINE_SOFT | LINE_GLUED);
			} else {
				n = prefix(l.text, &rest, 2, &used);
				put_blanks(r, part(&rest, 0, n, used), 1);
			}
			rest = part(&rest, n, rest.len, rest.cols - used);
		}
	}
	rows_end(r, flags);
}

struct rows_place
rows_end_place(const struct rows *r)
{
	const struct span *last = last_span(r);

	if (last == NULL)
		return (struct rows_place){ .span = (uint32_t)r->nspans, .cols = r->open_cols };
	return (struct rows_place){ (uint32_t)r->nspans - 1, last->len, r->open_cols, last->cols };
}

struct rows_place
rows_place_before(const struct rows *r, uint32_t off, unsigned behind)
{
	unsigned cols = r->open_cols - behind;

	for (size_t i = r->nspans; i > r->open_span; i--) {
		const struct span *s = &r->spans[i - 1];

		if (off >= s->off)
			return (struct rows_place){ (uint32_t)i - 1, off - s->off, cols,
				(uint16_t)(s->cols - behind) };
		behind -= s->cols;
	}
	return (struct rows_place){ .span = (uint32_t)r->open_span };
}

struct rows_place
rows_place_at(const struct rows *r, unsigned cols)
{
	unsigned col = 0, used;

	for (size_t i = r->open_span; i < r->nspans; i++) {
		const struct span *s = &r->spans[i];

		if (col + s->cols > cols) {
			uint32_t len = prefix(r->text.p, s, cols - col, &used);

			return (struct rows_place){ (uint32_t)i, len, col + used, (uint16_t)used };
		}
		col += s->cols;
	}
	return rows_end_place(r);
}

void
rows_tabs_from_here(struct rows *r)
{
	r->tabs = r->open_cols;
}

void
rows_trim(struct rows *r, struct rows_place end)
{
	r->nspans = end.span;
	r->open_cols = end.cols;
	if (end.len > 0) {
		r->spans[end.span] = part(&r->spans[end.span], 0, end.len, end.span_cols);
		r->nspans++;
	}
}

void
rows_rewind(struct rows *r, struct rows_place end)
{
	const struct span *last;

	rows_trim(r, end);
	last = last_span(r);
	r->text.n = last != NULL ? last->off + last->len : r->open_text;
}

void
rows_split(struct rows *r, struct rows_place end, struct rows_place begin, struct line indent, unsigned flags)
{
	bool cut = begin.span < r->nspans && begin.len < r->spans[begin.span].len;
	size_t from = cut || begin.span == r->nspans ? begin.span : begin.span + 1;
	size_t n = r->nspans - from, hole;
	unsigned cols = r->open_cols - begin.cols, cols_between = begin.cols - end.cols;
	struct span first = { .off = (uint32_t)r->text.n };

	if (cut)
		first = part(&r->spans[from], begin.len, r->spans[from].len,
		    r->spans[from].cols - begin.span_cols);
	else if (n > 0)
		first = r->spans[from];
	/* The text stays where it is; its spans make room for those of the indent. */
	hole = end.span + (end.len > 0) + indent.n;
	while (r->cap_spans < hole + n)
		r->spans = mem_grow(r->spans, r->cap_spans, &r->cap_spans, sizeof *r->spans);
	if (n > 0) {
		memmove(r->spans + hole, r->spans + from, n * sizeof *r->spans);
		r->spans[hole] = first;
	}
	rows_trim(r, end);
	rows_end(r, flags | LINE_SOFT | (cols_between == 0 ? LINE_GLUED : 0));
	r->open_text = first.off;
	rows_add_line(r, indent);
	if (n > 0)
		memmove(r->spans + r->nspans, r->spans + hole, n * sizeof *r->spans);
	r->nspans += n;
	r->open_cols += cols;
}

void
line_text(struct line l, struct buf *out)
{
	for (size_t i = 0; i < l.n; i++)
		buf_add(out, l.text + l.spans[i].off, l.spans[i].len);
}

bool
line_eq(struct line a, struct line b)
{
	size_t i = 0, k = 0;
	uint32_t at = 0, bt = 0;

	if (a.cols != b.cols || a.flags != b.flags)
		return false;
	/* The same look may be cut into spans in two ways. */
	while (i < a.n && k < b.n) {
		const struct span *s = &a.spans[i], *t = &b.spans[k];
		uint32_t n = s->len - at < t->len - bt ? s->len - at : t->len - bt;

		if (!style_eq(s->style, t->style) ||
		    memcmp(a.text + s->off + at, b.text + t->off + bt, n) != 0)
			return false;
		at += n;
		bt += n;
		if (at == s->len) {
			at = 0;
			i++;
		}
		if (bt == t->len) {
			bt = 0;
			k++;
		}
	}
	return i == a.n && k == b.n;
}
