#include "ui/clip.h"
#include "ui/viewport.h"

static int
compare(struct place a, struct place b)
{
	if (a.item != b.item)
		return a.item < b.item ? -1 : 1;
	if (a.block != b.block)
		return a.block < b.block ? -1 : 1;
	return a.row < b.row ? -1 : a.row > b.row;
}

/* The match, the selected item, or the last row: what a reader looks at. */
static struct place
first_choice(const struct transcript *t)
{
	size_t selected = viewport_find(t, t->selected);

	if (t->matched && viewport_shows(t, t->match))
		return t->match;
	for (size_t i = 0; i < t->nseen; i++)
		if (t->selected != 0 && t->seen[i].item == selected)
			return t->seen[i];
	return t->seen[t->nseen - 1];
}

bool
transcript_choose(struct transcript *t)
{
	viewport_sync(t);
	if (t->nseen == 0)
		return false;
	viewport_hold(t);
	t->choosing = true;
	t->marked = false;
	t->cursor = first_choice(t);
	return true;
}

/* False when there is nothing to choose; else the cursor is on a row that is there. */
static bool
settle(struct transcript *t)
{
	viewport_sync(t);
	if (!t->choosing || t->nslots == 0)
		return false;
	t->cursor = viewport_row(t, t->cursor);
	return true;
}

void
transcript_choose_mark(struct transcript *t)
{
	if (!settle(t))
		return;
	t->marked = !t->marked;
	t->mark = t->cursor;
}

void
transcript_choose_end(struct transcript *t)
{
	t->choosing = false;
	viewport_release(t);
}

/* The place is shown, at the edge of the screen that is nearer. */
static void
bring(struct transcript *t, struct place p)
{
	if (viewport_shows(t, p))
		return;
	if (t->nseen > 0 && compare(p, t->seen[0]) > 0)
		p = viewport_above(t, p, t->height > 0 ? t->height - 1 : 0);
	viewport_anchor(t, p);
}

void
transcript_choose_move(struct transcript *t, long rows)
{
	struct place p;
	size_t missing;

	if (!settle(t))
		return;
	p = t->cursor;
	if (rows < 0)
		p = viewport_above(t, p, (size_t)-rows);
	else
		p = viewport_below(t, p, (size_t)rows, &missing);
	if (p.item >= t->nslots)
		p = viewport_above(t, viewport_end(t), 1);
	t->cursor = viewport_row(t, p);
	bring(t, t->cursor);
}

void
transcript_choose_edge(struct transcript *t, bool end)
{
	if (!settle(t))
		return;
	t->cursor = (struct place){ 0 };
	if (end)
		t->cursor = viewport_above(t, viewport_end(t), 1);
	t->cursor = viewport_row(t, t->cursor);
	bring(t, t->cursor);
}

/* From the first to the last row that is chosen. */
static void
range(const struct transcript *t, struct place *first, struct place *last)
{
	bool down = t->marked && compare(t->mark, t->cursor) < 0;

	*first = down || !t->marked ? (t->marked ? t->mark : t->cursor) : t->cursor;
	*last = down || !t->marked ? t->cursor : t->mark;
}

bool
choose_has(const struct transcript *t, struct place p)
{
	struct place first, last;

	if (!t->choosing)
		return false;
	range(t, &first, &last);
	return compare(p, first) >= 0 && compare(p, last) <= 0;
}

void
choose_mark(struct transcript *t, struct line line)
{
	if (line.cols == 0)
		rows_say(&t->line, STYLE(ROLE_SELECTION), " ");
	rows_add_as(&t->line, STYLE(ROLE_SELECTION), line, 0, line.cols);
}

void
transcript_chosen(struct transcript *t, struct buf *out)
{
	struct place p, last;

	if (!settle(t))
		return;
	range(t, &p, &last);
	logical_clear(&t->logical);
	for (; p.item <= last.item && p.item < t->nslots; p = (struct place){ p.item + 1, 0, 0 }) {
		const struct entry *e = viewport_entry(t, p.item);

		for (; p.block < entry_blocks(e); p.block++, p.row = 0) {
			for (; p.row < entry_rows(e, p.block); p.row++) {
				struct line l = entry_content(e, p.block, p.row);

				if (compare(p, last) <= 0 && !logical_is_label(l))
					logical_add(&t->logical, l, 0);
			}
			if (t->logical.text.n > CLIP_MAX || compare(p, last) > 0)
				break;
			entry_trim(t->slots[p.item].entry);
		}
	}
	buf_str(out, buf_view(&t->logical.text));
	logical_clear(&t->logical);
}
