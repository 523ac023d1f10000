#include "app/client_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "app/detect.h"
#include "base/clock.h"
#include "base/mem.h"

enum {
	OPEN_SLICE = 20,	/* ms client_open may take to fold what was stored */
	WORK_SLICE = 6,		/* ms client_work may take before keys are looked at again */
	ORPHAN = 600000,	/* ms after which nobody believes in an answer that has no end */
	LONG_OUTAGE = 30000	/* ms from which an outage leaves a line in the transcript */
};

static void
keep_error(struct client *c, enum err err, const struct error *e)
{
	if (err != ERR_OK && c->store_error.code == ERR_OK)
		c->store_error = *e;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct client *c = ctx;

	router_route(c->router, ev);
}

/* What the link asks for. */

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct client *c = ctx;

	return http_send(c->http, r);
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct client *c = ctx;

	http_cancel(c->http, request);
}

static void
on_record(void *ctx, struct str record)
{
	struct client *c = ctx;
	struct error e;

	if (c->tap.record != NULL)
		c->tap.record(c->tap.ctx, record);
	keep_error(c, cached_record(c->cached, record, clock_wall(), &e), &e);
	c->changed = true;
}

static void
on_moved(void *ctx, const struct position *at)
{
	struct client *c = ctx;

	cached_moved(c->cached, at);
	if (c->tap.moved != NULL)
		c->tap.moved(c->tap.ctx, at);
}

static void
on_reset(void *ctx, const char *why)
{
	static const struct position start;
	struct client *c = ctx;
	struct error e;

	if (c->tap.moved != NULL)
		c->tap.moved(c->tap.ctx, &start);
	keep_error(c, cached_reset(c->cached, &e), &e);
	session_note(c->session, NOTE_WARN, clock_wall(),
	    "The server's history begins anew (%s); what it still has is read again.", why);
	c->changed = true;
}

/* The transcript is whole, so a short outage leaves nothing in it; a long one explains why the
 * agent seemed to say so much at once. */
static void
on_caught_up(void *ctx, const struct link_outage *o)
{
	struct client *c = ctx;
	char from[9], to[9];

	c->changed = true;
	if (c->whole != NULL)
		c->whole(c->ctx, o);
	clock_hms(o->from, from);
	clock_hms(o->to, to);
	if (o->missed)
		session_note(c->session, NOTE_WARN, o->to, "%s–%s offline; what was said meanwhile is not"
		    " available from the server", from, to);
	if (o->missed || o->to - o->from < LONG_OUTAGE || o->last < o->first)
		return;
	session_note(c->session, NOTE_INFO, o->to, "%s–%s offline; events %" PRIu64 "–%" PRIu64
	    " fetched (%" PRIu64 ")", from, to, o->first, o->last, o->last - o->first + 1);
}

static void
on_cut(void *ctx, const char *why)
{
	struct client *c = ctx;

	c->changed = true;
	if (c->cut != NULL)
		c->cut(c->ctx, why);
}

/* Not for a moment: the server could not be had once more. */
static bool
is_away(const struct client *c, enum link_state state)
{
	return state == LINK_FAILED || state == LINK_NEEDS_TOKEN ||
	    (state == LINK_WAITING && link_stats(c->link)->attempt > 1);
}

/* Whenever it is connected to it says how things stand. */
static bool
tells_again(const struct dialect *d)
{
	return d->ask != NULL && (d->flags & DIALECT_EXACT) == 0;
}

static bool
is_old(const struct client *c)
{
	int64_t last = client_last_record(c);

	return last > 0 && clock_wall() - last >= ORPHAN;
}

/* When an answer without an end is given up because its server stays away, INT64_MAX for never. */
static int64_t
orphan_due(const struct client *c)
{
	int64_t last = client_last_record(c);

	if (last == 0 || !is_away(c, link_state(c->link)) || !session_is_open(c->session))
		return INT64_MAX;
	return clock_mono() + last + ORPHAN - clock_wall();
}

static void
on_changed(void *ctx)
{
	struct client *c = ctx;
	enum link_state state = link_state(c->link);

	c->changed = true;
	c->met |= state == LINK_CATCHING_UP || state == LINK_LIVE || state == LINK_CLOSED;
	/* Nothing follows any more: an answer without an end will not get one. */
	if (state == LINK_CLOSED || state == LINK_GONE)
		session_cut(c->session);
	else if (is_away(c, state) && (tells_again(c->dialect) || is_old(c)))
		session_lost(c->session);
}

static enum err
open_cached(struct client *c, const struct client_options *o, struct error *e)
{
	const struct cached_options options = {
		.path = o->cache, .outbox = !o->read_only, .name = buf_view(&c->name), .dialect = c->dialect,
		.sink = { on_event, c }, .limits = o->cache_limits, .prove = o->prove,
		.proof_at = o->proof_at,
	};
	struct buf note = { 0 };
	enum err err = cached_open(&c->cached, &options, &note, e);

	if (err == ERR_OK) {
		c->session = cached_session(c->cached);
		if (note.n > 0)
			session_note(c->session, NOTE_WARN, clock_wall(), "%.*s", STR_ARG(buf_view(&note)));
	}
	if (err == ERR_OK && !o->read_only)
		err = outbox_open(&c->outbox, cached_store(c->cached), cached_row(c->cached), e);
	buf_done(&note);
	return err;
}

/* From where the copy ends. */
static void
make_link(struct client *c)
{
	const struct link_ops ops = { on_send, on_cancel, on_record, on_moved, on_reset, client_sent,
	    on_caught_up, client_acted, on_changed, on_cut, c, client_prepare };
	struct link_options options = { 0 };
	struct position at = { 0 };

	access_link_options(c->access, &options);
	options.stored = cached_records(c->cached);
	options.no_branches = c->glance;
	cached_position(c->cached, &at);
	/* What has no pages begins with now. */
	if (c->from != NULL && (strcmp(c->from, "now") != 0 || !(c->dialect->flags & DIALECT_NO_PAGES)))
		buf_set(&at.cursor, str_from(c->from));
	if (c->at != NULL) {
		buf_set(&at.cursor, buf_view(&c->at->cursor));
		at.skip = c->at->skip;
	}
	link_free(c->link);
	c->link = link_new(c->dialect, access_endpoint(c->access), &at, c->outbox, &ops, &options);
	buf_done(&at.cursor);
}

static bool
is_online(const struct client *c)
{
	return c->http != NULL && !c->reading;
}

static void
go_online(struct client *c)
{
	admission_init(&c->admission, c->access, c->link, c->fd);
	admission_start(&c->admission);
}

/* A slice of what is stored and not folded; at its end the network may begin. */
static void
read_stored(struct client *c, int64_t until)
{
	struct error e = { 0 }, again = { 0 };

	if (cached_read(c->cached, until, &e) != ERR_OK) {
		keep_error(c, cached_reset(c->cached, &again), &again);
		session_note(c->session, NOTE_WARN, clock_wall(),
		    "The cached copy could not be read (%s); the session is read from its start.", e.text);
		make_link(c);
	}
	c->reading = cached_left(c->cached) > 0;
	c->changed = true;
	if (c->reading)
		return;
	client_show_unsent(c);
	if (c->http != NULL)
		go_online(c);
}

/* Said, or told by the address, or found out. */
static enum err
find_dialect(struct client *c, struct error *e)
{
	enum err err = ERR_OK;

	c->dialect = access_dialect(c->access);
	if (c->dialect == NULL)
		c->dialect = dialect_guess(str_from(access_endpoint(c->access)->url));
	if (c->dialect == NULL)
		err = detect_dialect(c->access, &c->dialect, e);
	if (c->dialect == NULL)
		c->dialect = &dialect_durable;
	return err;
}

enum err
client_open(struct client **out, const struct client_options *o, struct error *e)
{
	struct client *c = mem_zalloc(sizeof *c);
	enum err err = ERR_OK;

	c->fd = -1;
	buf_set(&c->user, str_from(o->user));
	if (o->tap != NULL)
		c->tap = *o->tap;
	c->router = router_new();
	client_hear(c, o->listener);
	c->from = o->cache == NULL ? o->from : NULL;
	c->glance = o->glance;
	c->at = o->cache == NULL ? o->at : NULL;
	c->announce = o->announce;
	c->cut = o->cut;
	c->whole = o->whole;
	c->ctx = o->ctx;
	if (o->access == NULL)
		err = access_open(&c->own, NULL, NULL, o->url, e);
	if (err != ERR_OK)
		goto out;
	c->access = o->access != NULL ? o->access : c->own;
	err = find_dialect(c, e);
	if (err != ERR_OK)
		goto out;
	endpoint_name(access_endpoint(c->access), &c->name);
	buf_cstr(&c->name);
	err = open_cached(c, o, e);
	if (err != ERR_OK)
		goto out;
	if (endpoint_is_agent(access_endpoint(c->access)))
		session_roam(c->session);
	if (c->dialect->session != NULL)
		session_set_id(c->session, c->dialect->session(access_endpoint(c->access)));
	make_link(c);
	c->at = NULL;
	read_stored(c, clock_mono() + OPEN_SLICE);
	*out = c;
out:
	if (err != ERR_OK)
		client_close(c);
	return err;
}

void
client_close(struct client *c)
{
	if (c == NULL)
		return;
	/* Nobody is told of an end that was asked for. */
	c->cut = NULL;
	if (c->link != NULL) {
		client_presence_leave(c);
		link_stop(c->link);
		link_free(c->link);
	}
	http_free(c->http);
	outbox_free(c->outbox);
	if (c->cached != NULL)
		cached_close(c->cached);
	router_free(c->router);
	admission_done(&c->admission);
	access_close(c->own);
	if (c->fd >= 0)
		close(c->fd);
	buf_done(&c->name);
	buf_done(&c->user);
	buf_done(&c->rejected);
	buf_done(&c->agent);
	buf_done(&c->model);
	for (size_t i = 0; i < CLIENT_LISTS; i++)
		buf_done(&c->offers[i].answer);
	buf_done(&c->making);
	buf_done(&c->made);
	free(c);
}

enum err
client_connect(struct client *c, struct error *e)
{
	struct epoll_event ev = { .events = EPOLLIN };

	c->http = http_new(e);
	if (c->http == NULL)
		return e->code;
	c->fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->fd < 0 || epoll_ctl(c->fd, EPOLL_CTL_ADD, http_fd(c->http), &ev) < 0)
		return error_set(e, ERR_FAILED, "wait for the network: %s", strerror(errno));
	if (!c->reading)
		go_online(c);
	return ERR_OK;
}

int
client_fd(const struct client *c)
{
	return c->fd;
}

int64_t
client_deadline(const struct client *c)
{
	int64_t until, other;

	if (c->reading)
		return clock_mono();
	if (!is_online(c))
		return INT64_MAX;
	until = link_deadline(c->link);
	other = admission_deadline(&c->admission);
	until = other < until ? other : until;
	other = client_presence_due(c);
	until = other < until ? other : until;
	other = orphan_due(c);
	return other < until ? other : until;
}

void
client_reconnect(struct client *c)
{
	if (is_online(c))
		admission_again(&c->admission);
}

bool
client_renewing(const struct client *c)
{
	return is_online(c) && admission_busy(&c->admission);
}

/* A copy that another version of weir folded is folded anew, which takes a while. */
static void
words_of_reading(const struct client *c, struct buf *out)
{
	uint64_t all = cached_records(c->cached), left = cached_left(c->cached);

	buf_printf(out, "reading the cached copy, %u %%",
	    all > 0 ? (unsigned)(100 * (double)(all - left) / (double)all) : 0);
}

void
client_words(const struct client *c, struct buf *out)
{
	enum link_state state = link_state(c->link);

	if (c->reading)
		words_of_reading(c, out);
	else if (client_renewing(c) && (state == LINK_NEEDS_TOKEN || state == LINK_IDLE))
		buf_str(out, STR("getting a token"));
	else if (!c->met && cached_time(c->cached) > 0 && link_stats(c->link)->attempt > 0) {
		/* What is on the screen comes from the disk. */
		buf_str(out, STR("offline (cached copy), "));
		link_words(c->link, out);
	} else
		link_words(c->link, out);
}

void
client_advice(const struct client *c, struct buf *out)
{
	admission_advice(&c->admission, out);
}

static void
keep_admission(struct client *c)
{
	struct buf *note = &c->admission.note;

	admission_work(&c->admission);
	if (note->n == 0)
		return;
	session_note(c->session, NOTE_WARN, clock_wall(), "%.*s", STR_ARG(buf_view(note)));
	buf_clear(note);
	c->changed = true;
}

enum err
client_work(struct client *c, bool *changed, struct error *e)
{
	int64_t until = clock_mono() + WORK_SLICE;
	struct http_message m;

	if (c->reading) {
		read_stored(c, until);
	} else if (c->http != NULL) {
		do {
			c->drained = !http_next(c->http, &m);
			if (c->drained)
				break;
			link_message(c->link, &m);
		} while (clock_mono() < until);
		keep_admission(c);
		link_tick(c->link);
		client_presence_work(c);
		if (orphan_due(c) <= clock_mono())
			on_changed(c);
		keep_error(c, cached_commit(c->cached, e), e);
	}
	*changed = c->changed;
	c->changed = false;
	if (c->store_error.code != ERR_OK)
		*e = c->store_error;
	return c->store_error.code;
}

bool
client_drained(const struct client *c)
{
	return c->drained;
}

struct session *
client_session(struct client *c)
{
	return c->session;
}

struct link *
client_link(struct client *c)
{
	return c->link;
}

struct router *
client_router(struct client *c)
{
	return c->router;
}

const struct dialect *
client_dialect(const struct client *c)
{
	return c->dialect;
}

const char *
client_name(const struct client *c)
{
	return c->name.p;
}

int64_t
client_last_record(const struct client *c)
{
	return cached_time(c->cached);
}

uint64_t
client_news(const struct client *c)
{
	return cached_news(c->cached);
}

struct cached_proof
client_proof(const struct client *c)
{
	return cached_proof(c->cached);
}

double
client_rate(const struct client *c)
{
	return pace_rate(&c->pace);
}

int64_t
client_first_word(const struct client *c)
{
	return pace_first(&c->pace);
}

size_t
client_unsent(const struct client *c)
{
	return c->outbox != NULL ? outbox_count(c->outbox) : 0;
}

