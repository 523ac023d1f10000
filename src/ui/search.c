#include <string.h>

#include "ui/viewport.h"

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Where a text, in small letters unless it has capitals, stands first in `s`, s.n when nowhere. */
static size_t
find(const struct transcript *t, struct str text, struct str s)
{
	if (t->exact_case)
		return str_find(s, text);
	for (size_t i = 0; i + text.n <= s.n; i++) {
		size_t k = 0;

		while (k < text.n && small(s.p[i + k]) == text.p[k])
			k++;
		if (k == text.n)
			return i;
	}
	return s.n;
}

static size_t
find_needle(const struct transcript *t, struct str s)
{
	return find(t, buf_view(&t->needle), s);
}

static bool
is_word(char c)
{
	return (unsigned char)c >= 0x80 || (small(c) >= 'a' && small(c) <= 'z') || (c >= '0' && c <= '9');
}

/* The longest word of the needle: markup may stand around it, and not in it. */
static struct str
longest_word(struct str needle)
{
	struct str best = STR_NONE;

	for (size_t i = 0, n; i < needle.n; i += n + 1) {
		for (n = 0; i + n < needle.n && is_word(needle.p[i + n]);)
			n++;
		if (n > best.n)
			best = str_of(needle.p + i, n);
	}
	return best;
}

static bool
holds(const struct transcript *t, const struct buf *b)
{
	struct str word = longest_word(buf_view(&t->needle));

	return word.n == 0 || find(t, word, buf_view(b)) < b->n;
}

/* A quick look before rows are made. */
static bool
item_holds(const struct transcript *t, const struct item *it)
{
	return holds(t, &it->text) || holds(t, &it->input) || holds(t, &it->diff) ||
	    holds(t, &it->title) || holds(t, &it->agent) || holds(t, &it->error);
}

/* ---- in rows */

/* Rows [from, to) around one, enough that every match that begins or ends in it is in them. */
static void
window(const struct transcript *t, const struct entry *e, struct place p, size_t *from, size_t *to)
{
	size_t count = entry_rows(e, p.block), cols = 0;

	*from = p.row;
	while (*from > 0 && cols < t->needle.n) {
		struct line l = entry_content(e, p.block, *from - 1);

		if (!(l.flags & LINE_SOFT))
			break;
		cols += l.cols;
		--*from;
	}
	*to = p.row + 1;
	for (cols = 0; *to < count && cols < t->needle.n; ++*to) {
		if (!(entry_content(e, p.block, *to - 1).flags & LINE_SOFT))
			break;
		cols += entry_content(e, p.block, *to).cols;
	}
}

/* The text around a row, numbered by rows of the block. */
static struct str
text_around(struct transcript *t, const struct entry *e, struct place p)
{
	size_t from, to;

	window(t, e, p, &from, &to);
	logical_clear(&t->logical);
	for (size_t i = from; i < to; i++)
		logical_add(&t->logical, entry_content(e, p.block, i), i);
	return buf_view(&t->logical.text);
}

/* A match is found in the row in which it begins. */
static bool
row_holds(struct transcript *t, const struct entry *e, struct place p)
{
	struct str text = text_around(t, e, p);
	size_t row;

	for (size_t at = find_needle(t, text); at < text.n; at += 1 + find_needle(t, str_skip(text, at + 1)))
		if (logical_row(&t->logical, at, &row) && row == p.row)
			return true;
	return false;
}

void
search_mark(struct transcript *t, const struct entry *e, struct place p, struct line line)
{
	struct str text = text_around(t, e, p);
	unsigned gutter = line.cols - entry_content(e, p.block, p.row).cols, col = 0;

	for (size_t at = find_needle(t, text); at < text.n; at += find_needle(t, str_skip(text, at))) {
		unsigned first, last;

		if (logical_cols(&t->logical, p.row, at, at + t->needle.n, &first, &last)) {
			rows_add_cols(&t->line, line, col, gutter + first);
			col = gutter + last;
			rows_add_as(&t->line, STYLE(ROLE_MATCH), line, gutter + first, col);
		}
		at += t->needle.n;
	}
	rows_add_cols(&t->line, line, col, line.cols);
}

/* ---- in items */

static bool
find_in_block(struct transcript *t, const struct entry *e, struct place p, int direction)
{
	size_t count = entry_rows(e, p.block);

	if (direction < 0 && p.row >= count && p.row != SIZE_MAX)
		p.row = count - 1;
	for (; p.row < count; p.row += direction > 0 ? 1 : (size_t)-1) {
		if (!row_holds(t, e, p))
			continue;
		t->match = p;
		t->matched = true;
		return true;
	}
	return false;
}

/* From `p` on, in the direction; a row of SIZE_MAX is none of its block. */
static bool
find_from(struct transcript *t, struct place p, int direction)
{
	const struct entry *e = viewport_entry(t, p.item);

	while (p.block < entry_blocks(e)) {
		if (find_in_block(t, e, p, direction))
			return true;
		entry_trim(t->slots[p.item].entry);
		p.block += direction > 0 ? 1 : (size_t)-1;
		if (p.block < entry_blocks(e))
			p.row = direction > 0 ? 0 : entry_rows(e, p.block) - 1;
	}
	return false;
}

/* Where a whole item begins for who goes in the direction. */
static struct place
edge(struct transcript *t, size_t i, int direction)
{
	const struct entry *e = viewport_entry(t, i);
	size_t blocks = entry_blocks(e);

	if (direction > 0 || blocks == 0)
		return (struct place){ i, 0, 0 };
	return (struct place){ i, blocks - 1, entry_rows(e, blocks - 1) - 1 };
}

/* What is found only in what a fold hides is shown. */
static bool
find_in_item(struct transcript *t, struct place from, bool whole, int direction)
{
	const struct item *it = session_item(t->session, from.item);

	if (!item_holds(t, it))
		return false;
	if (find_from(t, from, direction))
		return true;
	if (!whole || !entry_folds(it) || viewport_entry(t, from.item)->look.full)
		return false;
	transcript_unfold(t, it->number);
	return find_from(t, edge(t, from.item, direction), direction);
}

static void
set_needle(struct transcript *t, struct str needle)
{
	t->exact_case = false;
	for (size_t i = 0; i < needle.n; i++)
		t->exact_case |= small(needle.p[i]) != needle.p[i];
	if (!str_eq(needle, buf_view(&t->needle)))
		t->matched = false;
	buf_set(&t->needle, needle);
}

/* Behind the last match while it can be seen, else at the edge of the screen. */
static struct place
start(const struct transcript *t, int direction)
{
	struct place from = t->match;

	if (!t->matched || !viewport_shows(t, t->match)) {
		if (t->nseen == 0)
			return (struct place){ 0 };
		return direction > 0 ? t->seen[0] : t->seen[t->nseen - 1];
	}
	from.row += direction > 0 ? 1 : (size_t)-1;
	return from;
}

bool
transcript_search(struct transcript *t, struct str needle, int direction)
{
	struct place from;
	bool whole = false;

	viewport_sync(t);
	set_needle(t, needle);
	if (needle.n == 0 || t->nslots == 0)
		return false;
	from = start(t, direction);
	for (;;) {
		if (find_in_item(t, from, whole, direction))
			break;
		from.item += direction > 0 ? 1 : (size_t)-1;
		if (from.item >= t->nslots)
			return false;
		session_rest(t->session);
		viewport_sync(t);
		if (item_holds(t, session_item(t->session, from.item)))
			from = edge(t, from.item, direction);
		whole = true;
	}
	if (!viewport_shows(t, t->match))
		viewport_anchor(t, viewport_above(t, t->match, t->height / 3));
	return true;
}
