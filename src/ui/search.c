#include <string.h>

#include "base/width.h"
#include "ui/viewport.h"

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Where the needle stands first in `s`, s.n when nowhere. */
static size_t
find(const struct transcript *t, struct str s)
{
	struct str needle = buf_view(&t->needle);

	if (t->exact_case)
		return str_find(s, needle);
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		size_t k = 0;

		while (k < needle.n && small(s.p[i + k]) == needle.p[k])
			k++;
		if (k == needle.n)
			return i;
	}
	return s.n;
}

static bool
holds(const struct transcript *t, const struct buf *b)
{
	return find(t, buf_view(b)) < b->n;
}

/* A quick look before rows are made. */
static bool
item_holds(const struct transcript *t, const struct item *it)
{
	return holds(t, &it->text) || holds(t, &it->input) || holds(t, &it->diff) ||
	    holds(t, &it->title) || holds(t, &it->agent) || holds(t, &it->error);
}

static bool
row_holds(struct transcript *t, const struct entry *e, size_t row)
{
	struct buf text = { 0 };
	bool yes;

	rows_clear(&t->work);
	entry_line(e, row, &t->work);
	line_text(rows_open(&t->work), &text);
	yes = holds(t, &text);
	buf_done(&text);
	return yes;
}

/* The next row of item i that holds it, from `row` on in the direction. */
static bool
find_row(struct transcript *t, size_t i, size_t row, int direction)
{
	const struct entry *e = viewport_entry(t, i);

	for (; row < e->count; row += direction > 0 ? 1 : (size_t)-1) {
		if (row_holds(t, e, row)) {
			t->match = (struct place){ i, row };
			t->matched = true;
			return true;
		}
	}
	return false;
}

/* What is found only in what a fold hides is shown. */
static bool
find_in_item(struct transcript *t, size_t i, size_t row, int direction)
{
	const struct item *it = t->session->items[i];
	bool whole = row == (direction > 0 ? 0 : SIZE_MAX);
	size_t last = viewport_entry(t, i)->count - 1;

	if (!item_holds(t, it))
		return false;
	if (find_row(t, i, direction > 0 || !whole ? row : last, direction))
		return true;
	if (!whole || !entry_folds(it) || viewport_entry(t, i)->look.full)
		return false;
	transcript_unfold(t, it->number);
	last = viewport_entry(t, i)->count - 1;
	return find_row(t, i, direction > 0 ? 0 : last, direction);
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

	viewport_sync(t);
	set_needle(t, needle);
	if (needle.n == 0 || t->nslots == 0)
		return false;
	from = start(t, direction);
	for (size_t i = from.item; i < t->nslots; i += direction > 0 ? 1 : (size_t)-1) {
		bool first = i == from.item;
		size_t row = first ? from.row : direction > 0 ? 0 : SIZE_MAX;

		if (first && direction < 0 && from.row == SIZE_MAX)
			continue;
		if (!find_in_item(t, i, row, direction))
			continue;
		if (!viewport_shows(t, t->match)) {
			size_t back = t->height / 3 < t->match.row ? t->height / 3 : t->match.row;

			viewport_anchor(t, (struct place){ i, t->match.row - back });
		}
		return true;
	}
	return false;
}

void
search_mark(struct transcript *t, struct line line)
{
	struct buf text = { 0 };
	struct str rest;
	unsigned col = 0;

	line_text(line, &text);
	rest = buf_view(&text);
	for (;;) {
		size_t at = find(t, rest);
		struct str hit = str_head(str_skip(rest, at), t->needle.n);
		unsigned before = (unsigned)width_cols(str_head(rest, at));

		rows_add_cols(&t->line, line, col, col + before);
		if (at == rest.n)
			break;
		rows_add(&t->line, STYLE(ROLE_MATCH), hit, LINE_NO_SRC);
		col += before + (unsigned)width_cols(hit);
		rest = str_skip(rest, at + hit.n);
	}
	buf_done(&text);
}
