#include <stdlib.h>

#include "base/mem.h"
#include "text/link.h"
#include "ui/viewport.h"

enum { LINKS_MAX = 99, ADDRESS_ROWS = 32 };

static void
add_link(struct transcript *t, struct place at, unsigned col, struct str url)
{
	struct buf b = { 0 };

	if (t->nlinks == LINKS_MAX || !link_url(url, &b)) {
		buf_done(&b);
		return;
	}
	for (size_t i = 0; i < t->nlinks; i++) {
		if (!str_eq(buf_view(&b), buf_view(&t->links[i].url)))
			continue;
		buf_done(&b);
		return;
	}
	t->links = mem_grow(t->links, t->nlinks, &t->cap_links, sizeof *t->links);
	t->links[t->nlinks++] = (struct link_spot){ at, col, b };
}

static void
links_of_markdown(struct transcript *t, const struct entry *e, struct place p)
{
	struct line l = entry_content(e, p.block, p.row);
	unsigned col = 0;
	struct str url;

	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];

		if (s->src != LINE_NO_SRC && entry_link(e, p.block, s->src, &url))
			add_link(t, p, col, url);
		col += s->cols;
	}
}

/* Bytes of an address at the start of `s`, without what ends the sentence around it. */
static size_t
address_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] > ' ' && str_find_byte(STR("<>\"'`{}|"), s.p[n]) == 8)
		n++;
	while (n > 0 && str_find_byte(STR(".,;:!?)]"), s.p[n - 1]) < 8)
		n--;
	return n;
}

/* Addresses that begin in a row of plain text; one may go on in the rows below. */
static void
links_of_text(struct transcript *t, const struct entry *e, struct place p)
{
	size_t count = entry_rows(e, p.block), row = p.row, found;
	struct str text;

	logical_clear(&t->logical);
	do
		logical_add(&t->logical, entry_content(e, p.block, row), row);
	while (entry_content(e, p.block, row).flags & LINE_SOFT && ++row < count &&
	    row < p.row + ADDRESS_ROWS);
	text = buf_view(&t->logical.text);
	for (size_t at = 0, n; at < text.n; at += n) {
		struct str rest = str_skip(text, at);
		unsigned col, end;

		n = 1;
		if (!str_starts(rest, STR("http://")) && !str_starts(rest, STR("https://")))
			continue;
		n = address_length(rest);
		if (logical_row(&t->logical, at, &found) && found == p.row &&
		    logical_cols(&t->logical, p.row, at, at + n, &col, &end))
			add_link(t, p, col, str_head(rest, n));
	}
}

static void
forget_links(struct transcript *t)
{
	for (size_t i = 0; i < t->nlinks; i++)
		buf_done(&t->links[i].url);
	t->nlinks = 0;
}

size_t
transcript_links(struct transcript *t)
{
	viewport_sync(t);
	forget_links(t);
	for (size_t i = 0; i < t->nseen; i++) {
		struct place p = t->seen[i];
		const struct entry *e = viewport_entry(t, p.item);

		if (p.block >= entry_blocks(e) || p.row >= entry_rows(e, p.block))
			continue;
		if (entry_is_markdown(e, p.block))
			links_of_markdown(t, e, p);
		else
			links_of_text(t, e, p);
	}
	if (t->nlinks > 0)
		viewport_hold(t);
	return t->nlinks;
}

struct str
transcript_link(const struct transcript *t, size_t number)
{
	return number > 0 && number <= t->nlinks ? buf_view(&t->links[number - 1].url) : STR_NONE;
}

void
transcript_links_end(struct transcript *t)
{
	if (t->nlinks > 0)
		viewport_release(t);
	forget_links(t);
}

void
links_done(struct transcript *t)
{
	forget_links(t);
	free(t->links);
}

bool
links_number(const struct transcript *t, struct place p)
{
	for (size_t i = 0; i < t->nlinks; i++)
		if (place_eq(t->links[i].at, p))
			return true;
	return false;
}

void
links_mark(struct transcript *t, const struct entry *e, struct place p, struct line line)
{
	unsigned gutter = line.cols - entry_content(e, p.block, p.row).cols, col = 0;

	for (size_t i = 0; i < t->nlinks; i++) {
		unsigned at = gutter + t->links[i].col;

		if (!place_eq(t->links[i].at, p) || at < col)
			continue;
		rows_add_cols(&t->line, line, col, at);
		rows_printf(&t->line, STYLE(ROLE_SELECTION), "[%zu]", i + 1);
		col = rows_open(&t->line).cols;
	}
	rows_add_cols(&t->line, line, col, line.cols);
}
