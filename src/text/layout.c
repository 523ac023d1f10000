#include "text/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/block.h"
#include "text/markdown.h"

/* A top-level block with its rows; a row of distance stands before all but the first. */
struct block {
	struct rows rows;
	size_t first;		/* its first row, the distance included */
};

struct layout {
	enum layout_kind kind;
	struct buf lang;
	unsigned generation, width;
	size_t length;		/* of the text that was laid out */
	bool open, any;
	struct md_doc now, before;
	struct block *blocks;
	size_t n, cap, count;
};

struct layout *
layout_new(enum layout_kind kind, struct str lang)
{
	struct layout *l = mem_zalloc(sizeof *l);

	l->kind = kind;
	buf_str(&l->lang, lang);
	return l;
}

static void
drop_blocks(struct layout *l, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		rows_done(&l->blocks[i].rows);
}

void
layout_free(struct layout *l)
{
	if (l == NULL)
		return;
	drop_blocks(l, 0, l->n);
	free(l->blocks);
	md_doc_done(&l->now);
	md_doc_done(&l->before);
	buf_done(&l->lang);
	free(l);
}

/* Makes room for `n` blocks, of which the first `head` and the last `tail` keep their rows. */
static void
reshape(struct layout *l, size_t n, size_t head, size_t tail)
{
	drop_blocks(l, head, l->n - tail);
	while (l->cap < n)
		l->blocks = mem_grow(l->blocks, l->cap, &l->cap, sizeof *l->blocks);
	if (tail > 0)
		memmove(l->blocks + n - tail, l->blocks + l->n - tail, tail * sizeof *l->blocks);
	for (size_t i = head; i < n - tail; i++)
		l->blocks[i] = (struct block){ 0 };
	l->n = n;
}

static void
number_rows(struct layout *l, size_t from)
{
	size_t row = from > 0 ? l->blocks[from - 1].first + rows_count(&l->blocks[from - 1].rows) +
				(from > 1) : 0;

	for (size_t i = from; i < l->n; i++) {
		l->blocks[i].first = row;
		row += rows_count(&l->blocks[i].rows) + (i > 0);
	}
	l->count = row;
}

static void
update_markdown(struct layout *l, struct str text, bool all)
{
	struct md_run run = { .source = text, .to = text.n };
	struct md_doc old = l->before;
	size_t head = 0, tail = 0, most;

	l->before = l->now;
	l->now = old;
	md_doc_clear(&l->now);
	md_doc_parse(&l->now, &run);
	most = l->now.n < l->n ? l->now.n : l->n;
	while (!all && head < most && md_block_eq(&l->now, head, &l->before, head))
		head++;
	while (!all && tail < most - head &&
	    md_block_eq(&l->now, l->now.n - 1 - tail, &l->before, l->n - 1 - tail))
		tail++;
	reshape(l, l->now.n, head, tail);
	for (size_t i = head; i < l->n - tail; i++) {
		struct md_view v = md_view(&l->now, i, text);

		block_lay(&l->blocks[i].rows, &v, l->width);
	}
	number_rows(l, head);
}

static void
update_plain(struct layout *l, struct str text)
{
	struct flow f;

	reshape(l, 1, 0, 0);
	flow_init(&f, &l->blocks[0].rows, l->width, (struct line){ 0 }, (struct line){ 0 });
	flow_add(&f, STYLE(ROLE_TEXT), text, 0);
	flow_end(&f);
	number_rows(l, 0);
}

size_t
layout_update(struct layout *l, struct str text, unsigned generation, bool open, unsigned width)
{
	bool all;

	width = width > 0 ? width : 1;
	all = !l->any || generation != l->generation || width != l->width;
	text = str_head(text, LINE_NO_SRC - 1);
	if (!all && text.n == l->length && open == l->open)
		return l->count;
	l->any = true;
	l->generation = generation;
	l->width = width;
	l->length = text.n;
	l->open = open;
	if (l->kind == LAYOUT_MARKDOWN)
		update_markdown(l, text, all);
	else
		update_plain(l, text);
	return l->count;
}

size_t
layout_count(const struct layout *l)
{
	return l->count;
}

struct line
layout_line(const struct layout *l, size_t i)
{
	size_t low = 0, high = l->n - 1;
	const struct block *b;

	while (low < high) {
		size_t mid = (low + high + 1) / 2;

		if (l->blocks[mid].first <= i)
			low = mid;
		else
			high = mid - 1;
	}
	b = &l->blocks[low];
	i -= b->first;
	if (low > 0 && i == 0)
		return (struct line){ 0 };
	return rows_line(&b->rows, i - (low > 0));
}
