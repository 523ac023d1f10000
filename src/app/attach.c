/* weir attach: the full-screen client. */

#include "app/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/editor.h"
#include "app/loop.h"
#include "app/subcommand.h"
#include "base/clock.h"
#include "ui/keys.h"
#include "ui/view.h"

/* At most one frame in FRAME ms; resizes that come in a burst are one. */
enum { FRAME = 16, RESIZE_SETTLE = 40 };

struct attach {
	struct client *client;
	struct screen *screen;
	struct view *view;
	struct keys keys;
	struct buf words;		/* the connection in words, borrowed by the status */
	const struct config *config;
	int signals;
	bool dirty, blocked;		/* something to draw; the terminal does not take it now */
	bool quit;
	int64_t last_frame, resize_at;	/* resize_at: 0 none is pending */
	bool ticking;			/* the last frame shows what changes with time */
	int signal;
	bool store_said;
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
proof_of(enum link_state s, const struct link_stats *stats)
{
	if (stats->gaps > 0)
		return '!';
	if (stats->proven && (s == LINK_LIVE || s == LINK_CLOSED))
		return '=';
	return '~';
}

/* The last part of the address: the path before it is the same for all sessions of a server. */
static struct str
short_name(const struct client *c)
{
	struct str name = str_from(client_name(c)), rest = name;

	while (rest.p != NULL) {
		struct str part = str_cut(rest, '/', &rest);

		if (part.n > 0)
			name = part;
	}
	return name;
}

static struct status
make_status(struct attach *a)
{
	const struct link *link = client_link(a->client);
	const struct link_stats *stats = link_stats(link);
	enum link_state state = link_state(link);
	uint64_t applied = client_proof(a->client).records;

	buf_clear(&a->words);
	link_words(link, &a->words);
	return (struct status){
		.name = short_name(a->client),
		.connection = buf_view(&a->words),
		.mood = mood_of(state),
		.proof = proof_of(state, stats),
		.received = stats->received,
		.applied = applied,
		.head = stats->proven ? applied : 0,
		.duplicates = stats->duplicates,
		.gaps = stats->gaps,
		.resumes = stats->resumes,
		.rate = client_rate(a->client),
		.pending = client_unsent(a->client),
		.now = clock_wall(),
		.session = client_session(a->client),
	};
}

/* What a person did. */

static void
show_stats(struct attach *a)
{
	const struct link_stats *l = link_stats(client_link(a->client));
	const struct screen_stats *s = screen_stats(a->screen);
	const struct session *session = client_session(a->client);
	struct buf t = { 0 };

	buf_printf(&t, "address      %s\nstate        %s\nlast end     %s\n", client_name(a->client),
	    link_state_name(link_state(client_link(a->client))), *l->reason != '\0' ? l->reason : "none");
	buf_printf(&t, "received     %" PRIu64 "\napplied      %" PRIu64 "\nduplicates   %" PRIu64
	    " dropped\ngaps         %" PRIu64 "\nresumes      %" PRIu64 "\nbytes        %" PRIu64 "\n",
	    l->received, client_proof(a->client).records, l->duplicates, l->gaps, l->resumes, l->bytes);
	buf_printf(&t, "events       %" PRIu64 " folded, %" PRIu64 " unknown\nitems        %zu\n",
	    session->events, session->unknown, session->nitems);
	buf_printf(&t, "frames       %" PRIu64 " drawn, %" PRIu64 " skipped, %" PRIu64 " rows\n",
	    s->frames, s->skipped, s->rows);
	view_page(a->view, "statistics", buf_view(&t));
	buf_done(&t);
}

/* weir's own remarks, the ones about errors too, in the order they were made. */
static void
show_messages(struct attach *a)
{
	const struct session *s = client_session(a->client);
	struct buf t = { 0 };

	for (size_t i = 0; i < s->nitems; i++) {
		const struct item *it = s->items[i];
		char when[9];

		if (it->kind != ITEM_NOTE)
			continue;
		clock_hms(it->time, when);
		buf_printf(&t, "%s  ", when);
		buf_str(&t, buf_view(&it->text));
		buf_byte(&t, '\n');
	}
	view_page(a->view, "messages", t.n > 0 ? buf_view(&t) : STR("Nothing went wrong so far.\n"));
	buf_done(&t);
}

/* tmux would take the text for itself, or show it: there it must be asked for. */
static bool
may_copy(const struct attach *a)
{
	if (a->config->clipboard != NULL)
		return strcmp(a->config->clipboard, "on") == 0;
	return getenv("TMUX") == NULL;
}

static void
copy(struct attach *a, struct str text)
{
	if (!may_copy(a))
		view_say(a->view, NOTE_WARN, "copying is off here; clipboard = on in weirrc allows it");
	else if (!screen_copy(a->screen, text))
		view_say(a->view, NOTE_WARN, "too long to copy: %zu bytes", text.n);
	else
		view_say(a->view, NOTE_INFO, "copied as shown, %zu bytes", text.n);
}

static void
send_text(struct attach *a, struct str text)
{
	struct error e = { 0 };

	if (client_input(a->client, text, &e) == ERR_OK)
		return;
	view_set_draft(a->view, text);
	view_say(a->view, NOTE_ERROR, "%s", e.text);
}

static void
send_answer(struct attach *a, const struct view_request *r)
{
	struct error e = { 0 };

	if (client_answer(a->client, buf_view(&r->ask->id), r->answer, r->text, &e) != ERR_OK)
		view_say(a->view, NOTE_ERROR, "%s", e.text);
}

static void
suspend(struct attach *a)
{
	screen_suspend(a->screen);
	/* Not SIGTSTP, which is blocked: the process group stops as the shell expects. */
	kill(0, SIGSTOP);
	screen_resume(a->screen);
	view_resize(a->view);
	a->dirty = true;
}

static void
edit_elsewhere(struct attach *a, struct str draft)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	enum err err;

	buf_str(&text, draft);
	screen_suspend(a->screen);
	err = editor_run(&text, &e);
	screen_resume(a->screen);
	view_resize(a->view);
	view_set_draft(a->view, err == ERR_OK ? buf_view(&text) : draft);
	if (err != ERR_OK)
		view_say(a->view, NOTE_ERROR, "%s", e.text);
	buf_done(&text);
}

static void
run_command(struct attach *a, enum command c, const struct view_request *r)
{
	struct error e = { 0 };

	switch (c) {
	case CMD_QUIT:
		a->quit = true;
		break;
	case CMD_SEND:
		send_text(a, r->text);
		break;
	case CMD_ANSWER:
		send_answer(a, r);
		break;
	case CMD_STOP:
		if (client_stop_agent(a->client, &e) != ERR_OK)
			view_say(a->view, NOTE_ERROR, "%s", e.text);
		break;
	case CMD_RECONNECT:
		link_reconnect(client_link(a->client));
		break;
	case CMD_SUSPEND:
		suspend(a);
		break;
	case CMD_EDITOR:
		edit_elsewhere(a, r->text);
		break;
	case CMD_MESSAGES:
		show_messages(a);
		break;
	case CMD_STATS:
		show_stats(a);
		break;
	case CMD_COPY:
		copy(a, r->text);
		break;
	case CMD_LINE:
		view_say(a->view, NOTE_WARN, "%.*s: no such command; ? shows them", STR_ARG(r->text));
		break;
	default:
		break;
	}
}

static void
take_keys(struct attach *a)
{
	struct view_request request;
	struct key key;

	while (!a->quit && keys_next(&a->keys, clock_mono(), &key)) {
		if (key.kind == INPUT_REPLY) {
			a->dirty |= screen_reply(a->screen, &key);
			continue;
		}
		run_command(a, view_key(a->view, &key, clock_mono(), &request), &request);
		a->dirty = true;
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
		else if (s == SIGTSTP)
			suspend(a);
		else if (s != SIGCONT) {
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

	if (client_work(a->client, &changed, &e) != ERR_OK && !a->store_said) {
		a->store_said = true;
		session_note(client_session(a->client), NOTE_ERROR, clock_wall(),
		    "Nothing more is kept on disk: %s", e.text);
		changed = true;
	}
	if (client_rejected(a->client, &text))
		view_set_draft(a->view, buf_view(&text));
	a->dirty |= changed;
	buf_done(&text);
}

static void
draw(struct attach *a)
{
	struct status status = make_status(a);
	int64_t now = clock_mono();

	a->blocked = !view_draw(a->view, &status, now);
	a->dirty = a->blocked;
	a->last_frame = now;
	a->ticking = status.rate >= 0 || link_state(client_link(a->client)) == LINK_WAITING;
}

static int64_t
min_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Seconds until the next try and the rate of a stream change by themselves. */
static int64_t
clock_tick(const struct attach *a)
{
	return a->ticking ? a->last_frame + 1000 : INT64_MAX;
}

static void
step(struct attach *a)
{
	int64_t now = clock_mono(), until = client_deadline(a->client);
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = a->signals, .events = POLLIN },
		{ .fd = client_fd(a->client), .events = POLLIN },
		{ .fd = a->blocked ? STDOUT_FILENO : -1, .events = POLLOUT },
	};

	until = min_time(until, keys_deadline(&a->keys));
	until = min_time(until, view_deadline(a->view, now));
	until = min_time(until, clock_tick(a));
	if (a->resize_at != 0)
		until = min_time(until, a->resize_at);
	if (a->dirty && !a->blocked)
		until = min_time(until, a->last_frame + FRAME);
	loop_wait(fds, sizeof fds / sizeof fds[0], until);

	take_signals(a);
	if (fds[0].revents != 0)
		read_terminal(a);
	else
		take_keys(a);
	work(a);
	now = clock_mono();
	if (a->resize_at != 0 && now >= a->resize_at) {
		a->resize_at = 0;
		if (screen_resize(a->screen))
			view_resize(a->view);
		a->dirty = true;
	}
	a->dirty |= now >= view_deadline(a->view, now) || now >= clock_tick(a);
	if (a->blocked && fds[3].revents == 0)
		return;
	if (a->dirty && now >= a->last_frame + FRAME && !a->quit)
		draw(a);
}

static enum err
open_screen(struct attach *a, const struct config *config, bool read_only, struct error *e)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_options options = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.no_color = no_color != NULL && *no_color != '\0',
	};
	struct theme theme;
	bool utf8 = screen_locale();

	if (config->theme != NULL) {
		struct buf dir = { 0 };

		config_theme_dir(&dir);
		enum err err = theme_load(&theme, config->theme, buf_cstr(&dir), e);
		buf_done(&dir);
		if (err != ERR_OK)
			return err;
		options.theme = &theme;
	}
	if (screen_open(&a->screen, &options, e) != ERR_OK)
		return e->code;
	screen_guard();
	a->view = view_new(a->screen, &(struct view_options){ .ascii = !utf8, .read_only = read_only });
	view_session(a->view, client_session(a->client));
	return ERR_OK;
}

static void
finish(struct attach *a, struct attach_result *result)
{
	const struct link_stats *stats;

	if (result == NULL || a->client == NULL)
		return;
	stats = link_stats(client_link(a->client));
	*result = (struct attach_result){ client_proof(a->client), stats->resumes, stats->duplicates,
	    a->signal };
}

enum err
attach_run(const struct client_options *options, const struct config *config,
    struct attach_result *result, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, 0 };
	struct attach a = { .config = config, .signals = loop_signals(list, e) };
	enum err err;

	if (a.signals < 0)
		return e->code;
	err = client_open(&a.client, options, e);
	if (err == ERR_OK)
		err = open_screen(&a, config, options->read_only, e);
	if (err != ERR_OK)
		goto out;
	/* What the cache holds is on screen before the network is even set up. */
	draw(&a);
	err = client_connect(a.client, e);
	while (err == ERR_OK && !a.quit)
		step(&a);
	if (err == ERR_OK && a.signal != 0)
		err = error_set(e, ERR_INTERRUPTED, "ended by signal %d (%s)", a.signal,
		    strsignal(a.signal));
	finish(&a, result);
out:
	view_free(a.view);
	screen_close(a.screen);
	client_close(a.client);
	keys_done(&a.keys);
	buf_done(&a.words);
	close(a.signals);
	return err;
}

struct options {
	const char *read_only, *no_cache;
};

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct client_options options = { 0 };
	struct buf cache = { 0 };
	struct config config;
	int first;
	enum err err;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1)
		return error_set(e, ERR_USAGE, "weir attach wants one address; see weir attach --help");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(e, ERR_USAGE, "weir attach needs a terminal; use weir tail %s",
		    argv[first]);
	err = config_load(&config, e);
	if (err == ERR_OK && o.no_cache == NULL)
		err = config_cache_path(&cache, e);
	if (err == ERR_OK) {
		options = (struct client_options){ .url = argv[first], .user = config.user,
		    .read_only = o.read_only != NULL };
		options.cache = o.no_cache == NULL ? buf_cstr(&cache) : NULL;
		err = attach_run(&options, &config, NULL, e);
	}
	config_done(&config);
	buf_done(&cache);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "read-only", 'r', NULL, "look only: nothing can be sent", offsetof(struct options, read_only) },
	{ "no-cache", 0, NULL, "keep nothing on disk, read the session from its start",
	    offsetof(struct options, no_cache) },
	{ 0 }
};

const struct subcommand subcommand_attach = {
	.name = "attach",
	.synopsis = "[-r] [--no-cache] URL",
	.summary = "Follow a session on the whole screen and take part in it",
	.options = option_table,
	.run = run,
};
