#include "serve/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/listen.h"
#include "serve/routes.h"
#include "serve/sessions.h"

enum {
	CONNECTIONS_MAX = 12000,
	SPARE_FDS = 32,			/* for the log and the unforeseen */
	ACCEPTS = 64,			/* at a time */
	DRAIN_MS = 2000, SWEEP_MS = 60000,
	TOUCH_MS = 250, TOUCHES_MAX = 256,
	STARVED_MS = 100,
	PEER_MAX = 256, LISTENERS_MAX = 10
};

struct listener {
	int fd;				/* -1: not open */
	bool local, listening;
	bool inherited;			/* the path is somebody else's */
};

struct loop {
	struct server server;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
	int epoll, signals;
	unsigned limit;
	bool full;			/* not accepting until there are fewer connections than */
	unsigned room;			/* that */
	bool failed;			/* said that the log cannot be written */
	int64_t drain_until;		/* 0 while it runs */
	struct timer sweep, touch, watchdog, starved;
};

/* ---- ops */

void
server_submit(struct server *s, struct request *r, struct op *op)
{
	op->owner = r;
	commit_submit(s->commit, op);
}

static void
touched(void *owner, struct op *op)
{
	struct server *s = owner;

	s->touches--;
	hub_touched(s->hub, op->id, op->out.dies);
}

/* Unless it was read in the last `slack` ms: reads must not become writes without bound. */
static void
touch_once(struct server *s, const struct stream *stream, int64_t slack)
{
	struct op *op;

	if (s->touches >= TOUCHES_MAX || stream->dies > clock_wall() + stream->ttl * 1000 - slack)
		return;
	op = op_new(OP_TOUCH);
	op->id = stream->id;
	op->done = touched;
	op->owner = s;
	s->touches++;
	commit_submit(s->commit, op);
}

void
server_touch(struct server *s, const struct stream *stream)
{
	struct loop *l = (struct loop *)((char *)s - offsetof(struct loop, server));

	if (stream->ttl < 0)
		return;
	touch_once(s, stream, stream->ttl < 2 ? stream->ttl * 125 : TOUCH_MS);
	if (l->touch.link == NULL)
		timer_arm(&s->timers, &l->touch, clock_mono() + TOUCH_MS);
}

static void
touch_followed(void *ctx, const struct stream *stream)
{
	struct loop *l = ctx;

	if (stream->ttl < 0)
		return;
	touch_once(&l->server, stream, stream->ttl * 500);
	if (l->touch.link == NULL)
		timer_arm(&l->server.timers, &l->touch, clock_mono() + TOUCH_MS);
}

/* Whoever follows a stream keeps it alive. */
static void
touch(struct timer *t)
{
	struct loop *l = (struct loop *)((char *)t - offsetof(struct loop, touch));

	hub_each(l->server.hub, touch_followed, l);
}

static void
op_done(void *ctx, struct op *op)
{
	struct loop *l = ctx;
	struct server *s = &l->server;

	if (op->out.status >= 500 && !l->failed) {
		l->failed = true;
		log_write(LOG_ERROR, "the log is read-only until a restart: %s",
		    commit_error(s->commit));
	}
	if (op->out.changed)
		hub_changed(s->hub, op->out.id, op->out.tail, op->out.closed);
	for (size_t i = 0; i < op->out.n_views; i++)
		hub_changed(s->hub, op->out.views[i].id, op->out.views[i].tail, false);
	for (size_t i = 0; i < op->out.n_ended; i++)
		hub_ended(s->hub, op->out.ended[i]);
	/* The rest goes with the next transaction: what waits for that does not wait for all of it. */
	if (op->out.garbage && !s->draining)
		commit_submit(s->commit, op_new(OP_SWEEP));
	if (op->done != NULL)
		op->done(op->owner, op);
	op_free(op);
}

static void
sweep(struct timer *t)
{
	struct loop *l = (struct loop *)((char *)t - offsetof(struct loop, sweep));

	commit_submit(l->server.commit, op_new(OP_SWEEP));
	timer_arm(&l->server.timers, t, clock_mono() + SWEEP_MS);
}

/* ---- connections */

static void
watch(struct loop *l, int fd, bool on)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(l->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &ev);
}

static void
set_accepting(struct loop *l, bool on)
{
	for (size_t i = 0; i < l->n_listeners; i++) {
		if (l->listeners[i].listening == on)
			continue;
		l->listeners[i].listening = on;
		watch(l, l->listeners[i].fd, on);
	}
	l->full = !on;
}

/*
 * No descriptor is left for who waits. One of ours that ends gives one; somebody else's that ends
 * is not seen, so it is tried again now and then, and not as often as the socket says it is ready.
 */
static void
starve(struct loop *l)
{
	set_accepting(l, false);
	l->room = httpd_connections(l->server.httpd);
	timer_arm(&l->server.timers, &l->starved, clock_mono() + STARVED_MS);
}

static void
starved(struct timer *t)
{
	struct loop *l = (struct loop *)((char *)t - offsetof(struct loop, starved));

	l->room = l->limit;
}

static void
accept_some(struct loop *l, const struct listener *from)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd;

		if (httpd_connections(l->server.httpd) >= l->limit) {
			set_accepting(l, false);
			l->room = l->limit;
			return;
		}
		fd = listen_accept(from->fd, from->local);
		if (fd >= 0) {
			httpd_adopt(l->server.httpd, fd, from->local);
			continue;
		}
		if (errno == EPERM) {
			log_write(LOG_WARN, "turned away another user");
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			starve(l);
		return;
	}
}

static void
handle(void *ctx, struct request *r)
{
	routes_handle(ctx, r);
}

/* ---- start and end */

static enum err
open_listeners(struct loop *l, struct error *e)
{
	const struct server_options *o = &l->server.o;
	enum err err = ERR_OK;

	for (int i = 0; i < o->manager->sockets && err == ERR_OK; i++) {
		struct listener *at = &l->listeners[l->n_listeners++];

		at->fd = MANAGER_FIRST + i;
		at->inherited = true;
		err = listen_inherited(at->fd, o->expose, &at->local, e);
	}
	if (err == ERR_OK && o->socket != NULL) {
		struct listener *at = &l->listeners[l->n_listeners++];

		at->local = true;
		err = listen_unix(o->socket, &at->fd, e);
	}
	if (err == ERR_OK && o->listen != NULL)
		err = listen_tcp(o->listen, o->expose, &l->listeners[l->n_listeners++].fd, e);
	return err;
}

static enum err
open_log(struct server *s, struct error *e)
{
	struct streams *writer;
	enum err err;

	if (mkdir(s->o.data, 0700) < 0 && errno != EEXIST)
		return error_set(e, ERR_STORE, "make %s: %s", s->o.data, strerror(errno));
	err = streams_open(&writer, s->o.data, STREAMS_WRITE, e);
	if (err != ERR_OK)
		return err;
	s->commit = commit_new(writer, &s->o.keep);
	return streams_open(&s->reader, s->o.data, STREAMS_READ, e);
}

static unsigned
raise_limits(void)
{
	struct rlimit r = { 1024, 1024 };

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		rlim_t want = CONNECTIONS_MAX + SPARE_FDS;

		r.rlim_cur = want < r.rlim_max ? want : r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur >= CONNECTIONS_MAX + SPARE_FDS)
		return CONNECTIONS_MAX;
	return r.rlim_cur > 2 * SPARE_FDS ? (unsigned)r.rlim_cur - SPARE_FDS : SPARE_FDS;
}

static void
open_signals(struct loop *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Before the commit thread is made, which inherits this. */
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
say_ready(struct loop *l)
{
	struct buf text = { 0 };

	buf_str(&text, STR("ready\n"));
	for (size_t i = 0; i < l->n_listeners; i++) {
		struct buf name = { 0 };

		listen_name(l->listeners[i].fd, &name);
		log_write(LOG_INFO, "listening on %.*s", STR_ARG(buf_view(&name)));
		buf_str(&text, buf_view(&name));
		buf_byte(&text, '\n');
		buf_done(&name);
	}
	if (l->server.o.ready_fd >= 0) {
		if (write(l->server.o.ready_fd, text.p, text.n) < 0)
			log_write(LOG_WARN, "nobody waits for ready: %s", strerror(errno));
		close(l->server.o.ready_fd);
	}
	buf_done(&text);
	manager_tell(l->server.o.manager, "READY=1");
}

/* Whoever wants to hear within some time hears twice in it, as long as the loop turns. */
static void
watchdog(struct timer *t)
{
	struct loop *l = (struct loop *)((char *)t - offsetof(struct loop, watchdog));
	const struct manager *m = l->server.o.manager;

	if (m->watchdog == 0)
		return;
	manager_tell(m, "WATCHDOG=1");
	timer_arm(&l->server.timers, t, clock_mono() + m->watchdog / 2);
}

static enum err
loop_open(struct loop *l, struct error *e)
{
	struct server *s = &l->server;
	struct httpd_options ho = { .guard = s->o.guard, .body_max = s->o.body_max,
		.peer_connections = s->o.peer_connections > 0 ? s->o.peer_connections : PEER_MAX,
		.peer_loopback = s->o.peer_connections > 0,
		.handle = handle, .refuse = routes_refuse, .ctx = s };
	enum err err;

	umask(077);
	l->limit = ho.connections = raise_limits();
	open_signals(l);
	timers_init(&s->timers, clock_mono());
	if ((err = open_log(s, e)) != ERR_OK || (err = open_listeners(l, e)) != ERR_OK ||
	    (err = httpd_new(&s->httpd, &ho, e)) != ERR_OK)
		return err;
	s->hub = hub_new(s->reader);
	s->presence = presence_new(s);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	watch(l, l->signals, true);
	watch(l, commit_fd(s->commit), true);
	watch(l, httpd_fd(s->httpd), true);
	set_accepting(l, true);
	l->sweep.fire = sweep;
	l->touch.fire = touch;
	l->starved.fire = starved;
	timer_arm(&s->timers, &l->sweep, clock_mono());
	l->watchdog.fire = watchdog;
	watchdog(&l->watchdog);
	say_ready(l);
	return ERR_OK;
}

static void
loop_close(struct loop *l)
{
	struct server *s = &l->server;

	commit_free(s->commit, op_done, l);
	httpd_free(s->httpd);
	presence_free(s->presence);
	hub_free(s->hub);
	streams_close(s->reader);
	for (size_t i = 0; i < l->n_listeners; i++) {
		if (l->listeners[i].fd < 0)
			continue;
		if (l->listeners[i].local && !l->listeners[i].inherited)
			unlink(s->o.socket);
		close(l->listeners[i].fd);
	}
	if (l->epoll >= 0)
		close(l->epoll);
	if (l->signals >= 0)
		close(l->signals);
}

/* ---- the loop */

static void
begin_drain(struct loop *l)
{
	if (l->drain_until != 0)
		return;
	log_write(LOG_INFO, "stopping");
	manager_tell(l->server.o.manager, "STOPPING=1");
	set_accepting(l, false);
	l->drain_until = clock_mono() + DRAIN_MS;
	l->server.draining = true;
	httpd_drain(l->server.httpd);
	hub_wake_all(l->server.hub);
}

/* Whoever moved the log file away wants a new one; without one it was a terminal that went. */
static void
take_signal(struct loop *l)
{
	const struct server_options *o = &l->server.o;
	struct signalfd_siginfo info;
	struct error e;

	if (read(l->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo != SIGHUP || o->log == NULL)
		begin_drain(l);
	else if (log_open(o->log, o->log_level, &e) != ERR_OK)
		log_write(LOG_ERROR, "%s", e.text);
}

static int
shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int
wait_ms(struct loop *l)
{
	int64_t now = clock_mono();
	int ms = shorter(httpd_timeout(l->server.httpd), timers_timeout(&l->server.timers, now));

	if (l->drain_until != 0)
		ms = shorter(ms, l->drain_until > now ? (int)(l->drain_until - now) : 0);
	return ms;
}

static bool
turn(struct loop *l)
{
	struct server *s = &l->server;
	struct epoll_event ev[8];
	int n = epoll_wait(l->epoll, ev, 8, wait_ms(l));

	for (int i = 0; i < n; i++) {
		if (ev[i].data.fd == l->signals)
			take_signal(l);
		for (size_t k = 0; k < l->n_listeners; k++)
			if (ev[i].data.fd == l->listeners[k].fd)
				accept_some(l, &l->listeners[k]);
	}
	commit_reap(s->commit, op_done, l);
	timers_run(&s->timers, clock_mono());
	httpd_run(s->httpd);
	if (l->drain_until != 0)
		return httpd_connections(s->httpd) > 0 && clock_mono() < l->drain_until;
	if (l->full && httpd_connections(s->httpd) < l->room)
		set_accepting(l, true);
	return true;
}

enum err
server_run(const struct server_options *o, struct error *e)
{
	struct loop l = { .server.o = *o, .epoll = -1, .signals = -1 };
	enum err err = loop_open(&l, e);

	if (err == ERR_OK)
		while (turn(&l))
			;
	loop_close(&l);
	return err;
}
