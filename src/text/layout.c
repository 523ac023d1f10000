#include "text/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "text/ansi.h"
#include "text/block.h"
#include "text/listing.h"
#include "text/stream.h"

enum {
	LISTING_ROWS = 256,	/* of one block of a listing */
	HOLD_NS = 150000000,	/* what is held back is shown when nothing comes for so long */
	BUSY_NS = 2000000,	/* an update that takes longer is costly: */
	BUSY_PART = 20		/* such updates get this part of the time */
};

/* A part of the text with its rows. */
struct block {
	struct rows rows;
	size_t first;		/* its first row, the row of distance before it included */
	struct block_mark mark;
	struct listing_mark lines;
};

struct layout {
	enum layout_kind kind;
	const struct code_lang *lang;
	unsigned generation, width;
	size_t length;		/* of the text that is laid out */
	size_t offered;		/* of the text when it was last asked for */
	bool any, open, hold;
	int64_t grown, ready;	/* when the text grew; when it may be laid out again, in ns */
	struct md_stream stream;
	struct ansi ansi;
	struct rows lines;	/* of a terminal, not yet cut at the width */
	size_t wrapped;		/* of these, cut for good */
	struct block *blocks;
	size_t n, cap, count;
};

struct layout *
layout_new(enum layout_kind kind, struct str lang)
{
	struct layout *l = mem_zalloc(sizeof *l);

	l->kind = kind;
	l->lang = code_find(lang);
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
	md_stream_done(&l->stream);
	ansi_done(&l->ansi);
	rows_done(&l->lines);
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

/* A row of distance stands before each block of markdown but the first. */
static size_t
distance(const struct layout *l, size_t i)
{
	return l->kind == LAYOUT_MARKDOWN && i > 0;
}

static void
number_rows(struct layout *l, size_t from)
{
	size_t row = 0;

	if (from > 0)
		row = l->blocks[from - 1].first + rows_count(&l->blocks[from - 1].rows) + distance(l, from - 1);
	for (size_t i = from; i < l->n; i++) {
		l->blocks[i].first = row;
		row += rows_count(&l->blocks[i].rows) + distance(l, i);
	}
	l->count = row;
}

/* Are the rows before the mark still those of the block, of which `ops` operations are the same? */
static bool
still_holds(const struct block_mark *mark, const struct md_view *v, size_t ops)
{
	const struct md_op *op = &v->op[mark->op];

	if (mark->rows == 0 || mark->op > ops || mark->op >= v->n)
		return false;
	if (mark->at == 0)
		return op->kind == MD_ITEM && !(op->flags & MD_CLOSE);
	return op->kind == MD_TEXT && op->flags == 0 && op->src == mark->src && op->len >= mark->at;
}

static void
update_markdown(struct layout *l, struct str text, bool all)
{
	struct md_kept kept;
	size_t n, first;

	if (all)
		md_stream_clear(&l->stream);
	kept = md_stream_update(&l->stream, text, l->open, l->hold);
	n = md_stream_count(&l->stream);
	if (kept.head < n - kept.tail && kept.head < l->n - kept.tail) {
		struct block *b = &l->blocks[kept.head];
		struct md_view v = md_stream_view(&l->stream, kept.head, text);

		if (!still_holds(&b->mark, &v, kept.ops))
			b->mark = (struct block_mark){ 0 };
		rows_truncate(&b->rows, b->mark.rows);
		first = kept.head + 1;
	} else {
		first = kept.head;
	}
	reshape(l, n, first, kept.tail);
	for (size_t i = kept.head; i < n - kept.tail; i++) {
		struct md_view v = md_stream_view(&l->stream, i, text);

		block_lay(&l->blocks[i].rows, &v, l->width, &l->blocks[i].mark);
	}
	number_rows(l, kept.head);
}

static void
update_listing(struct layout *l, struct str text, bool all)
{
	size_t first;

	if (all)
		reshape(l, 0, 0, 0);
	if (l->n == 0)
		reshape(l, 1, 0, 0);
	first = l->n - 1;
	for (;;) {
		struct block *b = &l->blocks[l->n - 1];
		struct listing_mark next;

		if (listing_lay(&b->rows, l->kind, l->lang, text, l->width, LISTING_ROWS, &b->lines) == text.n)
			break;
		next = b->lines;
		next.rows = 0;
		reshape(l, l->n + 1, l->n, 0);
		l->blocks[l->n - 1].lines = next;
	}
	number_rows(l, first);
}

/* Lines of the terminal that are ended are cut once, the one being written every time. */
static void
update_terminal(struct layout *l, struct str text, bool all)
{
	struct rows *out;

	if (all) {
		ansi_done(&l->ansi);
		rows_clear(&l->lines);
		ansi_init(&l->ansi, &l->lines, STYLE(ROLE_TEXT));
		reshape(l, 0, 0, 0);
		reshape(l, 1, 0, 0);
		l->wrapped = 0;
	}
	out = &l->blocks[0].rows;
	ansi_update(&l->ansi, text);
	rows_truncate(out, l->blocks[0].mark.rows);
	for (; l->wrapped < rows_count(&l->lines); l->wrapped++) {
		struct line line = rows_line(&l->lines, l->wrapped);

		rows_wrap(out, line, l->width, line.flags);
	}
	l->blocks[0].mark.rows = rows_count(out);
	if (rows_open(&l->lines).n > 0)
		rows_wrap(out, rows_open(&l->lines), l->width, 0);
	number_rows(l, 0);
}

static void
update(struct layout *l, struct str text, bool all)
{
	int64_t start = clock_mono_ns(), took;

	if (l->kind == LAYOUT_MARKDOWN)
		update_markdown(l, text, all);
	else if (l->kind == LAYOUT_TERMINAL)
		update_terminal(l, text, all);
	else
		update_listing(l, text, all);
	took = clock_mono_ns() - start;
	l->ready = took > BUSY_NS ? start + took * BUSY_PART : 0;
}

size_t
layout_update(struct layout *l, struct str text, unsigned generation, bool open, unsigned width)
{
	int64_t now = clock_mono_ns();
	bool all, released;

	width = width > 0 ? width : 1;
	text = str_head(text, LINE_NO_SRC - 1);
	all = !l->any || generation != l->generation || width != l->width;
	if (text.n != l->offered)
		l->grown = now;
	l->offered = text.n;
	released = open && l->open && l->stream.held && now - l->grown >= HOLD_NS;
	if (!all && text.n == l->length && open == l->open && !released)
		return l->count;
	if (!all && open && now < l->ready)
		return l->count;
	l->any = true;
	l->generation = generation;
	l->width = width;
	l->length = text.n;
	l->open = open;
	l->hold = open && now - l->grown < HOLD_NS;
	update(l, text, all);
	return l->count;
}

int64_t
layout_due(const struct layout *l)
{
	int64_t due = -1;

	if (!l->any || !l->open)
		return -1;
	if (l->offered != l->length)
		due = l->ready;
	else if (l->stream.held)
		due = l->grown + HOLD_NS;
	return due < 0 ? due : due / 1000000 + 1;
}

unsigned
layout_mismatches(const struct layout *l)
{
	return l->stream.mismatches;
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
	if (i < distance(l, low))
		return (struct line){ 0 };
	return rows_line(&b->rows, i - distance(l, low));
}
