#include "ui/transcript.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/viewport.h"

enum {
	MAX_LIVE = 200,		/* entries kept besides those on the screen */
	MAX_SCROLL = 100000,	/* rows in one go */
	NAME_AGAIN = 40		/* items without words after which an agent is named again */
};

struct transcript *
transcript_new(bool ascii)
{
	struct transcript *t = mem_zalloc(sizeof *t);

	t->ascii = ascii;
	t->follow = true;
	return t;
}

static void
drop_entry(struct transcript *t, struct slot *s)
{
	if (s->entry == NULL)
		return;
	t->mismatches += entry_mismatches(s->entry);
	entry_done(s->entry);
	free(s->entry);
	s->entry = NULL;
	t->live--;
}

static void
forget(struct transcript *t)
{
	for (size_t i = 0; i < t->nslots; i++)
		drop_entry(t, &t->slots[i]);
	t->nslots = t->nseen = t->known = 0;
	t->top = (struct place){ 0 };
	t->follow = true;
	t->matched = false;
	t->selected = t->focus = 0;
}

void
transcript_free(struct transcript *t)
{
	if (t == NULL)
		return;
	forget(t);
	free(t->slots);
	free(t->seen);
	buf_done(&t->needle);
	rows_done(&t->line);
	rows_done(&t->work);
	free(t);
}

void
transcript_session(struct transcript *t, const struct session *s)
{
	forget(t);
	t->session = s;
}

/* ---- entries */

void
viewport_sync(struct transcript *t)
{
	size_t n = t->session != NULL ? t->session->nitems : 0;
	uint64_t first = n > 0 ? t->session->items[0]->number : 0;

	if (n < t->nslots || (t->nslots > 0 && first != t->first))
		forget(t);
	t->first = first;
	while (t->nslots < n) {
		t->slots = mem_grow(t->slots, t->nslots, &t->cap_slots, sizeof *t->slots);
		t->slots[t->nslots++] = (struct slot){ 0 };
	}
}

/* An agent's name stands over the first answer of a turn. */
static bool
first_words(const struct transcript *t, size_t i)
{
	const struct item *it = t->session->items[i];

	for (size_t back = 1; back <= i && back < NAME_AGAIN; back++) {
		const struct item *before = t->session->items[i - back];

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
	const struct item *it = t->session->items[i];
	const struct item *before = i > 0 ? t->session->items[i - 1] : NULL;
	struct slot *s = &t->slots[i];
	struct entry_look look = {
		.width = t->width,
		.ascii = t->ascii,
		.full = t->all_full != s->flipped,
		.gap = before != NULL && !(entry_is_small(before) && entry_is_small(it)),
		.named = it->kind == ITEM_TEXT && first_words(t, i),
		.focused = it->number == t->focus,
		.armed = it->number == t->focus && t->armed,
	};

	if (s->entry == NULL) {
		s->entry = mem_zalloc(sizeof *s->entry);
		t->live++;
	}
	s->frame = t->frame;
	entry_update(s->entry, it, &look);
	return s->entry;
}

static void
evict(struct transcript *t)
{
	if (t->live <= MAX_LIVE + t->height)
		return;
	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i].frame != t->frame)
			drop_entry(t, &t->slots[i]);
}

size_t
viewport_find(const struct transcript *t, uint64_t number)
{
	size_t low = 0, high = t->nslots;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->session->items[mid]->number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ---- the viewport */

/* The place `rows` rows above one, or the top. */
static struct place
above(struct transcript *t, struct place p, size_t rows)
{
	while (p.row < rows && p.item > 0) {
		rows -= p.row;
		p.row = viewport_entry(t, --p.item)->count;
	}
	p.row = p.row > rows ? p.row - rows : 0;
	return p;
}

/* The place `rows` rows below one, or the end; *left gets the rows that were missing. */
static struct place
below(struct transcript *t, struct place p, size_t rows, size_t *left)
{
	*left = 0;
	while (p.item < t->nslots) {
		size_t count = viewport_entry(t, p.item)->count;
		size_t here = count > p.row ? count - p.row : 0;

		if (rows < here) {
			p.row += rows;
			return p;
		}
		rows -= here;
		p = (struct place){ p.item + 1, 0 };
	}
	*left = rows;
	return p;
}

static struct place
end_of(const struct transcript *t)
{
	return (struct place){ t->nslots, 0 };
}

void
viewport_anchor(struct transcript *t, struct place top)
{
	size_t missing;

	t->follow = false;
	if (top.item >= t->nslots) {
		top = end_of(t);
	} else {
		size_t count = viewport_entry(t, top.item)->count;

		if (top.row >= count)
			top.row = count > 0 ? count - 1 : 0;
	}
	below(t, top, t->height, &missing);
	t->top = missing > 0 ? above(t, top, missing) : top;
}

bool
viewport_shows(const struct transcript *t, struct place p)
{
	for (size_t i = 0; i < t->nseen; i++)
		if (t->seen[i].item == p.item && t->seen[i].row == p.row)
			return true;
	return false;
}

/* The row that holds what the top row held at another width. */
static void
change_width(struct transcript *t, unsigned width)
{
	uint64_t place = ENTRY_NOWHERE;
	struct entry *e;

	if (!t->follow && t->top.item < t->nslots && t->top.row > 0) {
		e = viewport_entry(t, t->top.item);
		if (t->top.row < e->count)
			place = entry_place(e, t->top.row);
	}
	t->width = width;
	if (place == ENTRY_NOWHERE)
		return;
	e = viewport_entry(t, t->top.item);
	for (size_t i = 0; i < e->count; i++) {
		uint64_t here = entry_place(e, i);

		if (here != ENTRY_NOWHERE && here <= place)
			t->top.row = i;
	}
}

static void
list_rows(struct transcript *t)
{
	struct place p = t->top;

	t->nseen = 0;
	while (t->nseen < t->height && p.item < t->nslots) {
		if (p.row >= viewport_entry(t, p.item)->count) {
			p = (struct place){ p.item + 1, 0 };
			continue;
		}
		t->seen = mem_grow(t->seen, t->nseen, &t->cap_seen, sizeof *t->seen);
		t->seen[t->nseen++] = p;
		p.row++;
	}
}

/* How far the reader has come. */
static void
note_known(struct transcript *t)
{
	size_t reached = t->nseen > 0 ? t->seen[t->nseen - 1].item + 1 : 0;

	if (t->follow)
		reached = t->nslots;
	else if (reached > 0 && t->seen[t->nseen - 1].row + 1 < t->slots[reached - 1].entry->count)
		reached--;
	if (reached < t->known || reached == 0)
		return;
	t->known = reached;
	t->known_version = t->session->items[reached - 1]->version;
}

void
transcript_frame(struct transcript *t, unsigned width, unsigned height)
{
	viewport_sync(t);
	t->frame++;
	t->height = height;
	if (width != t->width)
		change_width(t, width);
	if (t->follow)
		t->top = above(t, end_of(t), height);
	else
		viewport_anchor(t, t->top);
	list_rows(t);
	note_known(t);
	evict(t);
}

int64_t
transcript_due(const struct transcript *t)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < t->nseen; i++) {
		int64_t at;

		if (i > 0 && t->seen[i].item == t->seen[i - 1].item)
			continue;
		at = entry_due(t->slots[t->seen[i].item].entry);
		if (at < due)
			due = at;
	}
	return due;
}

unsigned
transcript_mismatches(const struct transcript *t)
{
	unsigned n = t->mismatches;

	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i].entry != NULL)
			n += entry_mismatches(t->slots[i].entry);
	return n;
}

/* The line made so far, which is to be made anew from itself. */
static struct line
again(struct transcript *t)
{
	struct rows before = t->line;

	t->line = t->work;
	t->work = before;
	rows_clear(&t->line);
	return rows_open(&t->work);
}

/* Marks the item in the first column, without a change of its width. */
static void
add_selected(struct transcript *t, struct line line)
{
	struct buf first = { 0 };
	struct rows cell = { 0 };

	rows_add_cols(&cell, line, 0, 1);
	line_text(rows_open(&cell), &first);
	rows_add(&t->line, STYLE(ROLE_SELECTION), first.n > 0 ? buf_view(&first) : STR(" "), LINE_NO_SRC);
	rows_add_cols(&t->line, line, 1, line.cols);
	rows_done(&cell);
	buf_done(&first);
}

struct line
transcript_line(struct transcript *t, unsigned y)
{
	const struct entry *e;
	struct line line;

	if (y >= t->nseen)
		return (struct line){ 0 };
	rows_clear(&t->line);
	e = t->slots[t->seen[y].item].entry;
	entry_line(e, t->seen[y].row, &t->line);
	if (t->needle.n > 0)
		search_mark(t, again(t));
	if (e->number == t->selected && !(e->look.gap && t->seen[y].row == 0))
		add_selected(t, again(t));
	if (rows_open(&t->line).cols > t->width)
		rows_add_cols(&t->line, again(t), 0, t->width);
	line = rows_open(&t->line);
	line.flags = (uint8_t)entry_flags(e, t->seen[y].row);
	return line;
}

bool
transcript_follows(const struct transcript *t)
{
	return t->follow;
}

size_t
transcript_unseen(const struct transcript *t)
{
	size_t n = t->session != NULL ? t->session->nitems : 0;

	if (t->follow || t->known == 0 || t->known > n)
		return 0;
	return n - t->known + (t->session->items[t->known - 1]->version != t->known_version);
}

unsigned
transcript_percent(const struct transcript *t)
{
	if (t->follow || t->nslots == 0)
		return 100;
	return (unsigned)(100 * t->top.item / t->nslots);
}

/* ---- moving */

void
transcript_scroll(struct transcript *t, long rows)
{
	struct place top = t->top;
	size_t missing;

	viewport_sync(t);
	if (t->nslots == 0 || rows == 0)
		return;
	if (rows < -MAX_SCROLL || rows > MAX_SCROLL)
		rows = rows < 0 ? -MAX_SCROLL : MAX_SCROLL;
	if (rows < 0) {
		if (top.item > 0 || top.row > 0)
			viewport_anchor(t, above(t, top, (size_t)-rows));
		return;
	}
	if (t->follow)
		return;
	viewport_anchor(t, below(t, top, (size_t)rows, &missing));
	/* Who has scrolled to the end wants to stay there. */
	below(t, t->top, t->height + 1, &missing);
	t->follow = missing > 0;
}

void
transcript_top(struct transcript *t)
{
	t->follow = false;
	t->top = (struct place){ 0 };
}

void
transcript_follow(struct transcript *t)
{
	t->follow = true;
}

void
transcript_show(struct transcript *t, uint64_t number)
{
	size_t i;
	struct entry *e;

	viewport_sync(t);
	i = viewport_find(t, number);
	if (i == t->nslots || t->height == 0)
		return;
	e = viewport_entry(t, i);
	if (e->count <= t->height && viewport_shows(t, (struct place){ i, 0 }) &&
	    viewport_shows(t, (struct place){ i, e->count - 1 }))
		return;
	viewport_anchor(t, (struct place){ i, e->look.gap && e->count > 1 });
}

static bool
is_alert(const struct item *it)
{
	return it->error.n > 0 || it->kind == ITEM_ASK ||
	    (it->kind == ITEM_TOOL && it->tool.state >= TOOL_ERROR) ||
	    (it->kind == ITEM_NOTE && it->note.level >= NOTE_WARN);
}

static bool
stops_at(const struct item *it, enum transcript_stop stop)
{
	return stop == STOP_ITEM || (stop == STOP_TURN ? it->kind == ITEM_USER : is_alert(it));
}

/* The selected item as long as some of it is on the screen. */
static bool
selected_in_sight(const struct transcript *t, size_t *i)
{
	*i = viewport_find(t, t->selected);
	return t->selected != 0 && t->nseen > 0 && *i >= t->seen[0].item &&
	    *i <= t->seen[t->nseen - 1].item;
}

/* Where going begins: the selected item or the edge of the screen. */
static size_t
origin(const struct transcript *t, int direction)
{
	size_t i;

	if (selected_in_sight(t, &i))
		return i;
	if (t->nseen == 0)
		return 0;
	return direction > 0 ? t->seen[0].item : t->seen[t->nseen - 1].item + 1;
}

bool
transcript_go(struct transcript *t, enum transcript_stop stop, int direction)
{
	size_t i;

	viewport_sync(t);
	for (i = origin(t, direction); direction > 0 ? i + 1 < t->nslots : i > 0;) {
		i += direction > 0 ? 1 : (size_t)-1;
		if (!stops_at(t->session->items[i], stop))
			continue;
		t->selected = t->session->items[i]->number;
		if (stop == STOP_ITEM)
			transcript_show(t, t->selected);
		else
			viewport_anchor(t, (struct place){ i, i > 0 });
		return true;
	}
	return false;
}

/* ---- folding */

/* The selected item, or the last on the screen that can be folded (`any`: the last of any kind). */
static size_t
current(const struct transcript *t, bool any)
{
	size_t i;

	if (selected_in_sight(t, &i) && (any || entry_folds(t->session->items[i])))
		return i;
	for (size_t k = t->nseen; k-- > 0;)
		if (any || entry_folds(t->session->items[t->seen[k].item]))
			return t->seen[k].item;
	return t->nslots;
}

/* The head of what is folded stays on the screen. */
static void
flip(struct transcript *t, size_t i)
{
	t->slots[i].flipped = !t->slots[i].flipped;
	if (!t->follow && t->top.item == i)
		t->top.row = i > 0;
}

bool
transcript_fold(struct transcript *t)
{
	size_t i;

	viewport_sync(t);
	i = current(t, false);
	if (i == t->nslots)
		return false;
	flip(t, i);
	return true;
}

void
transcript_fold_all(struct transcript *t)
{
	t->all_full = !t->all_full;
	for (size_t i = 0; i < t->nslots; i++)
		t->slots[i].flipped = false;
}

void
transcript_unfold(struct transcript *t, uint64_t number)
{
	size_t i;

	viewport_sync(t);
	i = viewport_find(t, number);
	if (i < t->nslots && t->all_full == t->slots[i].flipped)
		flip(t, i);
}

void
transcript_focus(struct transcript *t, uint64_t number, bool armed)
{
	t->focus = number;
	t->armed = armed;
}

struct str
transcript_selected(const struct transcript *t)
{
	size_t i = current(t, true);
	const struct item *it = i < t->nslots ? t->session->items[i] : NULL;

	if (it == NULL)
		return STR_NONE;
	return buf_view(it->text.n > 0 ? &it->text : &it->input);
}
