#include "ui/list.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "ui/composer.h"

/* Columns of the parts beside the title, and what is left out first on a narrow screen. */
enum { STATE_COLS = 20, AGE_COLS = 6, PLACE_COLS = 24, TITLE_MIN = 24 };

struct entry {
	struct buf address, title, place, state;
	enum mood mood;
	bool waits, news;
	uint64_t unread;
	int64_t time;
};

struct list {
	struct screen *screen;
	struct bindings *own;		/* when none were given */
	const struct bindings *bindings;
	bool ascii;

	struct entry *entries;
	size_t n;
	size_t *shown, nshown;		/* indices of those the filter lets through */
	struct buf selected;		/* an address */
	bool chosen;			/* by the user; until then the first row is selected */
	size_t at, top;			/* of `shown` */
	unsigned height;		/* rows for entries in the last frame */

	struct composer filter;
	bool typing;			/* the filter has the keys */
	struct buf words;
	enum note_level level;
	struct rows rows;		/* of the frame being drawn */
};

struct list *
list_new(struct screen *screen, const struct bindings *bindings, bool ascii)
{
	struct list *l = mem_zalloc(sizeof *l);

	l->screen = screen;
	l->own = bindings == NULL ? bindings_new() : NULL;
	l->bindings = bindings != NULL ? bindings : l->own;
	l->ascii = ascii;
	return l;
}

static void
free_entries(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		buf_done(&l->entries[i].address);
		buf_done(&l->entries[i].title);
		buf_done(&l->entries[i].place);
		buf_done(&l->entries[i].state);
	}
	free(l->entries);
	free(l->shown);
}

void
list_free(struct list *l)
{
	if (l == NULL)
		return;
	free_entries(l);
	bindings_free(l->own);
	buf_done(&l->selected);
	buf_done(&l->words);
	composer_done(&l->filter);
	rows_done(&l->rows);
	free(l);
}

/* ---- which rows, and which of them is selected */

/* Titles in other scripts have to be typed as they are. */
static bool
passes(const struct entry *e, struct str filter)
{
	return filter.n == 0 || str_has_nocase(buf_view(&e->title), filter) ||
	    str_has_nocase(buf_view(&e->address), filter) || str_has_nocase(buf_view(&e->state), filter);
}

static void
select_at(struct list *l, size_t at)
{
	if (l->nshown == 0)
		at = 0;
	else if (at >= l->nshown)
		at = l->nshown - 1;
	l->at = at;
	buf_set(&l->selected, l->nshown > 0 ? buf_view(&l->entries[l->shown[at]].address) : STR_NONE);
}

static void
apply_filter(struct list *l)
{
	struct str filter = edit_text(&l->filter.edit);
	size_t at = l->chosen ? l->at : 0;

	l->nshown = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (!passes(&l->entries[i], filter))
			continue;
		if (l->chosen && str_eq(buf_view(&l->entries[i].address), buf_view(&l->selected)))
			at = l->nshown;
		l->shown[l->nshown++] = i;
	}
	select_at(l, at);
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->waits != y->waits)
		return x->waits ? -1 : 1;
	/* By the minute, or sessions that are at work would change places all the time. */
	if (x->time / 60000 != y->time / 60000)
		return x->time > y->time ? -1 : 1;
	return str_cmp(buf_view(&x->address), buf_view(&y->address));
}

void
list_set(struct list *l, const struct list_row *rows, size_t n)
{
	free_entries(l);
	l->entries = mem_zalloc((n + 1) * sizeof *l->entries);
	l->shown = mem_zalloc((n + 1) * sizeof *l->shown);
	l->n = n;
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &l->entries[i];

		buf_set(&e->address, rows[i].address);
		buf_set(&e->title, rows[i].title.n > 0 ? rows[i].title : rows[i].address);
		buf_set(&e->place, rows[i].place);
		buf_set(&e->state, rows[i].state);
		e->mood = rows[i].mood;
		e->waits = rows[i].waits;
		e->news = rows[i].news;
		e->unread = rows[i].unread;
		e->time = rows[i].time;
	}
	qsort(l->entries, n, sizeof *l->entries, compare);
	apply_filter(l);
}

void
list_say(struct list *l, enum note_level level, struct str text)
{
	l->level = level;
	buf_set(&l->words, text);
}

struct str
list_selected(const struct list *l)
{
	return buf_view(&l->selected);
}

void
list_select(struct list *l, struct str address)
{
	if (address.n == 0)
		return;
	l->chosen = true;
	buf_set(&l->selected, address);
	apply_filter(l);
}

/* ---- keys */

static void
move(struct list *l, long by)
{
	if (by < 0 && (size_t)-by > l->at)
		select_at(l, 0);
	else
		select_at(l, by < 0 ? l->at - (size_t)-by : l->at + (size_t)by);
}

static bool
run_move(struct list *l, enum command c)
{
	long page = l->height > 1 ? (long)l->height : 1;

	if (c >= CMD_DOWN && c <= CMD_FOLLOW)
		l->chosen = true;
	switch (c) {
	case CMD_DOWN:
	case CMD_UP:
		move(l, c == CMD_DOWN ? 1 : -1);
		return true;
	case CMD_HALF_DOWN:
	case CMD_HALF_UP:
		move(l, c == CMD_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2);
		return true;
	case CMD_PAGE_DOWN:
	case CMD_PAGE_UP:
		move(l, c == CMD_PAGE_DOWN ? page : -page);
		return true;
	case CMD_TOP:
		select_at(l, 0);
		return true;
	case CMD_FOLLOW:
		select_at(l, l->n);
		return true;
	default:
		return false;
	}
}

static void
leave_filter(struct list *l, bool keep)
{
	l->typing = false;
	if (!keep)
		edit_set(&l->filter.edit, STR_NONE);
	apply_filter(l);
}

static enum command
run(struct list *l, enum command c)
{
	if (run_move(l, c))
		return CMD_NONE;
	switch (c) {
	case CMD_SEARCH:
		l->typing = true;
		return CMD_NONE;
	case CMD_BACK:
		leave_filter(l, false);
		return CMD_NONE;
	case CMD_REDRAW:
		screen_redraw(l->screen);
		return CMD_NONE;
	case CMD_ENTER:
		return l->selected.n > 0 ? c : CMD_NONE;
	default:
		return c;
	}
}

static void
insert(struct list *l, struct str text)
{
	edit_insert(&l->filter.edit, text);
	apply_filter(l);
}

static void
type(struct list *l, const struct key *k, enum command c)
{
	struct buf text = { 0 };

	if (c == CMD_ENTER || c == CMD_BACK)
		leave_filter(l, c == CMD_ENTER);
	else if (c >= CMD_EDIT)
		edit_apply(&l->filter.edit, (enum edit_op)(c - CMD_EDIT));
	else if (c == CMD_NONE && k->code < KEYCODE_ENTER && !(k->mods & (MOD_CTRL | MOD_ALT)))
		utf8_add(&text, k->code);
	insert(l, buf_view(&text));
	buf_done(&text);
}

enum command
list_key(struct list *l, const struct key *k)
{
	enum command c;

	if (k->kind == INPUT_PASTE && l->typing)
		insert(l, k->text);
	if (k->kind != INPUT_KEY)
		return CMD_NONE;
	c = bindings_find(l->bindings, l->typing ? MODE_LINE : MODE_LIST, k);
	if (!l->typing || c == CMD_SUSPEND || c == CMD_REDRAW)
		return run(l, c);
	type(l, k, c);
	return CMD_NONE;
}

/* ---- drawing */

static void
add_age(struct rows *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (ms >= units[i].ms) {
			rows_printf(out, STYLE(ROLE_DIM), "%lld %s", (long long)(ms / units[i].ms),
			    units[i].unit);
			return;
		}
	rows_say(out, STYLE(ROLE_DIM), "now");
}

/* A text in the columns up to `end`, cut with a mark where it is longer. */
static void
add_cell(struct list *l, struct rows *out, struct style style, struct str text, unsigned end)
{
	struct rows cell = { 0 };
	unsigned room = end > rows_open(out).cols + 1 ? end - rows_open(out).cols - 1 : 0;

	rows_add(&cell, style, text, LINE_NO_SRC);
	if (rows_open(&cell).cols <= room) {
		rows_add_line(out, rows_open(&cell));
	} else if (room > 1) {
		rows_add_cols(out, rows_open(&cell), 0, room - 1);
		rows_say(out, STYLE(ROLE_DIM), l->ascii ? ">" : "…");
	}
	rows_pad(out, STYLE(ROLE_TEXT), end);
	rows_done(&cell);
}

static void
add_glyph(struct list *l, struct rows *out, const struct entry *e)
{
	static const enum role roles[] = {
		[MOOD_WAIT] = ROLE_STATUS_WAIT, [MOOD_LIVE] = ROLE_STATUS_LIVE, [MOOD_BAD] = ROLE_STATUS_BAD,
	};
	static const char *const marks[2][3] = { { "○ ", "● ", "✗ " }, { "o ", "* ", "x " } };

	if (e->waits)
		rows_say(out, STYLE_WITH(ROLE_ASK, ATTR_BOLD), "! ");
	else
		rows_say(out, STYLE(roles[e->mood]), marks[l->ascii][e->mood]);
}

static void
add_entry(struct list *l, const struct entry *e, bool selected, unsigned width, int64_t now)
{
	struct rows *out = &l->rows;
	unsigned age = width > TITLE_MIN + AGE_COLS ? width - AGE_COLS : width;
	unsigned state = age > TITLE_MIN + STATE_COLS ? age - STATE_COLS : age;
	unsigned place = state > 2 * TITLE_MIN + PLACE_COLS ? state - PLACE_COLS : state;

	rows_say(out, STYLE(ROLE_PROMPT), !selected ? "  " : l->ascii ? "> " : "▸ ");
	add_glyph(l, out, e);
	if (e->news && e->unread > 0)
		rows_printf(out, STYLE(ROLE_STATUS_WAIT), "%llu ", (unsigned long long)e->unread);
	if (e->news)
		rows_say(out, STYLE(ROLE_STATUS_WAIT), "new ");
	add_cell(l, out, STYLE_WITH(ROLE_TEXT, selected ? ATTR_BOLD : 0), buf_view(&e->title), place);
	if (place < state)
		add_cell(l, out, STYLE(ROLE_DIM), buf_view(&e->place), state);
	if (state < age)
		add_cell(l, out, STYLE(e->waits ? ROLE_ASK : ROLE_STATUS), buf_view(&e->state), age);
	if (age < width && e->time > 0)
		add_age(out, now - e->time);
	rows_end(out, 0);
}

static void
put(struct list *l, unsigned y)
{
	screen_line(l->screen, y, rows_line(&l->rows, rows_count(&l->rows) - 1));
}

static void
draw_title(struct list *l)
{
	size_t waiting = 0;

	for (size_t i = 0; i < l->n; i++)
		waiting += l->entries[i].waits;
	rows_say(&l->rows, STYLE(ROLE_HEADING), "weir");
	rows_printf(&l->rows, STYLE(ROLE_STATUS), " %s %zu session%s", l->ascii ? "|" : "·", l->n,
	    l->n == 1 ? "" : "s");
	if (l->nshown != l->n)
		rows_printf(&l->rows, STYLE(ROLE_STATUS), ", %zu shown", l->nshown);
	if (waiting > 0)
		rows_printf(&l->rows, STYLE_WITH(ROLE_ASK, ATTR_BOLD), ", %zu wait%s for somebody", waiting,
		    waiting == 1 ? "s" : "");
	rows_end(&l->rows, 0);
	put(l, 0);
}

static void
draw_entries(struct list *l, unsigned y, unsigned height, unsigned width, int64_t now)
{
	l->height = height;
	if (l->at < l->top)
		l->top = l->at;
	if (height > 0 && l->at >= l->top + height)
		l->top = l->at - height + 1;
	if (l->top + height > l->nshown)
		l->top = l->nshown > height ? l->nshown - height : 0;
	for (unsigned i = 0; i < height; i++) {
		size_t k = l->top + i;

		if (k < l->nshown) {
			add_entry(l, &l->entries[l->shown[k]], k == l->at, width, now);
			put(l, y + i);
		} else {
			screen_line(l->screen, y + i, (struct line){ 0 });
		}
	}
}

/* What is to be said, in rows; more than a third of the screen is left out. */
static unsigned
lay_words(const struct list *l, unsigned height, unsigned width, struct rows *out)
{
	static const enum role roles[] = {
		[NOTE_RAW] = ROLE_STATUS, [NOTE_INFO] = ROLE_STATUS, [NOTE_WARN] = ROLE_WARN,
		[NOTE_ERROR] = ROLE_ERROR,
	};
	struct rows line = { 0 };

	for (struct str rest = buf_view(&l->words); rest.n > 0;) {
		rows_add(&line, STYLE(roles[l->level]), str_cut(rest, '\n', &rest), LINE_NO_SRC);
		rows_wrap(out, rows_open(&line), width, 0);
		rows_clear(&line);
	}
	rows_done(&line);
	if (rows_count(out) > height / 3)
		rows_truncate(out, height / 3);
	return (unsigned)rows_count(out);
}

static void
draw_foot(struct list *l, unsigned y, unsigned width)
{
	unsigned row, col;

	if (l->typing) {
		composer_layout(&l->filter, width, 1, "/", "");
		composer_cursor(&l->filter, &row, &col);
		screen_line(l->screen, y, composer_line(&l->filter, 0));
		screen_cursor(l->screen, y, col < width ? col : width - 1);
		return;
	}
	screen_no_cursor(l->screen);
	rows_say(&l->rows, STYLE(ROLE_STATUS), "Enter opens, / filters, R asks again, q leaves");
	rows_end(&l->rows, 0);
	put(l, y);
}

bool
list_draw(struct list *l, int64_t now)
{
	unsigned height, width, said, title, foot;
	struct rows words = { 0 };

	screen_size(l->screen, &height, &width);
	rows_clear(&l->rows);
	foot = height > 1;
	title = height > 2;
	said = lay_words(l, height, width, &words);
	if (title > 0)
		draw_title(l);
	draw_entries(l, title, height - title - said - foot, width, now);
	for (unsigned i = 0; i < said; i++)
		screen_line(l->screen, height - foot - said + i, rows_line(&words, i));
	rows_done(&words);
	if (foot > 0)
		draw_foot(l, height - 1, width);
	return screen_flush(l->screen);
}
