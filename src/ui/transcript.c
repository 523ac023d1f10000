#include "ui/transcript.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/viewport.h"

enum { MAX_SCROLL = 100000 };	/* rows in one go */

struct transcript *
transcript_new(bool ascii, bool read_only)
{
	struct transcript *t = mem_zalloc(sizeof *t);

	t->ascii = ascii;
	t->read_only = read_only;
	t->follow = true;
	return t;
}

void
transcript_free(struct transcript *t)
{
	if (t == NULL)
		return;
	viewport_forget(t);
	free(t->slots);
	free(t->seen);
	buf_done(&t->needle);
	rows_done(&t->line);
	rows_done(&t->work);
	logical_done(&t->logical);
	links_done(t);
	free(t);
}

void
transcript_session(struct transcript *t, const struct session *s)
{
	viewport_forget(t);
	t->session = s;
}

static bool
ends_item(const struct transcript *t, struct place p)
{
	const struct entry *e = t->slots[p.item].entry;

	return p.block + 1 == entry_blocks(e) && p.row + 1 == entry_rows(e, p.block);
}

/* How far the reader has come. */
static void
note_known(struct transcript *t)
{
	size_t reached = t->nseen > 0 ? t->seen[t->nseen - 1].item + 1 : 0;

	if (t->follow)
		reached = t->nslots;
	else if (reached > 0 && !ends_item(t, t->seen[t->nseen - 1]))
		reached--;
	if (reached < t->known || reached == 0)
		return;
	t->known = reached;
	t->known_version = session_item(t->session, reached - 1)->version;
}

void
transcript_frame(struct transcript *t, unsigned width, unsigned height)
{
	viewport_sync(t);
	t->frame++;
	t->height = height;
	if (width != t->width)
		viewport_width(t, width);
	if (t->follow)
		t->top = viewport_above(t, viewport_end(t), height);
	else
		viewport_anchor(t, t->top);
	viewport_list(t);
	note_known(t);
	viewport_evict(t);
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

size_t
transcript_laid(const struct transcript *t)
{
	size_t n = t->laid;

	for (size_t i = 0; i < t->nslots; i++)
		if (t->slots[i].entry != NULL)
			n += entry_laid(t->slots[i].entry);
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

/* Marks the item in the first column. */
static void
mark_first(struct transcript *t, struct line line)
{
	if (line.cols == 0)
		rows_say(&t->line, STYLE(ROLE_SELECTION), " ");
	rows_add_as(&t->line, STYLE(ROLE_SELECTION), line, 0, 1);
	rows_add_cols(&t->line, line, 1, line.cols);
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
	entry_line(e, t->seen[y].block, t->seen[y].row, &t->line);
	if (t->needle.n > 0)
		search_mark(t, e, t->seen[y], again(t));
	if (links_number(t, t->seen[y]))
		links_mark(t, e, t->seen[y], again(t));
	if (choose_has(t, t->seen[y]))
		choose_mark(t, again(t));
	else if (e->number == t->selected && !(e->look.gap && t->seen[y].block + t->seen[y].row == 0))
		mark_first(t, again(t));
	if (rows_open(&t->line).cols > t->width)
		rows_add_cols(&t->line, again(t), 0, t->width);
	line = rows_open(&t->line);
	line.flags = entry_content(e, t->seen[y].block, t->seen[y].row).flags;
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
	return n - t->known + (session_item(t->session, t->known - 1)->version != t->known_version);
}

unsigned
transcript_percent(const struct transcript *t)
{
	const struct entry *e;
	size_t blocks;
	double part;

	if (t->follow || t->nslots == 0)
		return 100;
	e = t->top.item < t->nslots ? t->slots[t->top.item].entry : NULL;
	blocks = e != NULL ? entry_blocks(e) : 0;
	part = blocks > 0 ? (double)t->top.block / (double)blocks : 0;
	return (unsigned)(100 * ((double)t->top.item + part) / (double)t->nslots);
}

/* ---- moving */

void
transcript_scroll(struct transcript *t, long rows)
{
	struct place top;
	size_t missing;

	viewport_sync(t);
	if (t->nslots == 0 || rows == 0)
		return;
	t->resume = false;
	top = t->top.item < t->nslots ? viewport_row(t, t->top) : t->top;
	if (rows < -MAX_SCROLL || rows > MAX_SCROLL)
		rows = rows < 0 ? -MAX_SCROLL : MAX_SCROLL;
	if (rows < 0) {
		if (top.item + top.block + top.row > 0)
			viewport_anchor(t, viewport_above(t, top, (size_t)-rows));
		return;
	}
	if (t->follow)
		return;
	viewport_anchor(t, viewport_below(t, top, (size_t)rows, &missing));
	/* Who has scrolled to the end wants to stay there. */
	viewport_below(t, t->top, t->height + 1, &missing);
	t->follow = missing > 0;
}

void
transcript_top(struct transcript *t)
{
	t->follow = t->resume = false;
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
	size_t i, shown = 0, count;

	viewport_sync(t);
	i = viewport_find(t, number);
	if (i == t->nslots || t->height == 0)
		return;
	count = entry_count(viewport_entry(t, i), t->height);
	for (size_t k = 0; k < t->nseen; k++)
		shown += t->seen[k].item == i;
	if (shown < count || shown == 0)
		viewport_anchor(t, (struct place){ i, 0, t->slots[i].entry->look.gap && count > 1 });
}

void
transcript_show_end(struct transcript *t, uint64_t number)
{
	size_t i;

	viewport_sync(t);
	i = viewport_find(t, number);
	if (i < t->nslots)
		viewport_anchor(t, viewport_above(t, (struct place){ i + 1, 0, 0 }, t->height));
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
		session_rest(t->session);
		viewport_sync(t);
		if (!stops_at(session_item(t->session, i), stop))
			continue;
		t->selected = session_item(t->session, i)->number;
		if (stop == STOP_ITEM)
			transcript_show(t, t->selected);
		else
			viewport_anchor(t, (struct place){ i, 0, i > 0 });
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

	if (selected_in_sight(t, &i) && (any || entry_folds(session_item(t->session, i))))
		return i;
	for (size_t k = t->nseen; k-- > 0;)
		if (any || entry_folds(session_item(t->session, t->seen[k].item)))
			return t->seen[k].item;
	return t->nslots;
}

/* The head of what is folded stays on the screen. */
static void
flip(struct transcript *t, size_t i)
{
	t->slots[i].flipped = !t->slots[i].flipped;
	if (!t->follow && t->top.item == i)
		t->top = (struct place){ i, 0, i > 0 };
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

bool
transcript_ends(const struct transcript *t, uint64_t number)
{
	size_t i = viewport_find(t, number);

	for (size_t k = 0; k < t->nseen; k++)
		if (t->seen[k].item == i && ends_item(t, t->seen[k]))
			return true;
	return false;
}

uint64_t
transcript_pointed(const struct transcript *t)
{
	size_t i;

	return selected_in_sight(t, &i) ? t->selected : 0;
}

void
transcript_focus(struct transcript *t, uint64_t number, bool armed, const struct choices *choices)
{
	if (t->focus == 0 && number != 0)
		viewport_hold(t);
	if (t->focus != 0 && number == 0)
		viewport_release(t);
	t->focus = number;
	t->armed = armed;
	t->choices = choices;
}

size_t
transcript_current(const struct transcript *t)
{
	size_t i = current(t, true);

	return i < t->nslots ? i + 1 : 0;
}

static struct str
began_by(const struct transcript *t, size_t i)
{
	const struct item *it = session_item(t->session, i);

	return it->kind == ITEM_TOOL ? buf_view(&it->tool.child) : STR_NONE;
}

struct str
transcript_began(const struct transcript *t)
{
	size_t i;

	if (selected_in_sight(t, &i))
		return began_by(t, i);
	for (size_t k = t->nseen; k-- > 0;)
		if (began_by(t, t->seen[k].item).n > 0)
			return began_by(t, t->seen[k].item);
	return STR_NONE;
}

struct str
transcript_selected(const struct transcript *t)
{
	size_t i = current(t, true);
	const struct item *it = i < t->nslots ? session_item(t->session, i) : NULL;

	if (it == NULL)
		return STR_NONE;
	/* What is to be allowed, not what else would be. */
	return buf_view(it->text.n > 0 && (it->kind != ITEM_ASK || it->input.n == 0) ? &it->text :
	    &it->input);
}
