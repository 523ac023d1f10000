#include "app/sessions.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/attach.h"
#include "app/directory.h"
#include "app/fullscreen.h"
#include "app/loop.h"
#include "base/clock.h"
#include "ui/list.h"

enum {
	FRAME = 16,		/* ms, at least, between frames */
	TICK = 10000,		/* the ages of rows are told anew */
	ASK = 5000,		/* the servers are asked anew */
	FOLLOWED = 16,		/* sessions that are followed for their state */
	SIGNALS = 1, DIRECTORY = 2, FDS = 3	/* descriptors besides theirs; 0 is the keyboard */
};

/* A session that is followed: what is in it is known, not only that it is there. */
struct follower {
	struct buf address;
	struct access *access;
	struct client *client;
	bool wanted;
};

struct sessions {
	const struct config *config;
	struct directory *directory;
	struct screen *screen;
	struct list *list;
	struct keys keys;
	struct follower followers[FOLLOWED];
	size_t nfollowers;
	struct buf open;		/* the address that was chosen */
	struct buf problem;		/* of the last session that was opened */
	int signals, signal;
	bool dirty, blocked, quit;
	int64_t last_frame, asked;
};

/* ---- who is followed */

static struct follower *
follower_of(struct sessions *s, struct str address)
{
	for (size_t i = 0; i < s->nfollowers; i++)
		if (str_eq(buf_view(&s->followers[i].address), address))
			return &s->followers[i];
	return NULL;
}

static void
unfollow(struct sessions *s, struct follower *f)
{
	client_close(f->client);
	access_close(f->access);
	buf_done(&f->address);
	*f = s->followers[--s->nfollowers];
}

/* Read only and in memory: what is unread stays so, and whoever has the session open keeps its copy. */
static void
follow(struct sessions *s, struct str address)
{
	struct follower *f = &s->followers[s->nfollowers];
	struct client_options options = { .user = s->config->user, .read_only = true };
	struct error e;

	*f = (struct follower){ .wanted = true };
	buf_set(&f->address, address);
	if (access_open(&f->access, s->config, NULL, buf_cstr(&f->address), &e) == ERR_OK) {
		options.access = f->access;
		if (client_open(&f->client, &options, &e) == ERR_OK)
			client_connect(f->client, &e);
	}
	s->nfollowers++;
}

static int
newest_first(const void *a, const void *b)
{
	const struct directory_entry *x = a, *y = b;

	if (x->closed != y->closed)
		return x->closed ? 1 : -1;
	return x->time == y->time ? 0 : x->time > y->time ? -1 : 1;
}

/* Those that are open, the newest first. */
static void
choose(struct sessions *s)
{
	size_t n = directory_count(s->directory), most;
	struct directory_entry *all = mem_zalloc((n + 1) * sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = directory_at(s->directory, i);
	qsort(all, n, sizeof *all, newest_first);
	for (most = 0; most < n && most < FOLLOWED && !all[most].closed; most++)
		;
	for (size_t i = 0; i < s->nfollowers; i++)
		s->followers[i].wanted = false;
	for (size_t i = 0; i < most; i++) {
		struct follower *f = follower_of(s, all[i].address);

		if (f != NULL)
			f->wanted = true;
	}
	for (size_t i = s->nfollowers; i-- > 0;)
		if (!s->followers[i].wanted)
			unfollow(s, &s->followers[i]);
	for (size_t i = 0; i < most; i++)
		if (follower_of(s, all[i].address) == NULL)
			follow(s, all[i].address);
	free(all);
}

/* ---- what the rows say */

static const struct agent *
busy_agent(const struct session *s)
{
	for (size_t i = 0; i < s->nagents; i++)
		if (str_eq(buf_view(&s->agents[i].status), STR("running")))
			return &s->agents[i];
	return NULL;
}

/* What is known from inside the session; `words` holds what is made up for the row. */
static void
look_inside(const struct follower *f, struct list_row *row, struct buf *words)
{
	const struct session *s = client_session(f->client);
	const struct item *ask = session_waiting(s);
	const struct agent *agent = busy_agent(s);
	enum link_state state = link_state(client_link(f->client));

	if (s->title.n > 0)
		row->title = buf_view(&s->title);
	if (client_last_record(f->client) > row->time)
		row->time = client_last_record(f->client);
	if (state == LINK_CLOSED) {
		row->state = STR("closed");
	} else if (state != LINK_LIVE) {
		client_words(f->client, words);
		row->state = buf_view(words);
		row->mood = state == LINK_CONNECTING || state == LINK_CATCHING_UP || state == LINK_WAITING ?
		    MOOD_WAIT : MOOD_BAD;
	} else if (ask != NULL) {
		row->waits = true;
		row->state = ask->ask.what == ASK_PERMISSION ? STR("approval needed") : STR("asks you");
	} else if (agent != NULL) {
		buf_printf(words, "running%s%.*s", agent->tool.n > 0 ? ": " : "",
		    STR_ARG(buf_view(&agent->tool)));
		row->state = buf_view(words);
	} else {
		row->state = STR("idle");
	}
}

static struct list_row
make_row(struct sessions *s, size_t i, struct buf *words)
{
	static const struct str names[] = {
		[SESS_UNSAID] = STR("open"), [SESS_IDLE] = STR("idle"), [SESS_BUSY] = STR("busy"),
		[SESS_RETRY] = STR("retry"), [SESS_WAITING] = STR("waiting"), [SESS_LOST] = STR("lost"),
	};
	struct directory_entry e = directory_at(s->directory, i);
	struct follower *f = follower_of(s, e.address);
	struct list_row row = {
		.address = e.address, .title = e.title.n > 0 ? e.title : e.id, .place = e.place,
		.state = e.closed ? STR("closed") : names[e.status], .time = e.time > 0 ? e.time : 0,
		.mood = e.closed ? MOOD_WAIT : MOOD_LIVE,
	};

	if (f != NULL && f->client != NULL)
		look_inside(f, &row, words);
	return row;
}

static void
say(struct sessions *s)
{
	struct error e = { 0 };

	if (s->problem.n > 0)
		list_say(s->list, NOTE_ERROR, buf_view(&s->problem));
	else if (directory_servers(s->directory) == 0)
		list_say(s->list, NOTE_WARN, STR("no server is known: start weir serve, put servers into "
		    "weirrc, or try weir demo"));
	else if (directory_problem(s->directory, &e) != ERR_OK)
		list_say(s->list, NOTE_WARN, str_from(e.text));
	else
		list_say(s->list, NOTE_INFO, STR_NONE);
}

static void
fill(struct sessions *s)
{
	size_t n = directory_count(s->directory);
	struct list_row *rows = mem_zalloc((n + 1) * sizeof *rows);
	struct buf *words = mem_zalloc((n + 1) * sizeof *words);

	for (size_t i = 0; i < n; i++)
		rows[i] = make_row(s, i, &words[i]);
	list_set(s->list, rows, n);
	for (size_t i = 0; i < n; i++)
		buf_done(&words[i]);
	free(rows);
	free(words);
	say(s);
}

/* ---- the loop */

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
			buf_set(&s->open, list_selected(s->list));
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
	if (directory_work(s->directory)) {
		choose(s);
		s->dirty = true;
	}
	for (size_t i = 0; i < s->nfollowers; i++) {
		struct error e;
		bool changed = false;

		if (s->followers[i].client != NULL)
			client_work(s->followers[i].client, &changed, &e);
		s->dirty |= changed;
	}
	if (s->asked == 0 || clock_mono() >= s->asked + ASK) {
		s->asked = clock_mono();
		directory_ask(s->directory);
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

	for (size_t i = 0; i < s->nfollowers; i++)
		if (s->followers[i].client != NULL)
			until = min_time(until, client_deadline(s->followers[i].client));
	until = min_time(until, min_time(s->last_frame + TICK, s->asked + ASK));
	if (s->dirty && !s->blocked)
		until = min_time(until, s->last_frame + FRAME);
	return until;
}

static void
step(struct sessions *s)
{
	struct pollfd fds[FDS + 1 + FOLLOWED] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		[SIGNALS] = { .fd = s->signals, .events = POLLIN },
		[DIRECTORY] = { .fd = directory_fd(s->directory), .events = POLLIN },
		[FDS] = { .fd = s->blocked ? STDOUT_FILENO : -1, .events = POLLOUT },
	};
	size_t n = FDS + 1;
	int64_t now;

	for (size_t i = 0; i < s->nfollowers; i++, n++)
		fds[n] = (struct pollfd){ .events = POLLIN, .fd = s->followers[i].client != NULL ?
			client_fd(s->followers[i].client) : -1 };
	loop_wait(fds, n, deadline(s));
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
	while (s->nfollowers > 0)
		unfollow(s, &s->followers[0]);
	list_free(s->list);
	screen_close(s->screen);
	return ERR_OK;
}

static void
enter(struct sessions *s)
{
	struct client_options options = { .user = s->config->user };
	struct attach_result result = { 0 };
	struct access *access = NULL;
	struct buf cache = { 0 };
	struct error e = { 0 };
	enum err err = access_open(&access, s->config, NULL, buf_cstr(&s->open), &e);

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

	while (err == ERR_OK && !s.quit) {
		err = show(&s, e);
		if (err == ERR_OK && s.open.n > 0)
			enter(&s);
	}
	if (err == ERR_OK && s.signal != 0)
		err = error_set(e, ERR_INTERRUPTED, "ended by signal %d (%s)", s.signal,
		    strsignal(s.signal));
	directory_close(s.directory);
	keys_done(&s.keys);
	buf_done(&s.open);
	buf_done(&s.problem);
	if (s.signals >= 0)
		close(s.signals);
	return err;
}
