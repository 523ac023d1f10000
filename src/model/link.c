#include "model/link_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
	SLEEP_MS = 5000,	/* a jump between the clocks that means the machine slept */
	CHECK_MS = 10000,	/* how often that is looked at */
	SKEW_MS = 2000		/* a date of a whole second, that was on its way */
};

struct link *
link_new(const struct dialect *d, const struct endpoint *ep, const struct position *at,
    struct outbox *outbox, const struct link_ops *ops, const struct link_options *options)
{
	struct link *l = mem_zalloc(sizeof *l);

	l->d = d;
	l->ep = ep;
	l->outbox = outbox;
	l->ops = *ops;
	buf_set(&l->at.cursor, buf_view(&at->cursor));
	l->at.skip = at->skip;
	l->stats.received = l->stats.applied = options->stored;
	l->stats.since = l->ticked = clock_mono();
	l->asleep = clock_boot() - clock_mono();
	link_read_init(l, options);
	link_send_init(l, options);
	return l;
}

void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	link_read_stop(l, "stopped");
	link_send_stop(l);
	link_read_done(l);
	link_send_done(l);
	buf_done(&l->at.cursor);
	buf_done(&l->detail);
	for (size_t i = 0; i < LINK_ACTS; i++) {
		buf_done(&l->acts[i].name);
		buf_done(&l->acts[i].text);
		buf_done(&l->acts[i].body);
	}
	free(l);
}

void
link_changed(struct link *l)
{
	if (l->ops.changed != NULL)
		l->ops.changed(l->ops.ctx);
}

void
link_keep(struct buf *out, struct str bytes, size_t max)
{
	if (out->n < max)
		buf_str(out, str_head(bytes, max - out->n));
}

void
link_excerpt(struct buf *out, struct str bytes)
{
	link_keep(out, bytes, LINK_EXCERPT);
}

void
link_start(struct link *l)
{
	if (l->state != LINK_IDLE && l->state != LINK_OFFLINE)
		return;
	link_read_start(l, "start");
	link_send_now(l);
}

void
link_stop(struct link *l)
{
	link_read_stop(l, "stopped");
	link_send_stop(l);
	for (size_t i = 0; i < LINK_ACTS; i++)
		l->acts[i].request = 0;
	link_enter(l, LINK_OFFLINE, "stopped");
}

static bool
is_off(const struct link *l)
{
	return l->state == LINK_IDLE || l->state == LINK_OFFLINE;
}

void
link_reconnect(struct link *l)
{
	if (is_off(l))
		return;
	link_read_now(l, "asked");
	link_send_now(l);
}

void
link_deny(struct link *l, struct str why)
{
	link_read_deny(l, why);
}

void
link_kick(struct link *l)
{
	if (!is_off(l) && l->send.due == INT64_MAX && l->send.request == 0 && !l->send.hold)
		l->send.due = clock_mono();
}

enum err
link_act(struct link *l, const struct act *act, struct error *e)
{
	struct http_request r = { 0 };
	struct act whole;
	size_t i = 0;
	enum err code;

	while (i < LINK_ACTS && l->acts[i].request != 0)
		i++;
	if (i == LINK_ACTS)
		return error_set(e, ERR_LIMIT, "the server has not answered the last %d requests",
		    LINK_ACTS);
	whole = *act;
	if (l->ops.prepare != NULL)
		l->ops.prepare(l->ops.ctx, &whole);
	code = l->d->encode(l->ep, &whole, &r, e);
	if (code == ERR_OK) {
		l->acts[i].kind = act->kind;
		l->acts[i].status = 0;
		buf_set(&l->acts[i].name, act->name);
		buf_set(&l->acts[i].text, act->text);
		buf_clear(&l->acts[i].body);
		l->acts[i].request = l->ops.send(l->ops.ctx, &r);
	}
	http_request_done(&r);
	return code;
}

static size_t
answer_max(enum act_kind kind)
{
	return kind >= ACT_AGENTS ? LINK_OFFERS : LINK_ANSWER;
}

static void
tell_acted(struct link *l, size_t i, const struct http_message *m)
{
	const struct act act = { .kind = l->acts[i].kind, .name = buf_view(&l->acts[i].name),
		.text = buf_view(&l->acts[i].text) };
	char detail[32];

	snprintf(detail, sizeof detail, "http %d", m->status);
	l->ops.acted(l->ops.ctx, &act, m->status / 100 == 2,
	    str_from(m->status != 0 ? detail : http_end_name(m->end)), buf_view(&l->acts[i].body));
}

static bool
act_message(struct link *l, const struct http_message *m)
{
	for (size_t i = 0; i < LINK_ACTS; i++) {
		if (l->acts[i].request != m->request || m->request == 0)
			continue;
		if (m->kind == HTTP_BODY && l->acts[i].body.n + m->body.n <= answer_max(l->acts[i].kind))
			buf_str(&l->acts[i].body, m->body);
		if (m->kind != HTTP_END)
			return true;
		l->acts[i].request = 0;
		if (l->ops.acted != NULL)
			tell_acted(l, i, m);
		return true;
	}
	return false;
}

/* Ids and times of ours are to sort among the server's. */
static void
look_at_clock(struct link *l, const struct http_message *m)
{
	int64_t date, ahead;

	if (m->kind != HTTP_HEAD || !date_parse_http(http_header(m->headers, "date"), &date))
		return;
	ahead = date - clock_wall();
	l->stats.skew = ahead > SKEW_MS || ahead < -SKEW_MS ? ahead : 0;
}

static void
look_at_challenge(struct link *l, const struct http_message *m)
{
	if (m->kind == HTTP_HEAD && m->status == 401)
		l->stats.basic = http_wants_basic(m->headers);
}

bool
link_message(struct link *l, const struct http_message *m)
{
	if (m->request == 0)
		return false;
	look_at_clock(l, m);
	look_at_challenge(l, m);
	if (m->request == l->read.request)
		link_read_message(l, m);
	else if (link_aside_message(l, m) || link_branch_message(l, m))
		return true;
	else if (m->request == l->send.request)
		link_send_message(l, m);
	else
		return act_message(l, m);
	return true;
}

/* A machine that slept has dead connections that look alive. */
static void
look_at_sleep(struct link *l, int64_t now)
{
	int64_t asleep = clock_boot() - now;
	bool slept = asleep - l->asleep > SLEEP_MS;

	l->asleep = asleep;
	if (slept && (l->read.request != 0 || l->state == LINK_WAITING)) {
		link_read_now(l, "slept");
		link_send_now(l);
	}
}

void
link_tick(struct link *l)
{
	int64_t now = clock_mono();

	l->ticked = now;
	if (is_off(l))
		return;
	look_at_sleep(l, now);
	link_read_tick(l, now);
	link_branch_tick(l, now);
	link_send_tick(l, now);
}

int64_t
link_deadline(const struct link *l)
{
	int64_t next = l->read.due < l->send.due ? l->read.due : l->send.due;

	if (is_off(l))
		return INT64_MAX;
	if ((l->read.request != 0 || l->state == LINK_WAITING) && l->ticked + CHECK_MS < next)
		next = l->ticked + CHECK_MS;
	if (link_read_stale_at(l) < next)
		next = link_read_stale_at(l);
	if (link_branch_due(l) < next)
		next = link_branch_due(l);
	return next;
}

enum link_state
link_state(const struct link *l)
{
	return l->state;
}

const struct link_stats *
link_stats(const struct link *l)
{
	return &l->stats;
}

struct str
link_detail(const struct link *l)
{
	struct str s = buf_view(&l->detail);

	s.n -= utf8_partial_tail(s);
	return s;
}

const char *
link_state_name(enum link_state s)
{
	static const char *const names[] = {
		[LINK_IDLE] = "idle", [LINK_CONNECTING] = "connecting",
		[LINK_CATCHING_UP] = "catching up", [LINK_LIVE] = "live", [LINK_STALE] = "stale",
		[LINK_WAITING] = "waiting", [LINK_OFFLINE] = "offline", [LINK_CLOSED] = "closed", [LINK_GONE] = "gone",
		[LINK_NEEDS_TOKEN] = "needs a token", [LINK_FAILED] = "failed",
	};

	return names[s];
}

void
link_words(const struct link *l, struct buf *out)
{
	int64_t left = l->stats.next_try - clock_mono();

	if (l->state == LINK_WAITING && left > 0)
		buf_printf(out, "reconnecting in %lld s (try %u)", (long long)(left + 999) / 1000,
		    l->stats.attempt);
	else if (l->state == LINK_WAITING || (l->state == LINK_CONNECTING && l->stats.attempt > 0))
		buf_printf(out, "reconnecting (try %u)", l->stats.attempt);
	else if (l->state == LINK_STALE)
		buf_str(out, STR("stale (no sign of life)"));
	else if (l->state == LINK_LIVE && l->read.mode == READ_POLL)
		buf_str(out, STR("live (polling)"));
	else if (l->state == LINK_FAILED && strcmp(l->stats.reason, "http 404") == 0)
		buf_str(out, STR("no such session"));
	else if (l->state == LINK_FAILED)
		buf_printf(out, "failed: %s", l->stats.reason);
	else
		buf_str(out, str_from(link_state_name(l->state)));
}
