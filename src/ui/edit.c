#include "ui/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"

enum { UNDO_MAX = 500 };

/* `added` bytes at `at` stand where `removed` was, and the cursor was at `cursor`. */
struct edit_change {
	size_t at, added, cursor;
	struct buf removed;
};

void
edit_done(struct edit *e)
{
	for (size_t i = 0; i < e->nundo; i++)
		buf_done(&e->undo[i].removed);
	free(e->undo);
	buf_done(&e->text);
	buf_done(&e->killed);
	*e = (struct edit){ 0 };
}

struct str
edit_text(const struct edit *e)
{
	return buf_view(&e->text);
}

static struct str
between(const struct edit *e, size_t from, size_t to)
{
	return str_head(str_skip(edit_text(e), from), to - from);
}

/* Text that joined the cluster behind or before the cursor takes the cursor to its end. */
static void
snap(struct edit *e)
{
	struct str text = edit_text(e);
	size_t start;

	if (e->cursor == 0 || e->cursor >= text.n)
		return;
	start = width_cluster_before(text, e->cursor);
	e->cursor = start + width_cluster(str_skip(text, start), NULL);
}

static void
forget_oldest(struct edit *e)
{
	buf_done(&e->undo[0].removed);
	memmove(e->undo, e->undo + 1, --e->nundo * sizeof *e->undo);
}

static void
change(struct edit *e, size_t at, size_t len, struct str s)
{
	struct edit_change *c;

	if (e->nundo == UNDO_MAX)
		forget_oldest(e);
	e->undo = mem_grow(e->undo, e->nundo, &e->cap_undo, sizeof *e->undo);
	c = &e->undo[e->nundo++];
	*c = (struct edit_change){ at, s.n, e->cursor, { 0 } };
	buf_str(&c->removed, between(e, at, at + len));
	buf_splice(&e->text, at, len, s);
	e->cursor = at + s.n;
	snap(e);
}

static void
settle(struct edit *e)
{
	e->killing = e->typing = false;
	e->column = 0;
}

void
edit_set(struct edit *e, struct str text)
{
	struct buf clean = { 0 };
	struct utf8_repair repair = { 0 };

	utf8_repair(&repair, str_head(text, EDIT_MAX), &clean);
	utf8_repair_end(&repair, &clean);
	settle(e);
	change(e, 0, e->text.n, buf_view(&clean));
	buf_done(&clean);
}

/* Typing is undone by words: a key goes into the last change unless it begins a word. */
static bool
continues(const struct edit *e, struct str s)
{
	const struct edit_change *last = e->nundo > 0 ? &e->undo[e->nundo - 1] : NULL;

	return e->typing && last->removed.n == 0 && last->at + last->added == e->cursor &&
	    e->cursor > 0 && (e->text.p[e->cursor - 1] != ' ' || s.p[0] == ' ');
}

bool
edit_insert(struct edit *e, struct str text)
{
	struct buf clean = { 0 };
	struct utf8_repair repair = { 0 };
	struct str s;
	bool fits;

	utf8_repair(&repair, text, &clean);
	utf8_repair_end(&repair, &clean);
	s = buf_view(&clean);
	fits = s.n <= EDIT_MAX - e->text.n;
	if (fits && s.n > 0) {
		if (continues(e, s)) {
			buf_splice(&e->text, e->cursor, 0, s);
			e->undo[e->nundo - 1].added += s.n;
			e->cursor += s.n;
			snap(e);
		} else {
			change(e, e->cursor, 0, s);
		}
		settle(e);
		e->typing = true;
	}
	buf_done(&clean);
	return fits;
}

/* Where the cursor goes: none of these changes anything. */

static size_t
left(const struct edit *e, size_t at)
{
	return at > 0 ? width_cluster_before(edit_text(e), at) : 0;
}

static size_t
right(const struct edit *e, size_t at)
{
	return at < e->text.n ? at + width_cluster(str_skip(edit_text(e), at), NULL) : at;
}

static bool
word_at(const struct edit *e, size_t at)
{
	unsigned char c = (unsigned char)e->text.p[at];

	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static size_t
word_left(const struct edit *e, size_t at)
{
	while (at > 0 && !word_at(e, left(e, at)))
		at = left(e, at);
	while (at > 0 && word_at(e, left(e, at)))
		at = left(e, at);
	return at;
}

static size_t
word_right(const struct edit *e, size_t at)
{
	while (at < e->text.n && !word_at(e, at))
		at = right(e, at);
	while (at < e->text.n && word_at(e, at))
		at = right(e, at);
	return at;
}

static size_t
line_start(const struct edit *e, size_t at)
{
	while (at > 0 && e->text.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct edit *e, size_t at)
{
	return at + str_find_byte(str_skip(edit_text(e), at), '\n');
}

/* The same column in the line that begins at `start`. */
static size_t
in_column(struct edit *e, size_t start)
{
	size_t from = line_start(e, e->cursor);
	size_t used;

	if (e->column == 0)
		e->column = (unsigned)width_cols(between(e, from, e->cursor)) + 1;
	return start + width_prefix(between(e, start, line_end(e, start)), e->column - 1, &used);
}

static bool
vertical(struct edit *e, enum edit_op op)
{
	size_t start = line_start(e, e->cursor), end = line_end(e, e->cursor);

	if (op == EDIT_UP ? start == 0 : end == e->text.n)
		return false;
	e->cursor = in_column(e, op == EDIT_UP ? line_start(e, start - 1) : end + 1);
	e->killing = e->typing = false;
	return true;
}

static size_t
target(const struct edit *e, enum edit_op op)
{
	size_t to;

	switch (op) {
	case EDIT_LEFT:
	case EDIT_BACKSPACE:
		return left(e, e->cursor);
	case EDIT_RIGHT:
	case EDIT_DELETE:
		return right(e, e->cursor);
	case EDIT_WORD_LEFT:
	case EDIT_KILL_WORD_BACK:
		return word_left(e, e->cursor);
	case EDIT_WORD_RIGHT:
	case EDIT_KILL_WORD:
		return word_right(e, e->cursor);
	case EDIT_LINE_START:
	case EDIT_KILL_TO_START:
		return line_start(e, e->cursor);
	case EDIT_LINE_END:
		return line_end(e, e->cursor);
	case EDIT_KILL_TO_END:	/* at the end of a line its line break */
		to = line_end(e, e->cursor);
		return to == e->cursor && to < e->text.n ? to + 1 : to;
	case EDIT_START:
		return 0;
	case EDIT_END:
		return e->text.n;
	default:
		return e->cursor;
	}
}

static bool
delete_to(struct edit *e, size_t to)
{
	size_t at = to < e->cursor ? to : e->cursor;
	size_t end = to < e->cursor ? e->cursor : to;

	if (at == end)
		return false;
	change(e, at, end - at, STR_NONE);
	return true;
}

/* Kills in a row are one text to yank. */
static bool
kill_to(struct edit *e, size_t to)
{
	bool back = to < e->cursor, more = e->killing;
	size_t at = back ? to : e->cursor;
	size_t end = back ? e->cursor : to;

	settle(e);
	e->killing = true;
	if (at == end)
		return false;
	if (!more)
		buf_clear(&e->killed);
	buf_splice(&e->killed, back ? 0 : e->killed.n, 0, between(e, at, end));
	change(e, at, end - at, STR_NONE);
	return true;
}

/* The clusters on both sides of the cursor change places; at the end the last two. */
static bool
transpose(struct edit *e)
{
	size_t mid = e->cursor == e->text.n ? left(e, e->cursor) : e->cursor;
	size_t from = left(e, mid), to = right(e, mid);
	struct buf swapped = { 0 };

	if (from == mid || mid == to)
		return false;
	buf_str(&swapped, between(e, mid, to));
	buf_str(&swapped, between(e, from, mid));
	change(e, from, to - from, buf_view(&swapped));
	buf_done(&swapped);
	return true;
}

static bool
undo(struct edit *e)
{
	struct edit_change *c;

	if (e->nundo == 0)
		return false;
	c = &e->undo[--e->nundo];
	buf_splice(&e->text, c->at, c->added, buf_view(&c->removed));
	e->cursor = c->cursor;
	buf_done(&c->removed);
	return true;
}

static bool
yank(struct edit *e)
{
	if (e->killed.n == 0 || e->killed.n > EDIT_MAX - e->text.n)
		return false;
	change(e, e->cursor, 0, buf_view(&e->killed));
	return true;
}

static bool
move_to(struct edit *e, size_t to)
{
	bool moved = to != e->cursor;

	e->cursor = to;
	return moved;
}

bool
edit_apply(struct edit *e, enum edit_op op)
{
	size_t to = target(e, op);

	switch (op) {
	case EDIT_UP:
	case EDIT_DOWN:
		return vertical(e, op);
	case EDIT_KILL_WORD_BACK:
	case EDIT_KILL_WORD:
	case EDIT_KILL_TO_START:
	case EDIT_KILL_TO_END:
		return kill_to(e, to);
	default:
		break;
	}
	settle(e);
	switch (op) {
	case EDIT_BACKSPACE:
	case EDIT_DELETE:
		return delete_to(e, to);
	case EDIT_YANK:
		return yank(e);
	case EDIT_TRANSPOSE:
		return transpose(e);
	case EDIT_UNDO:
		return undo(e);
	default:
		return move_to(e, to);
	}
}
