#include "ui/view.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/view_state.h"

enum {
	STRIP_ROWS = 12,	/* a screen lower than this has no strip, */
	BORDER_ROWS = 8,	/* no border, */
	TITLE_ROWS = 4		/* no title */
};

struct view *
view_new(struct screen *screen, const struct view_options *o)
{
	struct view *v = mem_zalloc(sizeof *v);

	v->screen = screen;
	v->own = o->bindings == NULL ? bindings_new() : NULL;
	v->bindings = o->bindings != NULL ? o->bindings : v->own;
	v->ascii = o->ascii;
	v->read_only = o->read_only;
	v->user = o->user;
	v->replay = o->replay;
	v->mode = MODE_READ;
	v->direction = 1;
	v->transcript = transcript_new(v->ascii, v->read_only);
	v->page = layout_new(LAYOUT_PLAIN, STR_NONE);
	v->picker = picker_new();
	return v;
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	bindings_free(v->own);
	transcript_free(v->transcript);
	composer_done(&v->composer);
	composer_done(&v->line);
	layout_free(v->page);
	picker_free(v->picker);
	choices_done(&v->choices);
	buf_done(&v->page_text);
	buf_done(&v->page_title);
	buf_done(&v->needle);
	buf_done(&v->message);
	buf_done(&v->handed);
	rows_done(&v->chrome);
	rows_done(&v->news);
	rows_done(&v->border);
	free(v);
}

void
view_session(struct view *v, const struct session *s)
{
	v->session = s;
	v->remembered = false;
	view_leave_prompt(v);
	transcript_session(v->transcript, s);
}

void
view_say(struct view *v, enum note_level level, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&v->message);
	va_start(ap, fmt);
	buf_vprintf(&v->message, fmt, ap);
	va_end(ap);
	v->level = level;
}

void
view_set_draft(struct view *v, struct str text)
{
	struct buf both = { 0 };
	struct str draft = edit_text(&v->composer.edit);

	buf_str(&both, text);
	if (draft.n > 0 && text.n > 0)
		buf_byte(&both, '\n');
	buf_str(&both, draft);
	edit_set(&v->composer.edit, buf_view(&both));
	buf_done(&both);
}

struct str
view_draft(const struct view *v)
{
	return edit_text(&v->composer.edit);
}

void
view_page(struct view *v, const char *title, struct str text)
{
	buf_set(&v->page_title, str_from(title));
	buf_set(&v->page_text, text);
	v->page_generation++;
	v->page_top = 0;
	v->mode = MODE_PAGE;
}

unsigned
view_mode(const struct view *v)
{
	return v->mode;
}

void
view_resize(struct view *v)
{
	v->status_at = 0;
	screen_redraw(v->screen);
}

size_t
view_reads(const struct view *v)
{
	return transcript_current(v->transcript);
}

bool
view_writes(const struct view *v)
{
	return v->mode == MODE_WRITE && view_has_draft(v);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
view_deadline(const struct view *v, int64_t now)
{
	int64_t first = prompt_deadline(&v->prompt, now);

	if (v->stop_at != 0)
		first = earlier(first, v->stop_at + STOP_MS);
	if (v->stale)
		first = earlier(first, v->status_at + STATUS_MS);
	if (v->mode != MODE_PAGE)
		first = earlier(first, transcript_due(v->transcript));
	return first;
}

unsigned
view_mismatches(const struct view *v)
{
	return transcript_mismatches(v->transcript);
}

/* ---- drawing */

/* The last row of `chrome`, drawn on row y. */
static void
put_chrome(struct view *v, unsigned y)
{
	screen_line(v->screen, y, rows_line(&v->chrome, rows_count(&v->chrome) - 1));
}

static void
draw_title(struct view *v, const struct status *st, unsigned width)
{
	if (v->mode == MODE_PAGE) {
		rows_add(&v->chrome, STYLE(ROLE_HEADING), buf_view(&v->page_title), LINE_NO_SRC);
		rows_say(&v->chrome, STYLE(ROLE_STATUS), "   q leaves");
		rows_end(&v->chrome, 0);
	} else if (v->mode == MODE_PICK) {
		rows_say(&v->chrome, STYLE(ROLE_HEADING), view_picking(v));
		rows_say(&v->chrome, STYLE(ROLE_STATUS), "   Enter takes it, Esc leaves");
		rows_end(&v->chrome, 0);
	} else {
		status_title(st, width, v->ascii, &v->chrome);
	}
	put_chrome(v, 0);
}

static void
draw_transcript(struct view *v, unsigned y, unsigned height, unsigned width)
{
	transcript_frame(v->transcript, width, height);
	if (v->mode == MODE_ASK && transcript_ends(v->transcript, v->prompt.number))
		prompt_read(&v->prompt);
	for (unsigned i = 0; i < height; i++)
		screen_line(v->screen, y + i, transcript_line(v->transcript, i));
}

static void
draw_page(struct view *v, unsigned y, unsigned height, unsigned width)
{
	layout_update(v->page, buf_view(&v->page_text), v->page_generation, false, width);
	v->page_rows = layout_count(v->page);
	for (unsigned i = 0; i < height; i++) {
		size_t row = v->page_top + i;

		screen_line(v->screen, y + i, row < v->page_rows ? layout_line(v->page, row) :
		    (struct line){ 0 });
	}
}

static void
draw_picks(struct view *v, unsigned y, unsigned height, unsigned width)
{
	size_t first = rows_count(&v->chrome);

	picker_filter(v->picker, edit_text(&v->line.edit));
	picker_draw(v->picker, height, width, v->ascii, &v->chrome);
	for (unsigned i = 0; i < height; i++)
		screen_line(v->screen, y + i, rows_line(&v->chrome, first + i));
}

/* What the border says: a question that waits, and what is new below. */
static void
add_news(struct view *v, struct rows *out)
{
	size_t unseen = transcript_unseen(v->transcript);
	size_t waiting = view_waiting_count(v);
	struct style style = STYLE_WITH(ROLE_ASK, ATTR_BOLD);

	if (v->mode == MODE_ASK && !v->prompt.read)
		rows_say(out, style, " there is more of it: Space, G ");
	else if (v->mode == MODE_ASK && waiting > 1)
		rows_printf(out, style, " %zu questions wait: a is the next ", waiting);
	else if (waiting > 1)
		rows_printf(out, style, " %zu questions wait: ", waiting);
	else if (waiting == 1 && v->mode != MODE_ASK)
		rows_say(out, style, " a question waits: ");
	if (waiting > 0 && v->read_only)
		rows_say(out, style, "it is answered elsewhere ");
	else if (waiting > 0 && v->mode != MODE_ASK)
		rows_say(out, style, v->mode == MODE_READ ? "press a " : "Esc, then a ");
	if (transcript_follows(v->transcript))
		return;
	rows_printf(out, STYLE(ROLE_STATUS), " %u%%", transcript_percent(v->transcript));
	if (unseen > 0)
		rows_printf(out, STYLE(ROLE_STATUS_WAIT), " %s %zu new", v->ascii ? "v" : "▼", unseen);
	rows_say(out, STYLE(ROLE_STATUS), " G follows ");
}

static void
add_rule(struct view *v, unsigned cols)
{
	static const char fine[] = "────────────────────────────────", plain[] =
	    "--------------------------------";
	const unsigned most = sizeof plain - 1;
	const char *piece = v->ascii ? plain : fine;
	size_t bytes = v->ascii ? 1 : (sizeof fine - 1) / most;

	for (unsigned n; cols > 0; cols -= n) {
		n = cols < most ? cols : most;
		rows_add(&v->border, STYLE(ROLE_BORDER), str_of(piece, n * bytes), LINE_NO_SRC);
	}
}

static void
draw_border(struct view *v, unsigned y, unsigned width)
{
	struct rows news = { 0 };
	unsigned cols;

	add_news(v, &news);
	rows_end(&news, 0);
	if (v->border_width == width && line_eq(rows_line(&news, 0), rows_line(&v->news, 0))) {
		rows_done(&news);
		screen_line(v->screen, y, rows_line(&v->border, 0));
		return;
	}
	rows_done(&v->news);
	v->news = news;
	v->border_width = width;
	rows_clear(&v->border);
	cols = rows_line(&news, 0).cols;
	if (cols + 4 > width) {
		rows_add_cols(&v->border, rows_line(&news, 0), 0, width);
	} else {
		add_rule(v, width - cols - (cols > 0 ? 3 : 0));
		rows_add_line(&v->border, rows_line(&news, 0));
		add_rule(v, cols > 0 ? 3 : 0);
	}
	rows_end(&v->border, 0);
	screen_line(v->screen, y, rows_line(&v->border, 0));
}

static void
draw_composer(struct view *v, const struct composer *c, unsigned y, unsigned height, unsigned width)
{
	unsigned row, col;

	for (unsigned i = 0; i < height; i++)
		screen_line(v->screen, y + i, composer_line(c, i));
	if ((v->mode & (MODE_WRITE | MODE_LINE | MODE_PICK)) == 0) {
		screen_no_cursor(v->screen);
		return;
	}
	composer_cursor(c, &row, &col);
	screen_cursor(v->screen, y + row, col < width ? col : width - 1);
}

/* Counters alone can wait: on a slow line they would cost as much as the text. */
static bool
can_wait(struct view *v, const struct status *st, unsigned width, int64_t now)
{
	const struct session *s = st->session;
	struct told told = { width, st->mood, st->proof, st->gaps, st->pending,
	    s != NULL ? s->status : SESS_UNSAID, s != NULL ? s->nasks : 0 };
	struct told *was = &v->told;

	v->stale = v->status_at != 0 && now < v->status_at + STATUS_MS && was->width == told.width &&
	    was->mood == told.mood && was->proof == told.proof && was->gaps == told.gaps &&
	    was->pending == told.pending && was->status == told.status && was->asks == told.asks;
	if (v->stale)
		return true;
	v->told = told;
	v->status_at = now;
	return false;
}

static void
draw_status(struct view *v, const struct status *st, unsigned y, unsigned width, int64_t now)
{
	static const enum role roles[] = {
		[NOTE_RAW] = ROLE_STATUS, [NOTE_INFO] = ROLE_STATUS, [NOTE_WARN] = ROLE_WARN,
		[NOTE_ERROR] = ROLE_ERROR,
	};

	if (v->message.n == 0 && can_wait(v, st, width, now))
		return;
	if (v->message.n > 0) {
		v->status_at = 0;
		rows_add(&v->chrome, STYLE(roles[v->level]), buf_view(&v->message), LINE_NO_SRC);
		rows_end(&v->chrome, 0);
	} else {
		status_line(st, width, v->ascii, &v->chrome);
	}
	put_chrome(v, y);
}

/* Lays out what is typed; returns its rows, 0 where nothing can be typed. */
static unsigned
lay_composer(struct view *v, unsigned height, unsigned width)
{
	static const char line_prompts[][2] = { "/", "?", ":" };
	unsigned most = height / 3 < COMPOSER_MAX_ROWS ? height / 3 : COMPOSER_MAX_ROWS;
	const char *placeholder = "i writes, ? shows the keys";

	if (v->mode == MODE_LINE) {
		size_t kind = v->line_kind == '/' ? 0 : v->line_kind == '?' ? 1 : 2;

		return composer_layout(&v->line, width, 1, line_prompts[kind], "");
	}
	if (v->mode == MODE_PICK)
		return composer_layout(&v->line, width, 1, "> ", "words to look for");
	if (v->read_only)
		return 0;
	if (v->mode == MODE_WRITE)
		placeholder = v->refuses ? "why not; Enter rejects it, Esc leaves" :
		    v->answering != 0 ? "your answer; Enter sends it, Esc leaves" :
		    "your message; Enter sends it, M-Enter is a new line, Esc leaves";
	return composer_layout(&v->composer, width, most, v->refuses ? "reject> " :
	    v->answering != 0 ? "answer> " : "> ",
	    placeholder);
}

/* The offer of a second C-c is withdrawn. */
static void
check_stop(struct view *v, int64_t now)
{
	if (v->stop_at == 0 || now < v->stop_at + STOP_MS)
		return;
	v->stop_at = 0;
	buf_clear(&v->message);
}

/* A question that was answered elsewhere or has changed gives the keys back. */
static void
check_prompt(struct view *v, int64_t now)
{
	const struct item *it = view_asked(v);

	if (v->mode == MODE_ASK && (it == NULL || it->version != v->prompt.version)) {
		view_leave_prompt(v);
		view_say(v, NOTE_WARN, "%s", prompt_words(it == NULL ? PROMPT_ANSWERED : PROMPT_CHANGED));
	}
	transcript_focus(v->transcript, v->mode == MODE_ASK ? v->prompt.number : 0,
	    prompt_deadline(&v->prompt, now) == INT64_MAX, &v->choices);
}

static void
ring(struct view *v)
{
	const struct item *it = view_waiting(v);

	if (it == NULL || it->number <= v->rung)
		return;
	v->rung = it->number;
	screen_bell(v->screen);
}

bool
view_draw(struct view *v, const struct status *st, int64_t now)
{
	unsigned height, width, top, bottom, border, typed;
	const struct composer *typing = v->mode & (MODE_LINE | MODE_PICK) ? &v->line : &v->composer;
	bool strip;

	screen_size(v->screen, &height, &width);
	rows_clear(&v->chrome);
	check_stop(v, now);
	check_prompt(v, now);
	ring(v);
	typed = lay_composer(v, height, width);
	top = height >= TITLE_ROWS;
	bottom = height > 1;
	if (top > 0)
		draw_title(v, st, width);
	if (bottom > 0)
		draw_status(v, st, height - 1, width, now);
	bottom += typed;
	draw_composer(v, typing, height - bottom, typed, width);
	border = height >= BORDER_ROWS ? height - ++bottom : 0;
	strip = height >= STRIP_ROWS && status_strip(st, width, v->ascii, &v->chrome);
	if (strip)
		put_chrome(v, height - ++bottom);
	v->page_height = height - top - bottom;
	if (v->mode == MODE_PAGE)
		draw_page(v, top, v->page_height, width);
	else if (v->mode == MODE_PICK)
		draw_picks(v, top, v->page_height, width);
	else
		draw_transcript(v, top, v->page_height, width);
	/* It says what the transcript shows. */
	if (border > 0)
		draw_border(v, border, width);
	return screen_flush(v->screen);
}
