#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/loop.h"
#include "app/output.h"
#include "app/replay_parts.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "text/safe.h"
#include "ui/canvas.h"
#include "wire/json.h"

enum {
	START = 1000000,	/* of the virtual clock; not 0, which is no time */
	SETTLE = 2000		/* ms in which a view comes to rest when nothing happens any more */
};

struct headless {
	struct replay replay;
	const struct replay_headless *o;
	struct canvas *canvas;
	struct buf out, cast, frame;
	size_t step;		/* of the script */
	int64_t start, rest;	/* when it began; since when nothing is left to play, 0 there is */
};

static bool
is_over(const struct headless *h)
{
	return playback_next(h->replay.playback) == INT64_MAX;
}

static const struct keyscript_step *
next_step(const struct headless *h)
{
	return h->step < h->o->script->n ? &h->o->script->steps[h->step] : NULL;
}

/* ---- what comes out */

static void
cast_event(struct headless *h, const char *kind, struct str data)
{
	int64_t ms = clock_mono() - h->start;
	struct json_writer w = { .out = &h->cast };

	buf_printf(&h->cast, "[%" PRId64 ".%03d,\"%s\",", ms / 1000, (int)(ms % 1000), kind);
	jw_string(&w, data);
	buf_str(&h->cast, STR("]\n"));
}

/* asciicast v2: no date, no host; the same replay gives the same file. */
static void
cast_head(struct headless *h)
{
	struct json_writer w = { .out = &h->cast };

	jw_object(&w);
	jw_pair_i64(&w, "version", 2);
	jw_pair_i64(&w, "width", h->o->cols);
	jw_pair_i64(&w, "height", h->o->rows);
	jw_key(&w, "env");
	jw_raw(&w, STR("{\"TERM\":\"xterm-256color\"}"));
	jw_end_object(&w);
	buf_byte(&h->cast, '\n');
}

static void
dump(struct headless *h, struct str name)
{
	unsigned rows, cols;

	if (!h->o->dump)
		return;
	canvas_size(h->canvas, &rows, &cols);
	buf_str(&h->out, STR("== "));
	safe_add(&h->out, name);
	buf_printf(&h->out, " %ux%u at %" PRId64 "\n", cols, rows, clock_mono() - h->start);
	canvas_text(h->canvas, h->o->painted, &h->out);
}

static enum err
hand_out(struct headless *h, struct error *e)
{
	enum err err = ERR_OK;

	if (h->o->cast >= 0)
		err = output_write(h->o->cast, &h->cast, h->o->cast_name, e);
	buf_clear(&h->cast);
	return err == ERR_OK ? output_write(STDOUT_FILENO, &h->out, "standard output", e) : err;
}

static void
draw(struct headless *h)
{
	replay_draw(&h->replay);
	buf_clear(&h->frame);
	canvas_frame(h->canvas, &h->frame);
	if (h->frame.n > 0)
		cast_event(h, "o", buf_view(&h->frame));
}

/* ---- the script */

static void
type_text(struct headless *h, struct str text)
{
	while (text.n > 0) {
		struct key k = { .kind = INPUT_KEY };
		size_t len;
		bool ok;

		k.code = utf8_decode(text, &len, &ok);
		text = str_skip(text, len);
		if (k.code == '\n' || k.code == '\r') {
			k.code = KEYCODE_ENTER;
		} else if (k.code == '\t') {
			k.code = KEYCODE_TAB;
		} else if (k.code == 0x1B) {
			k.code = KEYCODE_ESC;
		} else if (k.code < 0x20) {
			k.code += 'a' - 1;
			k.mods = MOD_CTRL;
		}
		replay_key(&h->replay, &k);
	}
}

static void
resize(struct headless *h, const struct keyscript_step *step)
{
	char size[32];

	snprintf(size, sizeof size, "%ux%u", step->cols, step->rows);
	canvas_resize(h->canvas, step->rows, step->cols);
	if (screen_resize(h->replay.on.screen))
		view_resize(h->replay.on.view);
	cast_event(h, "r", str_from(size));
	h->replay.dirty = true;
}

/* False: its time has not come. */
static bool
run_step(struct headless *h, const struct keyscript_step *step)
{
	switch (step->op) {
	case SCRIPT_WAIT:
		return canvas_has(h->canvas, step->text);
	case SCRIPT_AT:
		return clock_mono() - h->start >= step->ms;
	case SCRIPT_KEY:
		replay_key(&h->replay, &step->key);
		return true;
	case SCRIPT_TYPE:
		type_text(h, step->text);
		return true;
	case SCRIPT_RESIZE:
		resize(h, step);
		return true;
	case SCRIPT_DUMP:
		dump(h, step->text);
		return true;
	case SCRIPT_QUIT:
		h->replay.quit = true;
		return true;
	}
	return true;
}

/* Steps until one has to wait; each sees what the one before it made of the screen. */
static void
run_script(struct headless *h)
{
	const struct keyscript_step *step;

	while (!h->replay.quit && (step = next_step(h)) != NULL && run_step(h, step)) {
		h->step++;
		h->rest = 0;
		if (h->replay.dirty)
			draw(h);
	}
}

/* ---- time */

/* Without a pace a script could not wait for what passes by: each event is a frame then. */
static void
advance(struct headless *h)
{
	const struct keyscript_step *step = next_step(h);
	struct replay *r = &h->replay;

	if (r->speed == 0 && !r->paused && step != NULL && step->op == SCRIPT_WAIT)
		r->dirty |= playback_step(r->playback, 1);
	else
		replay_advance(r);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
next_time(const struct headless *h)
{
	const struct keyscript_step *step = next_step(h);
	int64_t until = replay_deadline(&h->replay);

	if (h->replay.dirty)
		until = earlier(until, h->replay.last_frame + REPLAY_FRAME);
	if (step != NULL && step->op == SCRIPT_AT)
		until = earlier(until, h->start + step->ms);
	return until;
}

static void
pass_time(struct headless *h, int64_t until)
{
	int64_t now = clock_mono();

	if (!h->replay.options->virtual_clock)
		loop_wait(NULL, 0, until);
	else if (until > now)
		clock_advance(until - now);
	else if (h->replay.speed > 0)
		clock_advance(1);
}

/* Nothing is left that could change the screen but what changes by itself. */
static bool
is_at_rest(struct headless *h)
{
	const struct keyscript_step *step = next_step(h);

	if (!(is_over(h) || h->replay.paused) || h->replay.dirty ||
	    (step != NULL && step->op == SCRIPT_AT))
		h->rest = 0;
	else if (h->rest == 0)
		h->rest = clock_mono();
	return next_time(h) == INT64_MAX || (h->rest != 0 && clock_mono() - h->rest >= SETTLE);
}

static enum err
play(struct headless *h, struct error *e)
{
	struct replay *r = &h->replay;
	enum err err = ERR_OK;

	while (err == ERR_OK && !r->quit) {
		int64_t now = clock_mono();

		advance(h);
		r->dirty |= view_deadline(r->on.view, now) <= now;
		if (r->dirty && (now >= r->last_frame + REPLAY_FRAME || r->speed == 0))
			draw(h);
		run_script(h);
		err = hand_out(h, e);
		if (err != ERR_OK || r->quit || is_at_rest(h))
			break;
		pass_time(h, next_time(h));
	}
	return err;
}

/* ---- all of it */

/* Neither the user's language nor his clock decides what comes out. */
static void
leave_the_place(void)
{
	setlocale(LC_ALL, "C");
	setenv("TZ", "UTC0", 1);
	tzset();
}

static enum err
open_canvas(struct headless *h, struct error *e)
{
	struct screen_options options = { .in = -1, .out = -1 };

	h->canvas = options.canvas = canvas_new(h->o->rows, h->o->cols);
	return screen_open(&h->replay.on.screen, &options, e);
}

static enum err
fail_waiting(struct headless *h, struct error *e)
{
	const struct keyscript_step *step = next_step(h);

	if (step == NULL || h->replay.quit)
		return ERR_OK;
	return error_set(e, ERR_FAILED, "%s:%u: \"%.*s\" never came", h->o->script_name, step->line,
	    STR_ARG(step->text));
}

enum err
replay_headless(const struct replay_options *options, const struct replay_headless *headless,
    struct error *e)
{
	struct headless h = { .replay.options = options, .o = headless };
	enum err err, waiting;

	leave_the_place();
	if (options->virtual_clock)
		clock_set(START, playback_recording(options->playback)->started);
	h.start = clock_mono();
	err = open_canvas(&h, e);
	if (err == ERR_OK) {
		replay_begin(&h.replay, false);
		h.replay.last_frame = h.start - REPLAY_FRAME;
		h.replay.dirty = true;
		cast_head(&h);
		err = play(&h, e);
	}
	if (err == ERR_OK) {
		dump(&h, STR("end"));
		waiting = fail_waiting(&h, e);
		err = hand_out(&h, e);
		err = err == ERR_OK ? waiting : err;
	}
	replay_done(&h.replay);
	canvas_free(h.canvas);
	buf_done(&h.out);
	buf_done(&h.cast);
	buf_done(&h.frame);
	if (options->virtual_clock)
		clock_unset();
	return err;
}
