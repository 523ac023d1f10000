#include "app/sessions.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/attach.h"
#include "app/followers.h"
#include "app/fullscreen.h"
#include "app/loop.h"
#include "app/visited.h"
#include "base/clock.h"
#include "ui/list.h"

enum {
	FRAME = 16,		/* ms, at least, between frames */
	TICK = 10000,		/* the ages of rows are told anew */
	ASK = 5000,		/* the servers are asked anew */
	SIGNALS = 1, DIRECTORY = 2, FDS = 3	/* descriptors besides the followers'; 0 is the keyboard */
};

struct sessions {
	const struct config *config;
	struct directory *directory;
	struct visited visited;
	struct screen *screen;
	struct list *list;
	struct keys keys;
	struct followers *followers;
	struct buf open, dialect;	/* the address that was chosen; how its server speaks, if known */
	struct buf problem;		/* of the last session that was opened */
	int signals, signal;
	bool dirty, blocked, quit;
	int64_t last_frame, asked;
};

/* ---- what the rows say */

/*
 * Where the server counts as weir does it is known how much is new, else only that something is. Who
 * comes and goes is not, where it was looked into.
 */
static void
compare_visit(const struct visited_session *was, int64_t records, int64_t news, struct list_row *row)
{
	const struct dialect *d = dialect_by_name(buf_view(&was->dialect));
	int64_t fresh = news >= 0 && was->news >= 0 ? news - was->news : records - (int64_t)was->records;

	if (d == NULL || (d->flags & DIALECT_EXACT) == 0) {
		row->news = row->time > was->used;
		return;
	}
	row->news = fresh > 0;
	row->unread = row->news ? (uint64_t)fresh : 0;
}

/*
 * The copy of session i that is here, NULL: none. Of two, which were read in two ways, the one that
 * holds what was not sent yet, else the one that was used last.
 */
static const struct visited_session *
find_copy(const struct sessions *s, size_t i)
{
	const struct visited_session *found = NULL;

	for (size_t k = 0; k < s->visited.n; k++) {
		const struct visited_session *v = &s->visited.v[k];

		if (directory_is(s->directory, i, buf_view(&v->address)) &&
		    (found == NULL || v->unsent > 0 || found->unsent == 0))
			found = v;
	}
	return found;
}

static struct list_row
make_row(struct sessions *s, size_t i)
{
	static const struct str names[] = {
		[SESS_UNSAID] = STR("open"), [SESS_IDLE] = STR("idle"), [SESS_BUSY] = STR("busy"),
		[SESS_RETRY] = STR("retry"), [SESS_WAITING] = STR("waits"), [SESS_LOST] = STR("lost"),
	};
	struct directory_entry e = directory_at(s->directory, i);
	struct insight look = { .records = -1, .news = -1 };
	const struct visited_session *was = find_copy(s, i);
	struct list_row row = {
		.address = was != NULL ? buf_view(&was->address) : e.address, .title = e.title.n > 0 ? e.title : e.id, .place = e.place,
		.state = e.closed ? STR("closed") : names[e.status], .time = e.time > 0 ? e.time : 0,
		.mood = e.closed ? MOOD_WAIT : MOOD_LIVE, .waits = e.status == SESS_WAITING,
	};

	if (followers_look(s->followers, e.address, &look)) {
		row.title = look.title.n > 0 ? look.title : row.title;
		/* Until it is connected to, what the server says of it is what is known. */
		if (look.mood != MOOD_WAIT || e.status == SESS_UNSAID) {
			row.state = look.state;
			row.mood = look.mood;
			row.waits = look.waits;
		}
		/* When it came here may be long after it was said: only where nobody knows better. */
		row.time = row.time > 0 ? row.time : look.time;
	}
	if (was != NULL)
		compare_visit(was, look.records >= 0 ? look.records : e.records, look.news, &row);
	return row;
}

/* One that is here, whatever its server says. */
static struct list_row
make_cached_row(const struct visited_session *v, struct buf *words)
{
	struct str address = buf_view(&v->address);
	bool unix_socket = str_starts(address, STR("unix:"));

	buf_str(words, STR("cached"));
	if (v->unsent > 0)
		buf_printf(words, ", %llu unsent", (unsigned long long)v->unsent);
	return (struct list_row){
		.address = address, .time = v->used, .mood = MOOD_WAIT, .state = buf_view(words),
		.title = v->title.n > 0 ? buf_view(&v->title) : endpoint_short(address),
		.place = unix_socket ? STR("unix") : http_url_authority(address),
	};
}

static void
say(struct sessions *s)
{
	struct buf words = { 0 };
	struct error e;

	if (s->problem.n == 0 && directory_servers(s->directory) == 0)
		buf_str(&words, STR("no server is known: start weir serve, put servers into weirrc, or try "
		    "weir demo\n"));
	for (size_t i = 0; s->problem.n == 0 && i < directory_servers(s->directory); i++)
		if (directory_trouble(s->directory, i, &e) != ERR_OK)
			buf_printf(&words, "%s\n", e.text);
	if (s->problem.n > 0)
		list_say(s->list, NOTE_ERROR, buf_view(&s->problem));
	else
		list_say(s->list, NOTE_WARN, buf_view(&words));
	buf_done(&words);
}

/* The servers' sessions, and those that are only here. */
static size_t
make_rows(struct sessions *s, struct list_row *rows, struct buf *words)
{
	size_t n = directory_count(s->directory);

	for (size_t i = 0; i < n; i++)
		rows[i] = make_row(s, i);
	for (size_t i = 0; i < s->visited.n; i++)
		if (!directory_has(s->directory, buf_view(&s->visited.v[i].address))) {
			rows[n] = make_cached_row(&s->visited.v[i], &words[n]);
			n++;
		}
	return n;
}

static void
fill(struct sessions *s)
{
	size_t most = directory_count(s->directory) + s->visited.n;
	struct list_row *rows = mem_zalloc((most + 1) * sizeof *rows);
	struct buf *words = mem_zalloc((most + 1) * sizeof *words);

	list_set(s->list, rows, make_rows(s, rows, words));
	for (size_t i = 0; i < most; i++)
		buf_done(&words[i]);
	free(rows);
	free(words);
	say(s);
}

/* ---- the loop */

static void
choose_open(struct sessions *s, struct str address)
{
	const struct visited_session *was = visited_find(&s->visited, address);

	buf_set(&s->open, address);
	buf_clear(&s->dialect);
	/* Of those on its list the server has been asked how it speaks. */
	if (was != NULL && !directory_has(s->directory, address))
		buf_set(&s->dialect, buf_view(&was->dialect));
}

static void
take_keys(struct sessions *s)
{
	struct key key;

	while (!s->quit && s->open.n == 0 && keys_next(&s->keys, clock_mono(), &key)) {
		s->dirty = true;
		if (key.kind == INPUT_REPLY) {
			screen_reply(s->screen, &key);
			continue;
		}
		buf_clear(&s->problem);
		switch (list_key(s->list, &key)) {
		case CMD_QUIT:
			s->quit = true;
			break;
		case CMD_ENTER:
			choose_open(s, list_selected(s->list));
			break;
		case CMD_RECONNECT:
			s->asked = 0;
			break;
		case CMD_SUSPEND:
			fullscreen_suspend(s->screen);
			break;
		default:
			break;
		}
	}
}

static void
read_terminal(struct sessions *s)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

	if (n > 0)
		keys_feed(&s->keys, str_of(bytes, (size_t)n), clock_mono());
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		s->quit = true;
}

static void
take_signals(struct sessions *s)
{
	int sig;

	while ((sig = loop_next_signal(s->signals)) != 0) {
		s->dirty = true;
		if (sig == SIGWINCH)
			screen_resize(s->screen);
		else if (sig == SIGTSTP)
			fullscreen_suspend(s->screen);
		else if (sig != SIGCONT) {
			s->signal = sig;
			s->quit = true;
		}
	}
}

static void
work(struct sessions *s)
{
	struct error e;
	bool listed = directory_work(s->directory);

	s->dirty |= followers_work(s->followers, s->directory, listed);
	if (s->asked == 0 || clock_mono() >= s->asked + ASK) {
		s->asked = clock_mono();
		directory_ask(s->directory);
		visited_load(&s->visited, &e);
	}
}

static int64_t
min_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
deadline(const struct sessions *s)
{
	int64_t until = min_time(directory_deadline(s->directory), keys_deadline(&s->keys));

	until = min_time(until, followers_deadline(s->followers));
	until = min_time(until, min_time(s->last_frame + TICK, s->asked + ASK));
	if (s->dirty && !s->blocked)
		until = min_time(until, s->last_frame + FRAME);
	return until;
}

static void
step(struct sessions *s)
{
	struct pollfd fds[FDS + 1 + FOLLOWERS_MAX] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		[SIGNALS] = { .fd = s->signals, .events = POLLIN },
		[DIRECTORY] = { .fd = directory_fd(s->directory), .events = POLLIN },
		[FDS] = { .fd = s->blocked ? STDOUT_FILENO : -1, .events = POLLOUT },
	};
	int64_t now;

	followers_poll(s->followers, fds + FDS + 1);
	loop_wait(fds, FDS + 1 + FOLLOWERS_MAX, deadline(s));
	if (fds[SIGNALS].revents != 0)
		take_signals(s);
	if (fds[0].revents != 0)
		read_terminal(s);
	take_keys(s);
	work(s);
	now = clock_mono();
	if ((s->blocked && fds[FDS].revents == 0) || (!s->dirty && now < s->last_frame + TICK) ||
	    now < s->last_frame + FRAME)
		return;
	fill(s);
	s->blocked = !list_draw(s->list, clock_wall());
	s->dirty = s->blocked;
	s->last_frame = now;
}

/* One visit of the list: until something is opened or the user leaves. */
static enum err
show(struct sessions *s, struct error *e)
{
	bool ascii;

	if (fullscreen_open(&s->screen, &ascii, s->config, e) != ERR_OK)
		return e->code;
	s->list = list_new(s->screen, NULL, ascii);
	fill(s);
	list_select(s->list, buf_view(&s->open));
	buf_clear(&s->open);
	s->dirty = true;
	s->last_frame = s->asked = 0;
	while (!s->quit && s->open.n == 0)
		step(s);
	followers_stop(s->followers);
	list_free(s->list);
	screen_close(s->screen);
	return ERR_OK;
}

static void
enter(struct sessions *s)
{
	struct client_options options = { .user = s->config->user };
	struct attach_result result = { 0 };
	struct access_settings settings = { .dialect = s->dialect.n > 0 ? buf_cstr(&s->dialect) : NULL };
	struct access *access = NULL;
	struct buf cache = { 0 };
	struct error e = { 0 };
	enum err err = access_open(&access, s->config, &settings, buf_cstr(&s->open), &e);

	if (err == ERR_OK)
		err = config_cache_path(&cache, &e);
	if (err == ERR_OK) {
		options.access = access;
		options.cache = buf_cstr(&cache);
		err = attach_run(&options, s->config, &result, &e);
	}
	if (err != ERR_OK)
		buf_set(&s->problem, str_from(e.text));
	s->signal = result.signal;
	s->quit = result.signal != 0;
	access_close(access);
	buf_done(&cache);
}

enum err
sessions_run(const struct config *config, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, 0 };
	struct sessions s = { .config = config, .signals = loop_signals(list, e) };
	enum err err = s.signals < 0 ? e->code : directory_open(&s.directory, config, NULL, NULL, e);

	s.followers = followers_new(config);
	while (err == ERR_OK && !s.quit) {
		err = show(&s, e);
		if (err == ERR_OK && s.open.n > 0)
			enter(&s);
	}
	if (err == ERR_OK && s.signal != 0)
		err = error_set(e, ERR_INTERRUPTED, "ended by signal %d (%s)", s.signal,
		    strsignal(s.signal));
	followers_free(s.followers);
	directory_close(s.directory);
	keys_done(&s.keys);
	visited_done(&s.visited);
	buf_done(&s.open);
	buf_done(&s.dialect);
	buf_done(&s.problem);
	if (s.signals >= 0)
		close(s.signals);
	return err;
}
