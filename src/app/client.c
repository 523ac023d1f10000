#include "app/client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "app/admission.h"
#include "base/clock.h"
#include "base/mem.h"

enum {
	WORK_SLICE = 6,		/* ms client_work may take before keys are looked at again */
	LONG_OUTAGE = 30000	/* ms from which an outage leaves a line in the transcript */
};

struct client {
	struct access *access, *own;	/* the second when it is to be closed */
	const struct dialect *dialect;
	struct http *http;		/* NULL until client_connect */
	int fd;				/* epoll: http's, and the token's while it is fetched */
	struct admission admission;
	struct store *store;
	int64_t row;			/* of the session in the store */
	struct outbox *outbox;		/* NULL when read only */
	struct session *session;
	struct link *link;
	struct buf name, user, rejected;
	int64_t last_record;
	struct client_proof proof;
	uint64_t proof_at;
	struct error store_error;	/* the first one */
	bool changed, drained;

	/* What streams now: bytes of agents' text in the running second and the one before. */
	int64_t rate_second;
	uint64_t rate_now, rate_before;
};

static void
keep_error(struct client *c, enum err err, const struct error *e)
{
	if (err != ERR_OK && c->store_error.code == ERR_OK)
		c->store_error = *e;
}

static void
count_rate(struct client *c, size_t bytes)
{
	int64_t second = clock_mono() / 1000;

	if (second != c->rate_second) {
		c->rate_before = second == c->rate_second + 1 ? c->rate_now : 0;
		c->rate_now = 0;
		c->rate_second = second;
	}
	c->rate_now += bytes;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct client *c = ctx;

	/* History that is read again is no speech. */
	if (ev->kind == EVENT_TEXT && ev->text.op == TEXT_APPEND && c->link != NULL &&
	    link_state(c->link) == LINK_LIVE)
		count_rate(c, ev->text.data.n);
	if (ev->kind == EVENT_MSG && ev->msg.role == EVENT_ROLE_USER && c->link != NULL)
		link_echoed(c->link, ev->msg.id);
	session_apply(c->session, ev);
}

static void
fold(struct client *c, struct str record)
{
	if (c->proof_at == 0 || c->proof.records < c->proof_at) {
		c->proof.chain = str_hash(record, (uint64_t[]){ c->proof.chain, c->proof.records });
		c->proof.records++;
	}
	c->dialect->decode(record, &(struct event_sink){ on_event, c });
}

static void
on_replay(void *ctx, struct str record, int64_t time)
{
	struct client *c = ctx;

	c->last_record = time;
	fold(c, record);
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

	c->last_record = clock_wall();
	keep_error(c, store_append(c->store, c->row, record, c->last_record, &e), &e);
	fold(c, record);
	c->changed = true;
}

static void
on_moved(void *ctx, const struct position *at)
{
	struct client *c = ctx;

	store_set_position(c->store, c->row, at);
}

static void
on_reset(void *ctx, const char *why)
{
	struct client *c = ctx;
	struct error e;

	keep_error(c, store_forget(c->store, c->row, &e), &e);
	session_reset(c->session);
	c->proof = (struct client_proof){ 0 };
	session_note(c->session, NOTE_WARN, clock_wall(),
	    "The server's history begins anew (%s); what it still has is read again.", why);
	c->changed = true;
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	static const enum send_state states[] = {
		[SENT_CONFIRMED] = SEND_CONFIRMED,
		[SENT_REJECTED] = SEND_REJECTED,
		[SENT_RETRYING] = SEND_PENDING,
		[SENT_UNSURE] = SEND_UNSURE,
	};
	struct client *c = ctx;
	bool confirmed = outcome == SENT_CONFIRMED;
	struct str reason = confirmed ? STR_NONE : detail;

	c->changed = true;
	if (entry->kind == ACT_INPUT)
		session_input_state(c->session, buf_view(&entry->id), states[outcome],
		    confirmed ? detail : STR_NONE, reason);
	if (entry->kind == ACT_ANSWER)
		session_answer_state(c->session, buf_view(&entry->ask), entry->answer,
		    buf_view(&entry->text), states[outcome], reason);
	if (entry->kind == ACT_INPUT && outcome == SENT_REJECTED) {
		if (c->rejected.n > 0)
			buf_byte(&c->rejected, '\n');
		buf_str(&c->rejected, buf_view(&entry->text));
	}
}

/* The transcript is whole, so a short outage leaves nothing in it; a long one explains why the
 * agent seemed to say so much at once. */
static void
on_caught_up(void *ctx, const struct link_outage *o)
{
	struct client *c = ctx;
	char from[9], to[9];

	c->changed = true;
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
on_acted(void *ctx, enum act_kind kind, bool ok, struct str detail)
{
	struct client *c = ctx;

	if (!ok && kind == ACT_STOP)
		session_note(c->session, NOTE_WARN, clock_wall(), "The agent could not be stopped: %.*s",
		    STR_ARG(detail));
	c->changed = true;
}

static void
on_changed(void *ctx)
{
	struct client *c = ctx;
	enum link_state state = link_state(c->link);

	c->changed = true;
	/* Nothing follows any more: an answer without an end will not get one. */
	if (state == LINK_CLOSED || state == LINK_GONE)
		session_cut(c->session);
}

/* What an earlier run typed and could not deliver stands at the end of the transcript. */
static void
show_unsent(struct client *c)
{
	for (size_t i = 0; c->outbox != NULL && i < outbox_count(c->outbox); i++) {
		const struct outbox_entry *entry = outbox_at(c->outbox, i);

		if (entry->kind == ACT_INPUT)
			session_add_input(c->session, buf_view(&entry->id), buf_view(&c->user),
			    buf_view(&entry->text), entry->time);
		if (entry->kind == ACT_ANSWER)
			session_answer_state(c->session, buf_view(&entry->ask), entry->answer,
			    buf_view(&entry->text), SEND_PENDING, STR_NONE);
	}
}

static enum err
open_store(struct client *c, const struct client_options *o, uint64_t *stored, struct error *e)
{
	struct buf note = { 0 };
	enum err err = store_open(&c->store, o->cache, &note, e);

	if (err == ERR_OK)
		err = store_session(c->store, buf_view(&c->name), str_from(c->dialect->name), &c->row, e);
	if (err == ERR_OK)
		err = store_replay(c->store, c->row, on_replay, c, stored, e);
	if (err == ERR_OK && !o->read_only)
		err = outbox_open(&c->outbox, c->store, c->row, e);
	if (err == ERR_OK && note.n > 0)
		session_note(c->session, NOTE_WARN, clock_wall(), "%.*s", STR_ARG(buf_view(&note)));
	buf_done(&note);
	return err;
}

enum err
client_open(struct client **out, const struct client_options *o, struct error *e)
{
	struct client *c = mem_zalloc(sizeof *c);
	const struct link_ops ops = { on_send, on_cancel, on_record, on_moved, on_reset, on_sent,
	    on_caught_up, on_acted, on_changed, c };
	struct link_options link_options = { 0 };
	struct position at = { 0 };
	enum err err = ERR_OK;

	c->fd = -1;
	c->session = session_new();
	c->proof_at = o->proof_at;
	buf_set(&c->user, str_from(o->user));
	if (o->access == NULL)
		err = access_open(&c->own, NULL, NULL, o->url, e);
	if (err != ERR_OK)
		goto out;
	c->access = o->access != NULL ? o->access : c->own;
	endpoint_name(access_endpoint(c->access), &c->name);
	buf_cstr(&c->name);
	access_link_options(c->access, &link_options);
	c->dialect = access_dialect(c->access);
	if (c->dialect == NULL)
		c->dialect = dialect_guess(str_from(access_endpoint(c->access)->url));
	if (c->dialect == NULL)
		c->dialect = &dialect_durable;
	err = open_store(c, o, &link_options.stored, e);
	if (err != ERR_OK)
		goto out;
	show_unsent(c);
	store_position(c->store, c->row, &at);
	c->link = link_new(c->dialect, access_endpoint(c->access), &at, c->outbox, &ops, &link_options);
	*out = c;
out:
	buf_done(&at.cursor);
	if (err != ERR_OK)
		client_close(c);
	return err;
}

void
client_close(struct client *c)
{
	if (c == NULL)
		return;
	if (c->link != NULL) {
		link_stop(c->link);
		link_free(c->link);
	}
	http_free(c->http);
	if (c->store != NULL)
		store_commit(c->store, NULL);
	outbox_free(c->outbox);
	store_close(c->store);
	session_free(c->session);
	admission_done(&c->admission);
	access_close(c->own);
	if (c->fd >= 0)
		close(c->fd);
	buf_done(&c->name);
	buf_done(&c->user);
	buf_done(&c->rejected);
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
	admission_init(&c->admission, c->access, c->link, c->fd);
	admission_start(&c->admission);
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
	int64_t link, admission;

	if (c->http == NULL)
		return INT64_MAX;
	link = link_deadline(c->link);
	admission = admission_deadline(&c->admission);
	return link < admission ? link : admission;
}

void
client_reconnect(struct client *c)
{
	if (c->http != NULL)
		admission_again(&c->admission);
}

bool
client_renewing(const struct client *c)
{
	return c->http != NULL && admission_busy(&c->admission);
}

void
client_words(const struct client *c, struct buf *out)
{
	enum link_state state = link_state(c->link);

	if (client_renewing(c) && (state == LINK_NEEDS_TOKEN || state == LINK_IDLE))
		buf_str(out, STR("getting a token"));
	else
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

	if (c->http != NULL) {
		do {
			c->drained = !http_next(c->http, &m);
			if (c->drained)
				break;
			link_message(c->link, &m);
		} while (clock_mono() < until);
		keep_admission(c);
		link_tick(c->link);
		keep_error(c, store_commit(c->store, e), e);
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
	return c->last_record;
}

struct client_proof
client_proof(const struct client *c)
{
	return c->proof;
}

double
client_rate(const struct client *c)
{
	int64_t now = clock_mono(), second = now / 1000;
	double into = (double)(now % 1000) / 1000;
	double bytes;

	if (second == c->rate_second)
		bytes = (double)c->rate_now + (double)c->rate_before * (1 - into);
	else if (second == c->rate_second + 1)
		bytes = (double)c->rate_now * (1 - into);
	else
		return -1;
	/* Four bytes a token: the usual estimate where the server does not count for us. */
	return bytes / 4;
}

size_t
client_unsent(const struct client *c)
{
	return c->outbox != NULL ? outbox_count(c->outbox) : 0;
}

static void
new_id(struct buf *out)
{
	unsigned char r[12];

	if (getrandom(r, sizeof r, 0) != (ssize_t)sizeof r)
		memcpy(r, &(int64_t){ clock_mono_ns() }, sizeof(int64_t));
	buf_str(out, STR("in-"));
	for (size_t i = 0; i < sizeof r; i++)
		buf_printf(out, "%02x", r[i]);
}

static enum err
add_act(struct client *c, struct act *act, struct error *e)
{
	struct buf id = { 0 };
	enum err err;

	if (c->outbox == NULL)
		return error_set(e, ERR_DENIED, "%s is followed read only: nothing can be sent",
		    client_name(c));
	new_id(&id);
	act->id = buf_view(&id);
	act->user = buf_view(&c->user);
	act->time = clock_wall();
	err = outbox_add(c->outbox, act, e);
	if (err == ERR_OK && act->kind == ACT_INPUT)
		session_add_input(c->session, act->id, act->user, act->text, act->time);
	if (err == ERR_OK && act->kind == ACT_ANSWER)
		session_answer_state(c->session, act->ask, act->answer, act->text, SEND_PENDING, STR_NONE);
	if (err == ERR_OK && c->http != NULL)
		link_kick(c->link);
	buf_done(&id);
	c->changed = true;
	return err;
}

enum err
client_input(struct client *c, struct str text, struct error *e)
{
	struct act act = { .kind = ACT_INPUT, .text = text };

	return add_act(c, &act, e);
}

enum err
client_answer(struct client *c, struct str ask, enum ask_answer answer, struct str text,
    struct error *e)
{
	struct act act = { .kind = ACT_ANSWER, .ask = ask, .answer = answer, .text = text };

	return add_act(c, &act, e);
}

enum err
client_stop_agent(struct client *c, struct error *e)
{
	const struct act act = { .kind = ACT_STOP, .user = buf_view(&c->user), .time = clock_wall() };

	return link_act(c->link, &act, e);
}

bool
client_rejected(struct client *c, struct buf *text)
{
	if (c->rejected.n == 0)
		return false;
	buf_str(text, buf_view(&c->rejected));
	buf_clear(&c->rejected);
	return true;
}
