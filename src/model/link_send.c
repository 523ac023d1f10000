#include "model/link_parts.h"

#include <stdio.h>

#include "base/clock.h"
#include "wire/refusal.h"
#include "base/log.h"

void
link_send_init(struct link *l, const struct link_options *o)
{
	/* Two halves with one seed would retry in step. */
	uint64_t seed = o->seed == 0 ? 0 : o->seed + 1;

	backoff_init(&l->send.backoff, o->backoff_first, o->backoff_max, o->backoff_factor, seed);
	l->send.due = INT64_MAX;
}

void
link_send_done(struct link *l)
{
	buf_done(&l->send.offset);
	buf_done(&l->send.body);
}

void
link_send_stop(struct link *l)
{
	if (l->send.request != 0)
		l->ops.cancel(l->ops.ctx, l->send.request);
	l->send.request = 0;
	l->send.due = INT64_MAX;
}

static bool
is_waiting(const struct link *l)
{
	return l->outbox != NULL && outbox_count(l->outbox) > 0;
}

void
link_send_now(struct link *l)
{
	l->send.hold = false;
	if (l->send.request == 0)
		l->send.due = is_waiting(l) ? clock_mono() : INT64_MAX;
}

void
link_send_proof(struct link *l)
{
	if (!l->send.hold)
		return;
	l->send.hold = false;
	l->send.due = clock_mono();
}

static void
tell(struct link *l, enum send_outcome outcome, struct str detail)
{
	l->ops.sent(l->ops.ctx, outbox_at(l->outbox, 0), outcome, detail);
}

/* The oldest entry is done with; the next one goes at once. */
static void
next(struct link *l, enum err kept, const struct error *e)
{
	struct sender *s = &l->send;

	if (kept != ERR_OK)
		log_write(LOG_ERROR, "outbox: %s", e->text);
	s->hold = s->echoed = false;
	backoff_reset(&s->backoff);
	s->due = is_waiting(l) ? clock_mono() : INT64_MAX;
	link_changed(l);
}

static void
confirm(struct link *l)
{
	struct error e = { 0 };

	tell(l, SENT_CONFIRMED, buf_view(&l->send.offset));
	next(l, outbox_confirmed(l->outbox, &e), &e);
}

static void
reject(struct link *l, struct str why)
{
	struct error e = { 0 };

	tell(l, SENT_REJECTED, why);
	next(l, outbox_rejected(l->outbox, why, &e), &e);
}

/* Sent twice it might arrive twice: first the stream must show whether it did once. */
static void
hold(struct link *l, struct str why)
{
	l->send.hold = true;
	l->send.due = INT64_MAX;
	tell(l, SENT_UNSURE, why);
	if ((l->d->flags & DIALECT_PROVES_HEAD) != 0)
		link_read_prove(l);
}

static void
retry(struct link *l, const char *why, int64_t floor, bool arrived)
{
	if (l->send.echoed) {
		confirm(l);
	} else if (arrived && (l->d->flags & DIALECT_SENDS_ONCE) == 0) {
		hold(l, str_from(why));
	} else {
		l->send.due = backoff_next(&l->send.backoff, clock_mono(), floor);
		tell(l, SENT_RETRYING, str_from(why));
	}
	link_changed(l);
}

/* The server forgot this producer or knows a later one: a new epoch, in which what was sent before
 * would not be recognised. */
static void
renew(struct link *l, const char *why)
{
	struct sender *s = &l->send;
	bool first = outbox_at(l->outbox, 0)->tries <= 1;
	struct error e = { 0 };

	if (s->echoed) {
		confirm(l);
		return;
	}
	if (outbox_restart(l->outbox, s->epoch, &e) != ERR_OK) {
		retry(l, e.text, 0, false);
		return;
	}
	s->due = backoff_next(&s->backoff, clock_mono(), 0);
	if (first)
		tell(l, SENT_RETRYING, str_from(why));
	else
		hold(l, str_from(why));
	link_changed(l);
}

static void
send_oldest(struct link *l)
{
	struct sender *s = &l->send;
	struct http_request r = { 0 };
	struct error e = { 0 };
	struct act act;

	s->due = INT64_MAX;
	if (l->outbox == NULL || !outbox_next(l->outbox, &act))
		return;
	if (l->ops.prepare != NULL)
		l->ops.prepare(l->ops.ctx, &act);
	if (l->d->encode(l->ep, &act, &r, &e) != ERR_OK) {
		reject(l, str_from(e.text));
	} else {
		s->status = 0;
		s->epoch = -1;
		s->expected = s->echoed = false;
		buf_clear(&s->offset);
		buf_clear(&s->body);
		outbox_try(l->outbox);
		s->request = l->ops.send(l->ops.ctx, &r);
	}
	http_request_done(&r);
}

void
link_send_tick(struct link *l, int64_t now)
{
	if (l->send.due <= now && l->send.request == 0)
		send_oldest(l);
}

static void
on_head(struct sender *s, const struct http_message *m)
{
	struct str epoch = http_header(m->headers, "Producer-Epoch");

	s->status = m->status;
	buf_set(&s->offset, http_header(m->headers, "Stream-Next-Offset"));
	if (m->status != 403 || !str_to_i64(epoch, &s->epoch))
		s->epoch = -1;
	s->expected = m->status == 409 &&
	    http_header(m->headers, "Producer-Expected-Seq").n > 0;
}

static void
refused(struct link *l)
{
	struct buf why = { 0 };

	buf_printf(&why, "http %d", l->send.status);
	if (l->send.body.n > 0)
		buf_str(&why, STR(": "));
	refusal_words(buf_view(&l->send.body), LINK_EXCERPT, &why);
	reject(l, buf_view(&why));
	buf_done(&why);
}

static bool
is_passing(int status)
{
	return status == 408 || status == 425 || status == 429 ||
	    (status / 100 == 5 && status != 501 && status != 505);
}

/* 400 may mean that the server remembers an older epoch only; a new one begins with 0, so that is
 * tried once. */
static bool
may_be_epoch(const struct link *l)
{
	return l->send.status == 400 && outbox_at(l->outbox, 0)->seq > 0 &&
	    (l->d->flags & DIALECT_PRODUCERS) != 0;
}

static void
ask_token(struct link *l)
{
	l->stats.denied++;
	tell(l, SENT_RETRYING, STR("needs a token"));
}

static void
on_end(struct link *l, const struct http_message *m)
{
	struct sender *s = &l->send;
	char why[32];

	s->request = 0;
	snprintf(why, sizeof why, "http %d", s->status);
	if (s->status / 100 == 2)
		confirm(l);
	else if (s->status == 0)
		retry(l, http_end_name(m->end), m->retry_after, m->end != HTTP_REFUSED &&
		    m->end != HTTP_UNRESOLVED && m->end != HTTP_CONNECT_TIMEOUT);
	else if (is_passing(s->status))
		retry(l, why, m->retry_after, s->status != 429);
	else if (s->epoch >= 0 || s->expected || may_be_epoch(l))
		renew(l, why);
	else if (s->status == 401)
		/* Stays until there is a new token: link_reconnect. */
		ask_token(l);
	else
		refused(l);
}

void
link_send_message(struct link *l, const struct http_message *m)
{
	if (m->kind == HTTP_HEAD)
		on_head(&l->send, m);
	else if (m->kind == HTTP_BODY)
		link_keep(&l->send.body, m->body, LINK_ANSWER);
	else if (m->kind == HTTP_END)
		on_end(l, m);
}

void
link_echoed(struct link *l, struct str id)
{
	if (!is_waiting(l) || !str_eq(buf_view(&outbox_at(l->outbox, 0)->id), id))
		return;
	if (l->send.request != 0) {
		l->send.echoed = true;
		return;
	}
	buf_clear(&l->send.offset);
	confirm(l);
}
