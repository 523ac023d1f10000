#include <inttypes.h>

#include "app/replay_parts.h"
#include "base/clock.h"

enum { SEEK_MS = 5000, TICK_MS = 1000 };

static const double slowest = 0.125, fastest = 64;

static bool
is_over(const struct replay *r)
{
	return playback_next(r->playback) == INT64_MAX;
}

/* ---- time */

int64_t
replay_position(const struct replay *r)
{
	if (r->paused)
		return r->from_at;
	if (r->speed == 0)
		return INT64_MAX;
	return r->from_at + (int64_t)((double)(clock_mono() - r->from) * r->speed);
}

int64_t
replay_when(const struct replay *r, int64_t position)
{
	int64_t when;

	if (position == INT64_MAX || r->paused)
		return INT64_MAX;
	if (r->speed == 0 || position <= r->from_at)
		return clock_mono();
	when = r->from + (int64_t)((double)(position - r->from_at) / r->speed);
	/* Rounded up: at that time it is due. */
	return r->from_at + (int64_t)((double)(when - r->from) * r->speed) < position ? when + 1 : when;
}

static void
go_on_from(struct replay *r, int64_t position)
{
	r->from = clock_mono();
	r->from_at = position > 0 ? position : 0;
}

/* Where it is for whoever looks on: behind the end there is nothing. */
static int64_t
shown_position(const struct replay *r)
{
	int64_t at = replay_position(r), length = playback_length(r->playback);

	return at < length ? at : length;
}

void
replay_advance(struct replay *r)
{
	int64_t next = playback_next(r->playback), at = replay_position(r);

	if (!r->paused && next != INT64_MAX && next <= at)
		r->dirty |= playback_seek(r->playback, at);
}

static void
set_speed(struct replay *r, double speed)
{
	go_on_from(r, shown_position(r));
	r->speed = speed < slowest ? slowest : speed > fastest ? fastest : speed;
}

static void
pause_or_go(struct replay *r)
{
	go_on_from(r, r->paused ? playback_at(r->playback) : shown_position(r));
	r->paused = !r->paused;
}

static void
step(struct replay *r, int direction)
{
	if (!playback_step(r->playback, direction))
		view_say(r->on.view, NOTE_INFO, direction > 0 ? "this is the end" : "this is the start");
	r->paused = true;
	go_on_from(r, playback_at(r->playback));
}

static void
seek(struct replay *r, int64_t by)
{
	int64_t to = shown_position(r) + by, length = playback_length(r->playback);

	to = to < 0 ? 0 : to > length ? length : to;
	playback_seek(r->playback, to);
	if (r->speed == 0)
		r->paused = true;
	go_on_from(r, to);
}

/* ---- keys */

static bool
run_time(struct replay *r, enum command c)
{
	switch (c) {
	case CMD_PAUSE:
		pause_or_go(r);
		return true;
	case CMD_STEP:
		step(r, 1);
		return true;
	case CMD_STEP_BACK:
		step(r, -1);
		return true;
	case CMD_SEEK:
		seek(r, SEEK_MS);
		return true;
	case CMD_SEEK_BACK:
		seek(r, -SEEK_MS);
		return true;
	case CMD_FASTER:
	case CMD_SLOWER:
		set_speed(r, c == CMD_FASTER ? (r->speed == 0 ? fastest : r->speed * 2) :
		    (r->speed == 0 ? fastest : r->speed / 2));
		return true;
	default:
		return false;
	}
}

static void
show_stats(struct replay *r)
{
	const struct playback_stats *p = playback_stats(r->playback);
	const struct recording *recording = playback_recording(r->playback);
	struct buf t = { 0 };

	buf_printf(&t, "dialect      %.*s\naddress      %.*s\nlength       %" PRId64 " ms\n",
	    STR_ARG(buf_view(&recording->dialect)), STR_ARG(buf_view(&recording->url)),
	    playback_length(r->playback));
	buf_printf(&t, "received     %" PRIu64 "\napplied      %" PRIu64 "\nduplicates   %" PRIu64
	    " dropped\nresumes      %" PRIu64 "\nbroken       %u\n", p->received, p->applied,
	    p->duplicates, p->resumes, p->broken);
	buf_printf(&t, "md_mismatch  %u\n", view_mismatches(r->on.view));
	view_page(r->on.view, "statistics", buf_view(&t));
	buf_done(&t);
}

static void
run(struct replay *r, enum command c, const struct view_request *request)
{
	switch (c) {
	case CMD_SEND:
		view_set_draft(r->on.view, request->text);
		view_say(r->on.view, NOTE_WARN, "a replay sends nothing");
		break;
	case CMD_GO:
	case CMD_RETURN:
		view_say(r->on.view, NOTE_WARN, "a replay is of one session");
		break;
	case CMD_ANSWER:
	case CMD_STOP:
	case CMD_RECONNECT:
		view_say(r->on.view, NOTE_WARN, "a replay answers nothing: nobody would hear it");
		break;
	case CMD_MESSAGES:
		actions_messages(r->on.view, playback_session(r->playback), NULL);
		break;
	case CMD_STATS:
		show_stats(r);
		break;
	case CMD_AGENTS:
		actions_agents(r->on.view, playback_session(r->playback));
		break;
	default:
		if (!run_time(r, c))
			r->quit = !actions_run(&r->on, c, request);
		break;
	}
}

void
replay_key(struct replay *r, const struct key *k)
{
	struct view_request request;
	enum command c = view_key(r->on.view, k, clock_mono(), &request);

	run(r, c, &request);
	r->dirty = true;
}

/* ---- drawing */

static void
add_time(struct buf *out, int64_t ms)
{
	buf_printf(out, "%" PRId64 ":%02d", ms / 60000, (int)(ms / 1000 % 60));
}

static void
describe(struct replay *r)
{
	struct buf *w = &r->words;

	buf_clear(w);
	buf_str(w, r->paused ? STR("paused at ") : is_over(r) ? STR("played ") : STR("replay "));
	add_time(w, shown_position(r));
	buf_str(w, STR(" of "));
	add_time(w, playback_length(r->playback));
	if (r->speed == 0)
		buf_str(w, STR(", as fast as it goes"));
	else if (r->speed != 1)
		buf_printf(w, ", %g times as fast", r->speed);
	if (playback_is_cut(r->playback))
		buf_str(w, STR(", cut"));
}

void
replay_draw(struct replay *r)
{
	const struct playback_stats *stats = playback_stats(r->playback);
	struct status status = {
		.name = playback_name(r->playback),
		.mood = r->paused || playback_is_cut(r->playback) ? MOOD_WAIT : MOOD_LIVE,
		.proof = is_over(r) ? '=' : '~',
		.received = stats->received,
		.applied = stats->applied,
		.head = is_over(r) ? stats->applied : 0,
		.duplicates = stats->duplicates,
		.resumes = stats->resumes,
		.rate = -1,
		.now = clock_wall(),
		.session = playback_session(r->playback),
	};

	describe(r);
	status.connection = buf_view(&r->words);
	r->blocked = !view_draw(r->on.view, &status, clock_mono());
	r->dirty = r->blocked;
	r->last_frame = clock_mono();
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
replay_deadline(const struct replay *r)
{
	int64_t until = replay_when(r, playback_next(r->playback));
	int64_t drawing = view_deadline(r->on.view, clock_mono());

	/* What is due to be drawn waits for the next frame. */
	if (drawing < r->last_frame + REPLAY_FRAME)
		drawing = r->last_frame + REPLAY_FRAME;
	until = earlier(until, drawing);
	/* The time that is shown goes on by itself. */
	if (!r->paused && !is_over(r))
		until = earlier(until, r->last_frame + TICK_MS);
	return until;
}

void
replay_begin(struct replay *r, bool ascii)
{
	r->playback = r->options->playback;
	r->speed = r->options->speed;
	r->on.config = r->options->config;
	r->on.view = view_new(r->on.screen, &(struct view_options){ .ascii = ascii, .replay = true });
	view_session(r->on.view, playback_session(r->playback));
	go_on_from(r, 0);
}

void
replay_done(struct replay *r)
{
	view_free(r->on.view);
	screen_close(r->on.screen);
	buf_done(&r->words);
}
