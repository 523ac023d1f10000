#include "ui/viewport.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/choices.h"

enum {
	MAX_LIVE = 200,		/* entries kept besides those on the screen */
	NAME_AGAIN = 40		/* items without words after which an agent is named again */
};

static void
drop_entry(struct transcript *t, struct slot *s)
{
	if (s->entry == NULL)
		return;
	t->mismatches += entry_mismatches(s->entry);
	t->laid += entry_laid(s->entry);
	entry_done(s->entry);
	free(s->entry);
	s->entry = NULL;
	t->live--;
}

void
viewport_forget(struct transcript *t)
{
	for (size_t i = 0; i < t->nslots; i++)
		drop_entry(t, &t->slots[i]);
	t->nslots = t->nseen = t->known = 0;
	t->top = (struct place){ 0 };
	t->follow = true;
	t->matched = t->choosing = t->held = false;
	t->selected = t->focus = 0;
}

/* What was put away takes its text along, and the rows made of it. */
static void
drop_stale(struct transcript *t)
{
	for (size_t i = 0; i < t->nslots; i++) {
		const struct item *it = t->session->items[i];

		if (it == NULL || it->born > t->trims)
			drop_entry(t, &t->slots[i]);
	}
	t->trims = t->session->trims;
	for (size_t i = 0; i < t->nseen; i++)
		viewport_entry(t, t->seen[i].item);
}

void
viewport_sync(struct transcript *t)
{
	size_t n = t->session != NULL ? t->session->nitems : 0;
	uint64_t first = n > 0 ? t->session->first : 0;

	if (n < t->nslots || (t->nslots > 0 && first != t->first))
		viewport_forget(t);
	t->first = first;
	while (t->nslots < n) {
		t->slots = mem_grow(t->slots, t->nslots, &t->cap_slots, sizeof *t->slots);
		t->slots[t->nslots++] = (struct slot){ 0 };
	}
	if (t->session != NULL && t->trims != t->session->trims)
		drop_stale(t);
}

/* An agent's name stands over the first answer of a turn. */
static bool
first_words(const struct transcript *t, size_t i)
{
	const struct item *it = session_item(t->session, i);

	for (size_t back = 1; back <= i && back < NAME_AGAIN; back++) {
		const struct item *before = session_item(t->session, i - back);

		if (before->kind == ITEM_USER)
			return true;
		if (before->kind == ITEM_TEXT)
			return !str_eq(buf_view(&before->agent), buf_view(&it->agent));
	}
	return true;
}

struct entry *
viewport_entry(struct transcript *t, size_t i)
{
	const struct item *it = session_item(t->session, i);
	const struct item *before = i > 0 ? session_item(t->session, i - 1) : NULL;
	struct slot *s = &t->slots[i];
	struct entry_look look = {
		.width = t->width,
		.ascii = t->ascii,
		.read_only = t->read_only,
		.full = t->all_full != s->flipped,
		.gap = before != NULL && !(entry_is_small(before) && entry_is_small(it)),
		.named = it->kind == ITEM_TEXT && first_words(t, i),
		.focused = it->number == t->focus,
		.armed = it->number == t->focus && t->armed,
	};

	if (look.focused && t->choices != NULL) {
		look.choices = t->choices;
		look.choices_version = t->choices->version;
	}

	if (s->entry == NULL) {
		s->entry = mem_zalloc(sizeof *s->entry);
		t->live++;
	}
	s->frame = t->frame;
	entry_update(s->entry, it, &look);
	return s->entry;
}

void
viewport_evict(struct transcript *t)
{
	for (size_t i = 0; i < t->nseen; i++)
		if (i == 0 || t->seen[i].item != t->seen[i - 1].item)
			entry_trim(t->slots[t->seen[i].item].entry);
	if (t->live <= MAX_LIVE + t->height)
		return;
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i].frame != t->frame)
			drop_entry(t, &t->slots[i]);
}

size_t
viewport_find(const struct transcript *t, uint64_t number)
{
	if (number < t->first)
		return 0;
	return number - t->first < t->nslots ? (size_t)(number - t->first) : t->nslots;
}

/* ---- the viewport */

/* The end of the block before one; false at the top. */
static bool
block_before(struct transcript *t, struct place *p)
{
	struct place q = *p;

	while (q.block == 0) {
		if (q.item == 0)
			return false;
		q.block = entry_blocks(viewport_entry(t, --q.item));
	}
	q.block--;
	q.row = entry_rows(t->slots[q.item].entry, q.block);
	*p = q;
	return true;
}

struct place
viewport_above(struct transcript *t, struct place p, size_t rows)
{
	while (p.row < rows) {
		rows -= p.row;
		p.row = 0;
		if (!block_before(t, &p))
			return p;
	}
	p.row -= rows;
	return p;
}

struct place
viewport_below(struct transcript *t, struct place p, size_t rows, size_t *left)
{
	*left = 0;
	for (; p.item < t->nslots; p = (struct place){ p.item + 1, 0, 0 }) {
		const struct entry *e = viewport_entry(t, p.item);

		for (; p.block < entry_blocks(e); p.block++, p.row = 0) {
			size_t count = entry_rows(e, p.block), here = count > p.row ? count - p.row : 0;

			if (rows < here) {
				p.row += rows;
				return p;
			}
			rows -= here;
		}
	}
	*left = rows;
	return p;
}

struct place
viewport_row(struct transcript *t, struct place p)
{
	const struct entry *e = viewport_entry(t, p.item);
	struct place last = { p.item, 0, 0 };

	for (; p.block < entry_blocks(e); p.block++) {
		size_t count = entry_rows(e, p.block);

		if (p.row < count)
			return p;
		p.row -= count;
		if (count > 0)
			last = (struct place){ p.item, p.block, count - 1 };
	}
	return last;
}

struct place
viewport_end(const struct transcript *t)
{
	return (struct place){ t->nslots, 0, 0 };
}

void
viewport_anchor(struct transcript *t, struct place top)
{
	size_t missing;

	t->follow = false;
	top = top.item < t->nslots ? viewport_row(t, top) : viewport_end(t);
	viewport_below(t, top, t->height, &missing);
	t->top = missing > 0 ? viewport_above(t, top, missing) : top;
}

void
viewport_hold(struct transcript *t)
{
	if (!t->held)
		t->resume = t->follow;
	t->held = true;
	t->follow = false;
}

void
viewport_release(struct transcript *t)
{
	if (t->held && t->resume)
		t->follow = true;
	t->held = t->resume = false;
}

bool
viewport_shows(const struct transcript *t, struct place p)
{
	for (size_t i = 0; i < t->nseen; i++)
		if (place_eq(t->seen[i], p))
			return true;
	return false;
}

void
viewport_width(struct transcript *t, unsigned width)
{
	bool inside = !t->follow && t->top.item < t->nslots && t->top.block + t->top.row > 0;
	struct entry_spot spot;

	if (inside) {
		t->top = viewport_row(t, t->top);
		spot = entry_spot(t->slots[t->top.item].entry, t->top.block, t->top.row);
	}
	t->width = width;
	if (inside)
		entry_find(viewport_entry(t, t->top.item), spot, &t->top.block, &t->top.row);
}

static void
list_block(struct transcript *t, struct place p)
{
	size_t count = entry_rows(t->slots[p.item].entry, p.block);

	for (; p.row < count && t->nseen < t->height; p.row++) {
		t->seen = mem_grow(t->seen, t->nseen, &t->cap_seen, sizeof *t->seen);
		t->seen[t->nseen++] = p;
	}
}

void
viewport_list(struct transcript *t)
{
	struct place p = t->top;

	t->nseen = 0;
	for (; p.item < t->nslots && t->nseen < t->height; p = (struct place){ p.item + 1, 0, 0 }) {
		size_t blocks = entry_blocks(viewport_entry(t, p.item));

		for (; p.block < blocks && t->nseen < t->height; p.block++, p.row = 0)
			list_block(t, p);
	}
}
