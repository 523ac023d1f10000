#include "base/utf8.h"
#include "base/width.h"
#include "text/line.h"
#include "text/rows.h"

/*
 * Text goes straight into the open row. The last place to wrap is known when it is needed: plain text is put
 * there piece by piece and looked at only when the row runs over or something else comes. What stands behind
 * that place then moves to the next row, as spans: no byte is copied twice.
 */

enum { WIDTH_MAX = 16384 };

/* What stands on either side of a place in a row. */
enum edge { EDGE_NONE, EDGE_WORD, EDGE_WIDE, EDGE_CLOSING };

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

/* Closing punctuation stays with what it closes: 、。，．！？：；）」』】〉》〕］｝ */
static bool
is_closing(uint32_t cp)
{
	static const uint32_t closing[] = { 0x3001, 0x3002, 0xFF0C, 0xFF0E, 0xFF01, 0xFF1F, 0xFF1A, 0xFF1B,
		0xFF09, 0x300D, 0x300F, 0x3011, 0x3009, 0x300B, 0x3015, 0xFF3D, 0xFF5D };

	if (cp < 0x3001 || (cp > 0x3015 && cp < 0xFF01))
		return false;
	for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
		if (cp == closing[i])
			return true;
	return false;
}

/* Of the character at the start of plain text. */
static enum edge
edge_of(struct str s)
{
	size_t len;
	bool ok;
	uint32_t cp = utf8_decode(s, &len, &ok);

	if (cp < 0x80)
		return is_word(s.p[0]) ? EDGE_WORD : EDGE_NONE;
	/* Of four bytes there are only emoji. */
	if (len < 4 && width_plain(cp) == 1)
		return EDGE_WORD;
	return is_closing(cp) ? EDGE_CLOSING : EDGE_WIDE;
}

/* Whether a row may end between the two. */
static bool
is_joint(enum edge before, enum edge after)
{
	if (before == EDGE_WORD)
		return after == EDGE_WIDE;
	return before >= EDGE_WIDE && (after == EDGE_WORD || after == EDGE_WIDE);
}

/* The row may end here, where nothing is left out. */
static void
wrap_at(struct flow *f, struct rows_place place)
{
	f->end = f->begin = place;
	f->can_wrap = true;
}

/* There are blanks in front of the byte at `begin` of the text that was added, and `behind` columns behind it. */
static void
wrap_at_blanks(struct flow *f, struct str s, size_t begin, unsigned behind)
{
	size_t end = begin;

	while (end > 0 && s.p[end - 1] == ' ')
		end--;
	if (end > 0 || (f->text && !f->blank)) {
		f->end = rows_place_before(f->out, f->fresh + (uint32_t)end,
		    behind + (unsigned)(begin - end));
		f->can_wrap = true;
	}
	f->begin = rows_place_before(f->out, f->fresh + (uint32_t)begin, behind);
	f->text |= end > 0;
}

/* Where in a word a row may end last, 0 for nowhere, and the columns behind that. */
static size_t
last_joint(struct str word, unsigned *behind)
{
	enum edge after = EDGE_NONE;
	size_t at = word.n;

	*behind = 0;
	if (utf8_ascii_run(word) == word.n) {
		*behind = (unsigned)word.n;
		return 0;
	}
	while (at > 0) {
		size_t from = at - utf8_prev(word, at);
		enum edge before = edge_of(str_skip(word, from));

		if (is_joint(before, after))
			break;
		*behind += before >= EDGE_WIDE ? 2 : 1;
		after = before;
		at = from;
	}
	return at;
}

/* Looks at the text that was added: where a row may end in it last, and how it ends. */
static void
catch_up(struct flow *f)
{
	struct str s = str_skip(buf_view(&f->out->text), f->fresh), word;
	size_t begin, at;
	unsigned behind;

	if (s.n == 0)
		return;
	begin = str_behind_last(s, ' ');
	word = str_skip(s, begin);
	at = last_joint(word, &behind);
	if (at > 0)
		wrap_at(f, rows_place_before(f->out, f->fresh + (uint32_t)(begin + at), behind));
	else if (begin > 0)
		wrap_at_blanks(f, s, begin, behind);
	else if (is_joint(f->edge, edge_of(word)) && f->text && !f->blank)
		wrap_at(f, rows_place_before(f->out, f->fresh, behind));
	f->blank = word.n == 0;
	f->text |= word.n > 0;
	f->edge = EDGE_NONE;
	if (word.n > 0)
		f->edge = (uint8_t)edge_of(str_skip(word, word.n - utf8_prev(word, word.n)));
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
	struct str fresh = str_skip(buf_view(&f->out->text), f->fresh);

	/* Only of blanks at its end it must be known what stands in front of them. */
	if (fresh.n > 0 && fresh.p[fresh.n - 1] != ' ')
		f->blank = false;
	else
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
	f->indent = f->begun = f->out->open_cols;
	f->edge = EDGE_NONE;
	f->any = f->open = true;
	f->can_wrap = f->text = f->blank = false;
}

/* Where in the source a part of a text stands. */
static uint32_t
src_at(uint32_t src, size_t at)
{
	return src == LINE_NO_SRC ? src : src + (uint32_t)at;
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
	f->begun = f->out->open_cols;
	f->text = f->out->open_cols > f->indent;
	f->can_wrap = f->blank = false;
	if (!f->text)
		f->edge = EDGE_NONE;
}

/* What comes next begins like this. */
static void
meet(struct flow *f, enum edge next)
{
	catch_up(f);
	if (is_joint(f->edge, next) && f->text && !f->blank)
		wrap_at(f, rows_end_place(f->out));
}

/* A character for which there is no room in the row. Whether that was all: it is a blank. */
static bool
pass_edge(struct flow *f, struct str text)
{
	if (text.p[0] == ' ') {
		f->full = true;
		return true;
	}
	if (f->full) {
		open_row(f);
		return false;
	}
	meet(f, edge_of(text));
	next_row(f);
	return false;
}

/* Adds the plain text at the start of the text; returns its length. */
static size_t
add_plain(struct flow *f, struct style style, struct str text, uint32_t src)
{
	struct rows *out = f->out;
	struct str rest = text;

	while (rest.n > 0) {
		unsigned most, cols;
		size_t n;

		if (!f->open)
			begin_row(f);
		most = f->full ? 0 : room(f);
		n = rest.n < most * SAFE_PLAIN ? rest.n : most * SAFE_PLAIN;
		n = safe_copy_plain(buf_room(&out->text, n + 8), rest, most, &cols);
		if (n > 0)
			rows_take(out, style, (uint32_t)n, cols, src_at(src, (size_t)(rest.p - text.p)));
		rest = str_skip(rest, n);
		if (rest.n == 0 || safe_begins_plain(rest) == 0 || (!f->full && out->open_cols <= f->indent))
			break;
		if (pass_edge(f, rest))
			rest = str_skip(rest, 1);
	}
	return (size_t)(rest.p - text.p);
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

/* Of a piece: one that is wide may close what stands before it, with a mark or selector behind that. */
static enum edge
piece_edge(const struct safe_piece *p)
{
	if (p->kind != SAFE_TEXT)
		return EDGE_NONE;
	return p->wide ? edge_of(p->text) : EDGE_WORD;
}

/* What is not divided, by and large; false when it is wider than a row. */
static bool
add_whole(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	enum edge edge = piece_edge(p);

	open_row(f);
	meet(f, edge);
	while (p->cols > room(f)) {
		if (f->out->open_cols <= f->indent)
			return false;
		next_row(f);
	}
	rows_put(f->out, style, p, src);
	skip_fresh(f);
	f->text = true;
	f->blank = false;
	f->edge = (uint8_t)edge;
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

static void
add_piece(struct flow *f, struct style style, const struct safe_piece *p, uint32_t src)
{
	if (p->kind == SAFE_BREAK)
		flow_break(f);
	else if (p->kind == SAFE_TAB)
		add_tab(f, style, p, src);
	else if (p->kind == SAFE_TEXT && p->ascii)
		add_plain(f, style, p->text, src_at(src, p->src));
	else if (!add_whole(f, style, p, src))
		add_divided(f, style, p, src);
}

/* Adds a text that does not begin plainly, or tells of something that was left out. */
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
			s.at += add_plain(f, style, str_skip(text, s.at), src_at(src, s.at));
	}
}

void
flow_add(struct flow *f, struct style style, struct str text, uint32_t src)
{
	size_t n = add_plain(f, style, text, src);

	if (n < text.n)
		add_mixed(f, style, str_skip(text, n), src_at(src, n));
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
