#include "base/utf8.h"
#include "base/width.h"
#include "text/line.h"
#include "text/rows.h"

/*
 * Text goes straight into the open row. The last place to wrap is known when it is needed: ASCII is put
 * there piece by piece and looked at only when the row runs over or something else comes. What stands
 * behind that place then moves to the next row, as spans: no byte is copied twice.
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

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Looks at the ASCII that was added: the last blanks in it, and how it ends. */
static void
catch_up(struct flow *f)
{
	struct str s = str_skip(buf_view(&f->out->text), f->fresh);
	size_t begin = s.n, end;

	if (s.n == 0)
		return;
	while (begin > 0 && s.p[begin - 1] != ' ')
		begin--;
	for (end = begin; end > 0 && s.p[end - 1] == ' ';)
		end--;
	if (begin > 0) {
		if (end > 0 || (f->text && !f->blank)) {
			f->end = rows_place_before(f->out, f->fresh + (uint32_t)end);
			f->can_wrap = true;
		}
		f->begin = rows_place_before(f->out, f->fresh + (uint32_t)begin);
	}
	f->text |= end > 0 || begin < s.n;
	f->blank = begin == s.n;
	f->edge = is_word(s.p[s.n - 1]) ? EDGE_WORD : EDGE_NONE;
	f->fresh += (uint32_t)s.n;
}

/* What was put into the row otherwise is known. */
static void
skip_fresh(struct flow *f)
{
	f->fresh = (uint32_t)f->out->text.n;
}

static void
end_row(struct flow *f, unsigned flags)
{
	catch_up(f);
	if (f->blank && f->can_wrap)
		rows_trim(f->out, f->end);
	rows_end(f->out, flags);
	f->open = f->full = false;
}

static void
begin_row(struct flow *f)
{
	if (f->full)
		end_row(f, LINE_SOFT);
	rows_add_line(f->out, f->any ? f->next : f->first);
	skip_fresh(f);
	f->indent = f->out->open_cols;
	f->edge = EDGE_NONE;
	f->any = f->open = true;
	f->can_wrap = f->text = f->blank = false;
}

static void
open_row(struct flow *f)
{
	if (f->full || !f->open)
		begin_row(f);
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
	catch_up(f);
	if (!f->can_wrap) {
		end_row(f, LINE_SOFT | (f->blank ? 0 : LINE_GLUED));
		open_row(f);
		return;
	}
	rows_split(f->out, f->end, f->begin, f->next, 0);
	/* Under a wider indent the word may be too long for a row. */
	while (f->out->open_cols > f->width) {
		struct rows_place cut = rows_place_at(f->out, f->width);

		rows_split(f->out, cut, cut, f->next, 0);
	}
	skip_fresh(f);
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
		f->end = f->begin = rows_end_place(f->out);
		f->can_wrap = true;
	}
}

/* A character for which there is no room in the row. */
static void
pass_edge(struct flow *f, char c)
{
	if (c == ' ')
		f->full = true;
	else if (f->full)
		open_row(f);
	else
		next_row(f);
}

/* Adds the ASCII at the start of the text; returns its length. */
static size_t
add_ascii(struct flow *f, struct style style, struct str text, uint32_t src)
{
	size_t at = 0, n;

	while (at < text.n) {
		struct str rest = str_skip(text, at);

		if (!f->open)
			begin_row(f);
		if (f->full || room(f) == 0) {
			if (!safe_begins_ascii(rest))
				break;
			pass_edge(f, rest.p[0]);
			at += rest.p[0] == ' ';
			continue;
		}
		if (f->edge == EDGE_WIDE && f->fresh == f->out->text.n && is_word(rest.p[0]))
			wrap_here(f);
		n = rows_put_ascii(f->out, style, rest, room(f), src == LINE_NO_SRC ? src : src + (uint32_t)at);
		at += n;
		if (room(f) > 0)
			break;
	}
	return at;
}

static void
add_tab(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	if (f->full)
		return;
	open_row(f);
	if (8 - f->out->open_cols % 8 > room(f)) {
		catch_up(f);
		f->full = f->text;
		return;
	}
	rows_put(f->out, style, p, src);
}

/* Closing punctuation stays with what it closes: 、。，．！？：；）」』】〉》〕］｝ */
static bool
never_first(struct str s)
{
	static const uint32_t closing[] = { 0x3001, 0x3002, 0xFF0C, 0xFF0E, 0xFF01, 0xFF1F, 0xFF1A, 0xFF1B,
		0xFF09, 0x300D, 0x300F, 0x3011, 0x3009, 0x300B, 0x3015, 0xFF3D, 0xFF5D };
	size_t len;
	bool ok;
	uint32_t cp = utf8_decode(s, &len, &ok);

	for (size_t i = 0; cp >= 0x3001 && i < sizeof closing / sizeof *closing; i++)
		if (cp == closing[i])
			return true;
	return false;
}

/* What is not divided, by and large; false when it is wider than a row. */
static bool
add_whole(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	uint8_t edge = p->kind != SAFE_TEXT ? EDGE_NONE : p->wide ? EDGE_WIDE : EDGE_WORD;

	open_row(f);
	catch_up(f);
	if ((edge == EDGE_WIDE || f->edge == EDGE_WIDE) && edge != EDGE_NONE && f->edge != EDGE_NONE &&
	    !never_first(p->text))
		wrap_here(f);
	while (p->cols > room(f)) {
		if (f->out->open_cols <= f->indent)
			return false;
		next_row(f);
	}
	rows_put(f->out, style, p, src);
	skip_fresh(f);
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

static void
add_piece(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	if (p->kind == SAFE_BREAK)
		flow_break(f);
	else if (p->kind == SAFE_TAB)
		add_tab(f, style, p, src);
	else if (p->kind == SAFE_TEXT && p->ascii)
		add_ascii(f, style, p->text, src == LINE_NO_SRC ? src : src + (uint32_t)p->src);
	else if (p->kind == SAFE_TEXT && p->wide && p->cols > 2)
		add_wide(f, style, p, src);
	else if (!add_whole(f, style, p, src))
		add_divided(f, style, p, src);
}

/* Adds a text that does not begin in ASCII, or tells of something that was left out. */
static void
add_mixed(struct flow *f, struct style style, struct str text, uint32_t src)
{
	struct safe s;
	struct safe_piece p;

	safe_init(&s, text, false);
	while (s.at < text.n || s.left_out > 0) {
		safe_next(&s, &p);
		add_piece(f, style, &p, src);
		/* What was left out is told before anything else. */
		if (s.left_out == 0)
			s.at += add_ascii(f, style, str_skip(text, s.at),
			    src == LINE_NO_SRC ? src : src + (uint32_t)s.at);
	}
}

void
flow_add(struct flow *f, struct style style, struct str text, uint32_t src)
{
	size_t n = add_ascii(f, style, text, src);

	if (n < text.n)
		add_mixed(f, style, str_skip(text, n), src == LINE_NO_SRC ? src : src + (uint32_t)n);
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
