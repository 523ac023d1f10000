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
	LISTING_LINES = 64,	/* of one block of a listing or a terminal */
	KEPT_BLOCKS = 256,	/* with rows, before those that are not looked at are given back */
	HOLD_NS = 150000000,	/* what is held back is shown when nothing comes for so long */
	SLICE = 32 << 10,	/* bytes of an open text that one update takes beyond what was waited for */
	WORK_FREE = 4 << 10,	/* bytes an update may parse and lay out; one of more is costly: */
	WORK_NS = 40,		/* what a byte takes, about */
	TIME_PART = 20,		/* such updates get this part of the time, */
	GROWTH_PART = 3		/* or come when the text has grown by this part of what they do again */
};

/* The lines of a terminal that are cut at the width for good, and how many rows they are. */
struct terminal_mark {
	size_t lines, rows;
};

/* Where a part that grows goes on. */
struct growth {
	struct block_mark block;
	struct listing_mark listing;
	struct terminal_mark terminal;
};

/* The rows of a part of the text. */
struct laid {
	struct rows rows;
	struct growth *growth;	/* NULL: none, and the rows stand behind this, in the same memory */
	unsigned asked;		/* when somebody looked at them last */
};

struct block {
	struct laid *laid;	/* NULL: nobody has looked */
	bool stale;		/* rows behind the mark are those of an older text */
	size_t first;		/* its first row of all; holds for the first `counted` blocks */
};

struct layout {
	enum layout_kind kind;
	const struct code_lang *lang;
	unsigned generation, width;
	struct str text;	/* that is laid out */
	size_t offered;		/* length of the text when it was last asked for */
	bool any, open, hold;
	bool behind;		/* the last update took a slice of what there was */
	int64_t grown;		/* when the text grew, in ns */
	int64_t began;		/* the last update */
	size_t drawn, redrawn;	/* bytes that were laid out for it, and those in place of others */
	struct md_stream stream;
	struct ansi ansi;
	struct rows lines;	/* of a terminal, not yet cut at the width */
	struct rows desk;	/* where rows are made that will not grow */
	struct listing_mark seen;	/* of a listing: the complete lines */
	struct listing_mark *starts;	/* where its blocks begin */
	size_t cap_starts, in_last;	/* lines of the last block */
	struct block *blocks;
	size_t n, cap;
	size_t counted, count;
	size_t live, laid;	/* blocks that have rows; how often rows were made */
	unsigned tick;
};

struct layout *
layout_new(enum layout_kind kind, struct str lang)
{
	struct layout *l = mem_zalloc(sizeof *l);

	l->kind = kind;
	l->lang = code_find(lang);
	return l;
}

enum layout_kind
layout_kind(const struct layout *l)
{
	return l->kind;
}

static void
drop_rows(struct layout *l, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct block *b = &l->blocks[i];

		if (b->laid == NULL)
			continue;
		if (b->laid->growth != NULL) {
			rows_done(&b->laid->rows);
			free(b->laid->growth);
		}
		free(b->laid);
		b->laid = NULL;
		l->live--;
	}
}

void
layout_free(struct layout *l)
{
	if (l == NULL)
		return;
	drop_rows(l, 0, l->n);
	free(l->blocks);
	free(l->starts);
	md_stream_done(&l->stream);
	ansi_done(&l->ansi);
	rows_done(&l->lines);
	rows_done(&l->desk);
	free(l);
}

/* Makes room for `n` blocks, of which the first `head` and the last `tail` keep their rows. */
static void
reshape(struct layout *l, size_t n, size_t head, size_t tail)
{
	drop_rows(l, head, l->n - tail);
	while (l->cap < n)
		l->blocks = mem_grow(l->blocks, l->cap, &l->cap, sizeof *l->blocks);
	if (tail > 0)
		memmove(l->blocks + n - tail, l->blocks + l->n - tail, tail * sizeof *l->blocks);
	for (size_t i = head; i < n - tail; i++)
		l->blocks[i] = (struct block){ 0 };
	l->n = n;
	if (l->counted > head)
		l->counted = head;
}

/* The block goes on behind its mark when it is looked at. */
static void
outdate(struct layout *l, size_t i)
{
	l->blocks[i].stale = true;
	if (l->counted > i)
		l->counted = i;
}

/* A row of distance stands before each block of markdown but the first. */
static size_t
distance(const struct layout *l, size_t i)
{
	return l->kind == LAYOUT_MARKDOWN && i > 0;
}

static void
update_markdown(struct layout *l, bool all)
{
	struct md_kept kept;
	size_t n, first;

	if (all)
		md_stream_clear(&l->stream);
	kept = md_stream_update(&l->stream, l->text, l->open, l->hold);
	n = md_stream_count(&l->stream);
	first = kept.head;
	if (kept.head < n - kept.tail && kept.head < l->n - kept.tail) {
		struct laid *laid = l->blocks[kept.head].laid;
		struct md_view v = md_stream_view(&l->stream, kept.head, l->text);

		if (laid != NULL && laid->growth != NULL)
			mark_keep(&laid->growth->block, &v, kept.ops);
		outdate(l, first++);
	}
	reshape(l, n, first, kept.tail);
}

static void
begin_block(struct layout *l)
{
	while (l->cap_starts <= l->n)
		l->starts = mem_grow(l->starts, l->cap_starts, &l->cap_starts, sizeof *l->starts);
	l->starts[l->n] = l->seen;
	l->in_last = 0;
	reshape(l, l->n + 1, l->n, 0);
}

/* Finds the blocks, without a look at what is in them. */
static void
update_listing(struct layout *l, bool all)
{
	bool whole;

	if (all) {
		reshape(l, 0, 0, 0);
		l->seen = (struct listing_mark){ 0 };
	}
	if (l->n > 0)
		outdate(l, l->n - 1);
	while (l->seen.at < l->text.n) {
		struct listing_mark next = l->seen;
		size_t lines;

		if (l->n == 0 || l->in_last >= LISTING_LINES)
			begin_block(l);
		lines = listing_pass(l->kind, l->lang, l->text, &next, &whole);
		if (!whole)
			break;
		l->in_last += lines;
		l->seen = next;
	}
}

static void
update_terminal(struct layout *l, bool all)
{
	size_t n;

	if (all) {
		ansi_done(&l->ansi);
		rows_clear(&l->lines);
		ansi_init(&l->ansi, &l->lines, STYLE(ROLE_TEXT));
		reshape(l, 0, 0, 0);
	}
	if (l->n > 0)
		outdate(l, l->n - 1);
	ansi_update(&l->ansi, l->text);
	n = rows_count(&l->lines) + (rows_open(&l->lines).n > 0);
	n = (n + LISTING_LINES - 1) / LISTING_LINES;
	reshape(l, n, n < l->n ? n : l->n, 0);
}

/* ---- rows of one block */

static void
lay_markdown(struct layout *l, size_t i, struct rows *out, struct block_mark *mark)
{
	struct md_view v = md_stream_view(&l->stream, i, l->text);
	size_t old = out->text.n, kept, drawn;

	rows_truncate(out, mark != NULL ? mark->last.rows : 0);
	kept = out->text.n;
	block_lay(out, &v, l->width, mark);
	if (i + 1 < l->n || out->text.n <= kept)
		return;
	drawn = out->text.n - kept;
	l->drawn += drawn;
	l->redrawn += drawn < old - kept ? drawn : old - kept;
}

static void
lay_listing(struct layout *l, size_t i, struct rows *out, struct listing_mark *mark)
{
	size_t end = i + 1 < l->n ? l->starts[i + 1].at : l->text.n;

	if (mark->rows == 0)
		*mark = l->starts[i];
	listing_lay(out, l->kind, l->lang, str_head(l->text, end), l->width, mark);
}

/* Lines that are ended are cut once, the one being written every time. */
static void
lay_terminal(struct layout *l, size_t i, struct rows *out, struct terminal_mark *mark)
{
	size_t first = i * LISTING_LINES, end = first + LISTING_LINES;

	rows_truncate(out, mark->rows);
	for (; mark->lines < LISTING_LINES && first + mark->lines < rows_count(&l->lines); mark->lines++) {
		struct line line = rows_line(&l->lines, first + mark->lines);

		rows_wrap(out, line, l->width, line.flags);
	}
	mark->rows = rows_count(out);
	if (rows_count(&l->lines) < end && rows_open(&l->lines).n > 0)
		rows_wrap(out, rows_open(&l->lines), l->width, 0);
}

static void
lay_growing(struct layout *l, size_t i, struct laid *laid)
{
	if (l->kind == LAYOUT_MARKDOWN)
		lay_markdown(l, i, &laid->rows, &laid->growth->block);
	else if (l->kind == LAYOUT_TERMINAL)
		lay_terminal(l, i, &laid->rows, &laid->growth->terminal);
	else
		lay_listing(l, i, &laid->rows, &laid->growth->listing);
}

/* Rows that stay as they are take one piece of memory, of their size. */
static struct laid *
lay_whole(struct layout *l, size_t i)
{
	struct listing_mark listing = { 0 };
	struct terminal_mark terminal = { 0 };
	struct laid *laid;

	rows_clear(&l->desk);
	if (l->kind == LAYOUT_MARKDOWN)
		lay_markdown(l, i, &l->desk, NULL);
	else if (l->kind == LAYOUT_TERMINAL)
		lay_terminal(l, i, &l->desk, &terminal);
	else
		lay_listing(l, i, &l->desk, &listing);
	laid = mem_alloc(sizeof *laid + rows_size(&l->desk));
	laid->growth = NULL;
	rows_pack(&laid->rows, laid + 1, &l->desk);
	return laid;
}

/* The last part is what grows most often. */
static bool
may_grow(const struct layout *l, size_t i)
{
	return i + 1 == l->n && (l->open || l->kind != LAYOUT_MARKDOWN);
}

static void
lay_anew(struct layout *l, size_t i)
{
	struct block *b = &l->blocks[i];

	if (b->laid == NULL || b->laid->growth == NULL) {
		drop_rows(l, i, i + 1);
		l->live++;
		if (may_grow(l, i)) {
			b->laid = mem_zalloc(sizeof *b->laid);
			b->laid->growth = mem_zalloc(sizeof *b->laid->growth);
		} else {
			b->laid = lay_whole(l, i);
		}
	}
	if (b->laid->growth != NULL)
		lay_growing(l, i, b->laid);
	b->stale = false;
	l->laid++;
}

static const struct rows *
lay(struct layout *l, size_t i)
{
	struct block *b = &l->blocks[i];

	if (b->laid == NULL || b->stale)
		lay_anew(l, i);
	b->laid->asked = l->tick;
	return &b->laid->rows;
}

/* ---- the whole */

static void
update(struct layout *l, bool all)
{
	l->began = clock_mono_ns();
	l->drawn = l->redrawn = 0;
	if (l->kind == LAYOUT_MARKDOWN)
		update_markdown(l, all);
	else if (l->kind == LAYOUT_TERMINAL)
		update_terminal(l, all);
	else
		update_listing(l, all);
}

/* When an update may follow that does not come from growth; it may anyhow when the last was not costly. */
static int64_t
ready(const struct layout *l)
{
	size_t work = l->stream.parsed + l->drawn;

	return work > WORK_FREE ? l->began + (int64_t)work * WORK_NS * TIME_PART : 0;
}

/*
 * A text of which all has to be done again for each bit that comes is done again when it is worth it: what
 * is shown until then is what it was. So many more bytes are. That goes by what was done again for the last,
 * not by the time it took, so that the same text costs the same anywhere.
 */
static size_t
worth(const struct layout *l)
{
	size_t again = l->stream.again + l->redrawn;

	return (again < l->text.n ? again : l->text.n) / GROWTH_PART;
}

static bool
may_wait(const struct layout *l, size_t n)
{
	return !l->behind && n - l->text.n < worth(l) && clock_mono_ns() < ready(l);
}

static void
set_width(struct layout *l, unsigned width)
{
	drop_rows(l, 0, l->n);
	l->counted = 0;
	l->width = width;
}

void
layout_update(struct layout *l, struct str text, unsigned generation, bool open, unsigned width)
{
	int64_t now = clock_mono_ns();
	bool all = !l->any || generation != l->generation, released;
	size_t most;

	text = str_head(text, LINE_NO_SRC - 1);
	if (width == 0)
		width = 1;
	if (width != l->width)
		set_width(l, width);
	if (text.n != l->offered)
		l->grown = now;
	l->offered = text.n;
	/* It may have moved. */
	l->text = str_head(text, all ? text.n : l->text.n);
	released = open && l->open && l->stream.held && now - l->grown >= HOLD_NS;
	if (!all && text.n == l->text.n && open == l->open && !released && !l->stream.sought)
		return;
	if (!all && open && may_wait(l, text.n))
		return;
	/* One that comes at once is shown as if it had come bit by bit: no update takes long. */
	most = SLICE + (all ? 0 : l->text.n + (l->stream.sought ? 0 : worth(l)));
	l->behind = open && text.n > most;
	text = str_head(text, open ? most : text.n);
	l->any = true;
	l->generation = generation;
	l->text = text;
	l->open = open;
	l->hold = open && now - l->grown < HOLD_NS;
	update(l, all);
	l->behind = l->behind || l->stream.sought;
}

int64_t
layout_due(const struct layout *l)
{
	int64_t due = -1;

	if (!l->any || !l->open)
		return -1;
	if (l->behind)
		due = 0;
	else if (l->offered != l->text.n)
		due = ready(l);
	else if (l->stream.held)
		due = l->grown + HOLD_NS;
	return due < 0 ? due : due / 1000000 + 1;
}

bool
layout_behind(const struct layout *l)
{
	return l->behind;
}

unsigned
layout_mismatches(const struct layout *l)
{
	return l->stream.mismatches;
}

size_t
layout_blocks(const struct layout *l)
{
	return l->n;
}

size_t
layout_rows(struct layout *l, size_t block)
{
	return rows_count(lay(l, block)) + distance(l, block);
}

struct line
layout_row(struct layout *l, size_t block, size_t row)
{
	const struct rows *rows = lay(l, block);

	if (row < distance(l, block))
		return (struct line){ 0 };
	return rows_line(rows, row - distance(l, block));
}

bool
layout_link(const struct layout *l, size_t block, uint32_t src, struct str *target)
{
	struct md_view v;

	if (l->kind != LAYOUT_MARKDOWN || block >= l->n)
		return false;
	v = md_stream_view(&l->stream, block, l->text);
	return md_link_at(&v, src, target);
}

size_t
layout_laid(const struct layout *l)
{
	return l->laid;
}

void
layout_trim(struct layout *l)
{
	if (l->live > KEPT_BLOCKS)
		for (size_t i = 0; i < l->n; i++)
			if (l->blocks[i].laid != NULL && l->blocks[i].laid->asked != l->tick)
				drop_rows(l, i, i + 1);
	rows_done(&l->desk);
	l->tick++;
}

size_t
layout_count(struct layout *l)
{
	size_t last = l->counted - 1;

	l->count = l->counted > 0 ? l->blocks[last].first + layout_rows(l, last) : 0;
	for (; l->counted < l->n; l->counted++) {
		l->blocks[l->counted].first = l->count;
		l->count += layout_rows(l, l->counted);
	}
	rows_done(&l->desk);
	return l->count;
}

struct line
layout_line(struct layout *l, size_t i)
{
	size_t low = 0, high = l->n - 1;

	layout_count(l);
	while (low < high) {
		size_t mid = (low + high + 1) / 2;

		if (l->blocks[mid].first <= i)
			low = mid;
		else
			high = mid - 1;
	}
	return layout_row(l, low, i - l->blocks[low].first);
}
