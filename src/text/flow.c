#include "base/width.h"
#include "text/line.h"
#include "text/rows.h"

/*
 * Text goes straight into the open row. The last place to wrap is remembered; when the row runs
 * over, what stands behind that place moves to the next row, as spans: no byte is copied twice.
 */

enum { WIDTH_MAX = 16384 };

enum { EDGE_NONE, EDGE_WORD, EDGE_WIDE };

void
flow_init(struct flow *f, struct rows *out, unsigned width, struct line first, struct line next)
{
	width = width < 1 ? 1 : width < WIDTH_MAX ? width : WIDTH_MAX;
	*f = (struct flow){ .out = out, .width = width };
	/* A wide character must fit beside it. */
	if (first.cols + 2 <= width)
		f->first = first;
	if (next.cols + 2 <= width)
		f->next = next;
}

static void
end_row(struct flow *f, unsigned flags)
{
	if (f->blank && f->can_wrap)
		rows_trim(f->out, f->end);
	rows_end(f->out, flags);
	f->open = f->full = false;
}

static void
open_row(struct flow *f)
{
	if (f->full)
		end_row(f, LINE_SOFT);
	if (f->open)
		return;
	rows_add_line(f->out, f->any ? f->next : f->first);
	f->indent = f->out->open_cols;
	f->edge = EDGE_NONE;
	f->any = f->open = true;
	f->can_wrap = f->text = f->blank = false;
}

static unsigned
room(const struct flow *f)
{
	return f->width > f->out->open_cols ? f->width - f->out->open_cols : 0;
}

/* Something does not fit: goes on in a new row, with the word that is cut if that may move. */
static void
next_row(struct flow *f)
{
	if (!f->can_wrap) {
		end_row(f, LINE_SOFT | (f->blank ? 0 : LINE_GLUED));
		open_row(f);
		return;
	}
	rows_split(f->out, f->end, f->begin, f->next);
	/* Under a wider indent the word may be too long for a row. */
	while (f->out->open_cols > f->width) {
		struct rows_place cut = rows_place_at(f->out, f->width);

		rows_split(f->out, cut, cut, f->next);
	}
	f->indent = f->next.cols;
	f->text = f->out->open_cols > f->indent;
	f->can_wrap = f->blank = false;
	if (!f->text)
		f->edge = EDGE_NONE;
}

static void
wrap_here(struct flow *f)
{
	if (f->text && !f->blank) {
		f->end = f->begin = rows_back(f->out, 0);
		f->can_wrap = true;
	}
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* `s` was added, ASCII or blanks, and stands in the last span: remembers its last place to wrap. */
static void
note_blanks(struct flow *f, struct str s)
{
	size_t begin = s.n, end;

	while (begin > 0 && s.p[begin - 1] != ' ')
		begin--;
	for (end = begin; end > 0 && s.p[end - 1] == ' ';)
		end--;
	if (begin > 0) {
		if (end > 0 || (f->text && !f->blank)) {
			f->end = rows_back(f->out, s.n - end);
			f->can_wrap = true;
		}
		f->begin = rows_back(f->out, s.n - begin);
	}
	f->text |= end > 0 || begin < s.n;
	f->blank = begin == s.n;
	f->edge = is_word(s.p[s.n - 1]) ? EDGE_WORD : EDGE_NONE;
}

static struct safe_piece
ascii_part(const struct safe_piece *p, size_t from, size_t n)
{
	struct safe_piece part = *p;

	part.text = str_head(str_skip(p->text, from), n);
	part.cols = (unsigned)n;
	part.src += from;
	part.src_len = n;
	return part;
}

static void
add_ascii(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	size_t at = 0;

	while (at < p->text.n) {
		size_t n = p->text.n - at;
		struct safe_piece some;

		if (f->full && p->text.p[at] == ' ') {
			at++;
			continue;
		}
		open_row(f);
		if (f->edge == EDGE_WIDE && is_word(p->text.p[at]))
			wrap_here(f);
		if (n > room(f))
			n = room(f);
		if (n > 0) {
			some = ascii_part(p, at, n);
			rows_put(f->out, style, &some, src);
			note_blanks(f, some.text);
			at += n;
		} else if (p->text.p[at] == ' ') {
			f->full = true;
		} else {
			next_row(f);
		}
	}
}

static void
add_tab(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	unsigned cols;

	if (f->full)
		return;
	open_row(f);
	cols = 8 - f->out->open_cols % 8;
	if (cols > room(f)) {
		f->full = f->text;
		return;
	}
	rows_put(f->out, style, p, src);
	note_blanks(f, str_head(STR("        "), cols));
}

/* Closing punctuation stays with what it closes. */
static bool
never_first(struct str s)
{
	struct str closing = STR("、。，．！？：；）」』】〉》〕］｝");

	s = str_head(s, 3);
	return str_find(closing, s) < closing.n;
}

/* What is not divided, by and large; false when it is wider than a row. */
static bool
add_whole(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	uint8_t edge = p->kind != SAFE_TEXT ? EDGE_NONE : p->wide ? EDGE_WIDE : EDGE_WORD;

	open_row(f);
	if ((edge == EDGE_WIDE || f->edge == EDGE_WIDE) && edge != EDGE_NONE && f->edge != EDGE_NONE &&
	    !never_first(p->text))
		wrap_here(f);
	while (p->cols > room(f)) {
		if (f->out->open_cols <= f->indent)
			return false;
		next_row(f);
	}
	rows_put(f->out, style, p, src);
	f->text = true;
	f->blank = false;
	f->edge = edge;
	return true;
}

/* What is wider than a row goes cluster by cluster; what is wider than a column is then U+FFFD. */
static void
add_divided(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	bool one_to_one = p->text.n == p->src_len;
	struct safe_piece some = *p;
	int cols;

	for (size_t at = 0, n; at < p->text.n; at += n) {
		n = width_cluster(str_skip(p->text, at), &cols);
		some.text = str_of(p->text.p + at, n);
		some.cols = (unsigned)cols;
		if (one_to_one)
			some.src_len = n;
		if (!add_whole(f, style, &some, src)) {
			some.text = STR("\uFFFD");
			some.cols = 1;
			add_whole(f, style, &some, src);
		}
		some.src += some.src_len;
		some.src_len = 0;
	}
}

/*
 * Between wide characters a row may end anywhere: as many as fit go in at once, but for the last,
 * which may have to follow what comes next into a new row.
 */
static void
add_wide(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	size_t each = p->text.n / (p->cols / 2);

	for (size_t at = 0; at < p->text.n;) {
		struct safe_piece some = *p;
		size_t left = (p->text.n - at) / each, n;

		open_row(f);
		n = room(f) / 2 < left ? room(f) / 2 : left;
		some.text = str_head(str_skip(p->text, at), (n > 1 ? n - 1 : 1) * each);
		some.cols = (unsigned)(2 * (some.text.n / each));
		some.src += at;
		some.src_len = some.text.n;
		if (!add_whole(f, style, &some, src))
			add_divided(f, style, &some, src);
		at += some.text.n;
	}
}

void
flow_add(struct flow *f, struct style style, struct str text, uint32_t src)
{
	struct safe s;
	struct safe_piece p;

	safe_init(&s, text, false);
	while (safe_next(&s, &p)) {
		if (p.kind == SAFE_BREAK)
			flow_break(f);
		else if (p.kind == SAFE_TAB)
			add_tab(f, style, &p, src);
		else if (p.kind == SAFE_TEXT && p.ascii)
			add_ascii(f, style, &p, src);
		else if (p.kind == SAFE_TEXT && p.wide && p.cols > 2)
			add_wide(f, style, &p, src);
		else if (!add_whole(f, style, &p, src))
			add_divided(f, style, &p, src);
	}
}

void
flow_break(struct flow *f)
{
	if (!f->open)
		open_row(f);
	end_row(f, 0);
}

void
flow_end(struct flow *f)
{
	if (f->open || !f->any)
		flow_break(f);
}
