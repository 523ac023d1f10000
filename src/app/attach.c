/* weir attach: the full-screen client. */

#include "app/attach.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/actions.h"
#include "app/fullscreen.h"
#include "app/loop.h"
#include "app/manage.h"
#include "app/status_file.h"
#include "app/subcommand.h"
#include "base/clock.h"
#include "ui/keys.h"

/* At most one frame in FRAME ms; resizes that come in a burst are one. */
enum { FRAME = 16, RESIZE_SETTLE = 40 };

struct attach {
	struct actions on;
	struct keys keys;
	struct buf words;		/* the connection in words, borrowed by the status */
	int signals;
	bool dirty, blocked;		/* something to draw; the terminal does not take it now */
	bool typed;			/* what a key did is drawn at once */
	bool quit;
	int64_t last_frame, resize_at;	/* resize_at: 0 none is pending */
	bool ticking;			/* the last frame shows what changes with time */
	int64_t last_people;		/* the server's time of the last frame */
	int signal;
	bool store_said;
	struct status_writer writer;	/* for status bars */
};

static enum mood
mood_of(enum link_state s)
{
	switch (s) {
	case LINK_LIVE:
	case LINK_CLOSED:
		return MOOD_LIVE;
	case LINK_GONE:
	case LINK_NEEDS_TOKEN:
	case LINK_FAILED:
		return MOOD_BAD;
	default:
		return MOOD_WAIT;
	}
}

static char
proof_of(enum link_state s, const struct link_stats *stats, const struct dialect *d)
{
	if (stats->gaps > 0)
		return '!';
	if ((d->flags & DIALECT_PROVES_HEAD) == 0)
		return '?';
	if (stats->proven && (s == LINK_LIVE || s == LINK_CLOSED))
		return '=';
	return '~';
}

static struct status
make_status(struct attach *a)
{
	const struct link *link = client_link(a->on.client);
	const struct link_stats *stats = link_stats(link);
	enum link_state state = link_state(link);
	uint64_t applied = client_proof(a->on.client).records;

	buf_clear(&a->words);
	client_words(a->on.client, &a->words);
	return (struct status){
		.name = endpoint_short(str_from(client_name(a->on.client))),
		.connection = buf_view(&a->words),
		.mood = mood_of(state),
		.proof = proof_of(state, stats, client_dialect(a->on.client)),
		.received = stats->received,
		.applied = applied,
		.head = stats->proven ? applied : 0,
		.duplicates = stats->duplicates,
		.gaps = stats->gaps,
		.resumes = stats->resumes,
		.rate = client_rate(a->on.client),
		.agent = client_agent(a->on.client),
		.model = client_model(a->on.client),
		.pending = client_unsent(a->on.client),
		.now = clock_wall() + stats->skew,
		.session = client_session(a->on.client),
	};
}

static void
take_keys(struct attach *a)
{
	struct view_request request;
	enum command command;
	struct key key;

	while (!a->quit && keys_next(&a->keys, clock_mono(), &key)) {
		if (key.kind == INPUT_REPLY) {
			a->dirty |= screen_reply(a->on.screen, &key);
			continue;
		}
		command = view_key(a->on.view, &key, clock_mono(), &request);
		a->quit = !actions_run(&a->on, command, &request);
		a->dirty = a->typed = true;
	}
}

/* EOF: the terminal has gone away. */
static void
read_terminal(struct attach *a)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

	if (n > 0)
		keys_feed(&a->keys, str_of(bytes, (size_t)n), clock_mono());
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		a->quit = true;
	take_keys(a);
}

static void
take_signals(struct attach *a)
{
	int s;

	while ((s = loop_next_signal(a->signals)) != 0) {
		if (s == SIGWINCH)
			a->resize_at = clock_mono() + RESIZE_SETTLE;
		else if (s == SIGTSTP) {
			actions_suspend(&a->on);
			a->dirty = true;
		} else if (s != SIGCONT) {
			a->signal = s;
			a->quit = true;
		}
	}
}

static void
work(struct attach *a)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	bool changed;

	if (client_work(a->on.client, &changed, &e) != ERR_OK && !a->store_said) {
		a->store_said = true;
		session_note(client_session(a->on.client), NOTE_ERROR, clock_wall(),
		    "Nothing more is kept on disk: %s", e.text);
		changed = true;
	}
	manage_work(a->on.client, a->on.view, &a->on.made);
	if (client_rejected(a->on.client, &text))
		view_set_draft(a->on.view, buf_view(&text));
	a->dirty |= changed;
	buf_done(&text);
}

static void
draw(struct attach *a)
{
	struct status status = make_status(a);
	int64_t now = clock_mono();

	status_writer_update(&a->writer, a->on.client, true);
	a->blocked = !view_draw(a->on.view, &status, now);
	a->dirty = a->blocked;
	/* Where the person is when a key has done it, not what the agent does to the screen. */
	if (a->typed)
		client_move(a->on.client, view_writes(a->on.view), (int64_t)view_reads(a->on.view));
	a->typed = false;
	a->last_frame = now;
	a->last_people = status.now;
	a->ticking = status.rate >= 0 || link_state(client_link(a->on.client)) == LINK_WAITING ||
	    status.session->status == SESS_RETRY;
}

static int64_t
min_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When somebody of whom nothing was heard is not here any more. */
static int64_t
people_tick(const struct attach *a)
{
	int64_t now = clock_wall() + link_stats(client_link(a->on.client))->skew;
	int64_t until = session_here_until(client_session(a->on.client), a->last_people);

	return until == INT64_MAX ? until : clock_mono() + until - now;
}

/* Seconds until the next try, of weir or of the agent, and the rate of a stream change by themselves. */
static int64_t
clock_tick(const struct attach *a)
{
	return a->ticking ? a->last_frame + 1000 : people_tick(a);
}

/*
 * When there is something to do that no descriptor tells of. A frame that is due waits for its turn,
 * and while the terminal takes none, for the terminal.
 */
static int64_t
deadline(const struct attach *a, int64_t view_due)
{
	int64_t until = min_time(client_deadline(a->on.client), keys_deadline(&a->keys));
	int64_t frame = a->dirty ? 0 : min_time(view_due, clock_tick(a));

	until = min_time(until, status_writer_due(&a->writer));
	if (a->resize_at != 0)
		until = min_time(until, a->resize_at);
	if (frame < a->last_frame + FRAME)
		frame = a->last_frame + FRAME;
	return a->blocked ? until : min_time(until, frame);
}

static void
settle_size(struct attach *a, int64_t now)
{
	if (a->resize_at == 0 || now < a->resize_at)
		return;
	a->resize_at = 0;
	if (screen_resize(a->on.screen))
		view_resize(a->on.view);
	a->dirty = true;
}

static void
step(struct attach *a)
{
	int64_t now = clock_mono(), view_due = view_deadline(a->on.view, now), until;
	/* What arrives can wait for the next frame that may be drawn: one turn a frame, and one commit,
	 * not one a token. */
	bool can_wait = !a->blocked && client_drained(a->on.client) &&
	    (a->dirty || now < a->last_frame + FRAME);
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = a->signals, .events = POLLIN },
		{ .fd = can_wait ? -1 : client_fd(a->on.client), .events = POLLIN },
		{ .fd = a->blocked ? STDOUT_FILENO : -1, .events = POLLOUT },
	};

	until = deadline(a, view_due);
	if (can_wait)
		until = min_time(until, a->last_frame + FRAME);
	loop_wait(fds, sizeof fds / sizeof fds[0], until);
	if (fds[1].revents != 0)
		take_signals(a);
	if (fds[0].revents != 0)
		read_terminal(a);
	else
		take_keys(a);
	if (a->typed && !a->blocked && !a->quit)
		draw(a);
	work(a);
	now = clock_mono();
	settle_size(a, now);
	if (now >= status_writer_due(&a->writer))
		status_writer_update(&a->writer, a->on.client, true);
	a->dirty |= now >= min_time(view_due, clock_tick(a));
	if (a->blocked && fds[3].revents == 0)
		return;
	if (a->dirty && now >= a->last_frame + FRAME && !a->quit)
		draw(a);
}

static enum err
open_screen(struct attach *a, const struct config *config, bool read_only, struct error *e)
{
	struct view_options options = { .read_only = read_only, .user = config->user };

	if (fullscreen_open(&a->on.screen, &options.ascii, config, e) != ERR_OK)
		return e->code;
	a->on.view = view_new(a->on.screen, &options);
	view_session(a->on.view, client_session(a->on.client));
	return ERR_OK;
}

static void
finish(struct attach *a, struct attach_result *result)
{
	const struct link_stats *stats;

	if (result == NULL || a->on.client == NULL)
		return;
	stats = link_stats(client_link(a->on.client));
	*result = (struct attach_result){ client_proof(a->on.client), stats->resumes, stats->duplicates,
	    a->signal };
}

/* The paths of the sessions that led to one, the last is where it was reached from. */
struct trail {
	struct buf *v;
	size_t n, cap;
};

static void
trail_done(struct trail *t)
{
	while (t->n > 0)
		buf_done(&t->v[--t->n]);
	free(t->v);
}

static void
move_on(struct trail *t, const struct actions *on, const struct client_options *o)
{
	if (!on->back) {
		t->v = mem_grow(t->v, t->n, &t->cap, sizeof *t->v);
		t->v[t->n] = (struct buf){ 0 };
		buf_str(&t->v[t->n++], endpoint_target(access_endpoint(o->access)));
	} else if (t->n > 0) {
		buf_done(&t->v[--t->n]);
	}
	access_go_to(o->access, buf_view(&on->next));
}

/* One session, until it is left; *again: for another, which `options` lead to now. */
static enum err
visit(const struct client_options *options, const struct config *config,
    struct attach_result *result, struct trail *trail, bool *again, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, 0 };
	struct attach a = { .on.config = config, .signals = loop_signals(list, e) };
	struct client_options o = *options;
	enum err err;

	if (a.signals < 0)
		return e->code;
	if (trail->n > 0)
		a.on.from = buf_view(&trail->v[trail->n - 1]);
	/* What an agent does elsewhere is answered there. */
	o.read_only |= o.access != NULL && endpoint_is_agent(access_endpoint(o.access));
	o.announce = !o.read_only && (config->presence == NULL || strcmp(config->presence, "off") != 0);
	err = client_open(&a.on.client, &o, e);
	if (err == ERR_OK)
		err = open_screen(&a, config, o.read_only, e);
	if (err != ERR_OK)
		goto out;
	/* What the cache holds is on screen before the network is even set up. */
	draw(&a);
	err = client_connect(a.on.client, e);
	while (err == ERR_OK && !a.quit)
		step(&a);
	if (err == ERR_OK && a.signal != 0)
		err = error_set(e, ERR_INTERRUPTED, "ended by signal %d (%s)", a.signal,
		    strsignal(a.signal));
	finish(&a, result);
	*again = err == ERR_OK && a.on.next.n > 0 && o.access != NULL;
out:
	view_free(a.on.view);
	screen_close(a.on.screen);
	status_writer_done(&a.writer);
	client_close(a.on.client);
	if (*again)
		move_on(trail, &a.on, &o);
	keys_done(&a.keys);
	buf_done(&a.words);
	buf_done(&a.on.made);
	buf_done(&a.on.next);
	close(a.signals);
	return err;
}

enum err
attach_run(const struct client_options *options, const struct config *config,
    struct attach_result *result, struct error *e)
{
	struct client_options o = *options;
	struct trail trail = { 0 };
	bool again = false;
	enum err err;

	while ((err = visit(&o, config, result, &trail, &again, e)) == ERR_OK && again) {
		/* These were meant for the first. */
		o.from = NULL;
		o.at = NULL;
		again = false;
	}
	trail_done(&trail);
	return err;
}

struct options {
	struct access_settings access;
	const char *read_only, *no_cache, *no_presence, *from;
};

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct client_options options = { 0 };
	struct access *access = NULL;
	struct buf cache = { 0 };
	struct store_limits limits;
	struct config config;
	bool cached;
	int first;
	enum err err;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1)
		return error_set(e, ERR_USAGE, "weir attach wants one address; see weir attach --help");
	cached = o.no_cache == NULL && o.from == NULL;
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = access_open(&access, &config, &o.access, argv[first], e);
	if (err == ERR_OK && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		err = error_set(e, ERR_USAGE, "weir attach needs a terminal; use weir tail %s", argv[first]);
	if (err == ERR_OK && cached)
		err = config_cache_path(&cache, e);
	if (err == ERR_OK)
		err = config_cache_limits(&config, NULL, NULL, &limits, e);
	if (o.no_presence != NULL)
		config.presence = "off";
	if (err == ERR_OK) {
		options = (struct client_options){ .access = access, .user = config.user,
		    .read_only = o.read_only != NULL, .from = o.from };
		options.cache = cached ? buf_cstr(&cache) : NULL;
		options.cache_limits = &limits;
		err = attach_run(&options, &config, NULL, e);
	}
	access_close(access);
	config_done(&config);
	buf_done(&cache);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "read-only", 'r', NULL, "look only: nothing can be sent", offsetof(struct options, read_only) },
	{ "no-presence", 0, NULL, "the others in the session are not told that you are here",
	    offsetof(struct options, no_presence) },
	{ "no-cache", 0, NULL, "keep nothing on disk, read the session from its start",
	    offsetof(struct options, no_cache) },
	{ "from", 0, "OFFSET", "begin behind this offset, or \"now\"; keeps nothing on disk",
	    offsetof(struct options, from) },
	{ 0 }
};

const struct subcommand subcommand_attach = {
	.name = "attach",
	.synopsis = "[-r] [--no-presence] [--no-cache] [--from OFFSET] URL",
	.summary = "Follow a session on the whole screen and take part in it",
	.options = option_table,
	.connects = true,
	.run = run,
};
