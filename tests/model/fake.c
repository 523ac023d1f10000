#include "tests/model/fake.h"

#include "tests/unit.h"

#include "base/clock.h"
#include "base/mem.h"

/* ---- the dialect */

struct framer {
	struct buf line, next;
};

static struct framer *
framer_new(void)
{
	return mem_zalloc(sizeof(struct framer));
}

static void
framer_free(struct framer *f)
{
	buf_done(&f->line);
	buf_done(&f->next);
	free(f);
}

static enum err
fake_read(const struct endpoint *ep, struct framer *f, const struct position *at, enum read_mode mode,
    struct http_request *out, struct error *e)
{
	static const char *const modes[] = { "catchup", "live", "poll" };
	struct buf url = { 0 };

	(void)f, (void)e;
	buf_printf(&url, "%s?%s %.*s", ep->url, modes[mode], STR_ARG(buf_view(&at->cursor)));
	http_request_init(out, "GET", buf_view(&url));
	out->stream = mode == READ_LIVE;
	buf_done(&url);
	return ERR_OK;
}

static void
commit(struct str next, const struct frame_sink *sink)
{
	struct str words, cursor = str_cut(next, ' ', &words);
	unsigned flags = 0;

	if (str_find(words, STR("tail")) < words.n)
		flags |= COMMIT_UP_TO_DATE;
	if (str_find(words, STR("closed")) < words.n)
		flags |= COMMIT_CLOSED;
	sink->commit(sink->ctx, cursor, flags);
}

static void
lines(struct framer *f, struct str bytes, const struct frame_sink *sink)
{
	buf_str(&f->line, bytes);
	for (;;) {
		struct str all = buf_view(&f->line);
		size_t end = str_find_byte(all, '\n');

		if (end == all.n)
			break;
		sink->record(sink->ctx, str_head(all, end));
		buf_drop(&f->line, end + 1);
	}
}

static enum err
fake_frame(struct framer *f, const struct http_message *m, const struct frame_sink *sink,
    struct error *e)
{
	switch (m->kind) {
	case HTTP_HEAD:
		buf_clear(&f->line);
		buf_set(&f->next, http_header(m->headers, "Next"));
		if (f->next.n == 0)
			return error_set(e, ERR_PROTOCOL, "no stream");
		break;
	case HTTP_BODY:
		if (str_eq(m->body, STR("garbage")))
			return error_set(e, ERR_PROTOCOL, "garbage");
		lines(f, m->body, sink);
		break;
	case HTTP_SSE:
		if (str_eq(m->sse.type, STR("control")))
			commit(m->sse.data, sink);
		else
			lines(f, m->sse.data, sink);
		break;
	case HTTP_END:
		if (!str_eq(buf_view(&f->next), STR("events")))
			commit(buf_view(&f->next), sink);
		break;
	default:
		break;
	}
	return ERR_OK;
}

static void
fake_decode(struct str record, const struct event_sink *sink)
{
	(void)record, (void)sink;
}

static enum err
fake_encode(const struct endpoint *ep, const struct act *act, struct http_request *out,
    struct error *e)
{
	struct buf url = { 0 };

	if (str_eq(act->text, STR("cannot")))
		return error_set(e, ERR_USAGE, "cannot be said");
	buf_printf(&url, "%s?send %.*s", ep->url, STR_ARG(act->id));
	if (act->producer.n > 0)
		buf_printf(&url, " %d/%d", (int)act->epoch, (int)act->seq);
	http_request_init(out, "POST", buf_view(&url));
	buf_done(&url);
	return ERR_OK;
}

const struct dialect fake_dialect = {
	.name = "fake", .about = "", .flags = DIALECT_EXACT | DIALECT_PROVES_HEAD, .silence = 40000,
	.read = fake_read, .framer_new = framer_new, .framer_free = framer_free, .frame = fake_frame,
	.decode = fake_decode, .encode = fake_encode,
};

const struct dialect fake_dialect_once = {
	.name = "fake", .about = "",
	.flags = DIALECT_EXACT | DIALECT_PROVES_HEAD | DIALECT_SENDS_ONCE | DIALECT_PRODUCERS,
	.silence = 40000,
	.read = fake_read, .framer_new = framer_new, .framer_free = framer_free, .frame = fake_frame,
	.decode = fake_decode, .encode = fake_encode,
};

/* ---- the program around the link */

/* "live=sse&offset=12" as "live 12". */
static struct str
plain_query(struct str query, char out[64])
{
	struct str offset = str_skip(query, str_find(query, STR("offset=")) + 7);
	bool live = str_find(query, STR("live=sse")) < query.n;
	bool poll = str_find(query, STR("live=long-poll")) < query.n;

	if (str_eq(offset, STR("-1")))
		offset = STR_NONE;
	snprintf(out, 64, "%s %.*s", live ? "live" : poll ? "poll" : "catchup", STR_ARG(offset));
	return str_from(out);
}

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct fake *f = ctx;
	struct str what, rest, url = str_from(r->url);
	char query[64];

	str_cut(url, '?', &what);
	if (f->durable)
		what = plain_query(what, query);
	buf_printf(&f->asked, "%.*s;", STR_ARG(what));
	if (f->ntimes < sizeof f->times / sizeof *f->times)
		f->times[f->ntimes++] = clock_mono();
	f->last++;
	if (str_starts(what, STR("send "))) {
		if (str_find_byte(what, '/') < what.n) {
			assert_int_equal(f->sending, 0);
			f->sending = f->last;
			f->sends++;
		} else {
			f->acting = f->last;
		}
		return f->last;
	}
	assert_int_equal(f->reading, 0);
	f->mode = str_starts(what, STR("live")) ? READ_LIVE :
	    str_starts(what, STR("poll")) ? READ_POLL : READ_CATCHUP;
	if (f->mode == READ_LIVE)
		assert_true(r->silence_timeout >= 40000);
	str_cut(what, ' ', &rest);
	f->from = rest.n == 0 ? 0 : (size_t)strtoul(rest.p, NULL, 10);
	f->reading = f->last;
	f->reads++;
	return f->last;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct fake *f = ctx;

	f->cancels++;
	if (request == f->reading)
		f->reading = 0;
	if (request == f->sending)
		f->sending = 0;
}

static void
on_record(void *ctx, struct str bytes)
{
	struct fake *f = ctx;

	buf_str(&f->got, bytes);
	buf_byte(&f->got, '\n');
	if (f->store != NULL)
		assert_int_equal(store_append(f->store, 1, bytes, clock_wall(), NULL), ERR_OK);
}

static void
on_moved(void *ctx, const struct position *at)
{
	struct fake *f = ctx;

	buf_set(&f->at.cursor, buf_view(&at->cursor));
	f->at.skip = at->skip;
	if (f->store != NULL)
		store_set_position(f->store, 1, at);
}

static void
on_reset(void *ctx, const char *why)
{
	struct fake *f = ctx;

	assert_true(*why != '\0');
	f->resets++;
	buf_clear(&f->got);
	if (f->store != NULL)
		assert_int_equal(store_forget(f->store, 1, NULL), ERR_OK);
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	static const char *const words[] = { "confirmed", "rejected", "retrying", "unsure" };
	struct fake *f = ctx;

	buf_printf(&f->told, "%.*s %s %.*s\n", STR_ARG(buf_view(&entry->id)), words[outcome],
	    STR_ARG(detail));
}

static void
on_caught_up(void *ctx, const struct link_outage *outage)
{
	struct fake *f = ctx;

	f->outage = *outage;
	f->outages++;
}

static void
on_acted(void *ctx, const struct act *act, bool ok, struct str detail, struct str body)
{
	struct fake *f = ctx;

	(void)body;
	buf_printf(&f->told, "act %d %s %.*s\n", (int)act->kind, ok ? "ok" : "failed", STR_ARG(detail));
}

static void
on_cut(void *ctx, const char *why)
{
	struct fake *f = ctx;

	buf_printf(&f->cuts, "%s;", why);
}

static void
make_link(struct fake *f)
{
	static char url[] = "http://t/s";
	static const struct endpoint ep = { .url = url };
	const struct link_ops ops = {
		on_send, on_cancel, on_record, on_moved, on_reset, on_sent, on_caught_up, on_acted, NULL,
		on_cut, f
	};

	f->l = link_new(f->dialect, &ep, &f->at, f->outbox, &ops, &f->options);
}

void
fake_init(struct fake *f, const struct dialect *d, struct store *store)
{
	*f = (struct fake){ .store = store, .options = { .seed = 1 }, .dialect = d,
	    .durable = d == &dialect_durable };
	clock_set(1000000, 1700000000000);
	if (store != NULL) {
		int64_t session;

		assert_int_equal(store_session(store, STR("s"), STR("fake"), &session, NULL), ERR_OK);
		assert_int_equal(session, 1);
		assert_int_equal(outbox_open(&f->outbox, store, session, NULL), ERR_OK);
	}
	make_link(f);
}

void
fake_done(struct fake *f)
{
	link_free(f->l);
	outbox_free(f->outbox);
	for (size_t i = 0; i < f->nrecords; i++)
		buf_done(&f->records[i]);
	free(f->records);
	buf_done(&f->asked);
	buf_done(&f->got);
	buf_done(&f->told);
	buf_done(&f->cuts);
	buf_done(&f->at.cursor);
	clock_unset();
}

void
fake_anew(struct fake *f)
{
	link_free(f->l);
	f->reading = f->sending = 0;
	f->ntimes = 0;
	f->resets = 0;
	f->at.skip = 0;
	buf_clear(&f->at.cursor);
	buf_clear(&f->got);
	buf_clear(&f->asked);
	make_link(f);
}

static bool
replay(void *ctx, struct str bytes, int64_t time)
{
	struct fake *f = ctx;

	(void)time;
	buf_str(&f->got, bytes);
	buf_byte(&f->got, '\n');
	return true;
}

void
fake_restart(struct fake *f)
{
	uint64_t count = 0;

	link_free(f->l);
	f->reading = f->sending = 0;
	outbox_free(f->outbox);
	assert_int_equal(store_commit(f->store, NULL), ERR_OK);
	buf_done(&f->at.cursor);
	store_position(f->store, 1, &f->at);
	buf_clear(&f->got);
	assert_int_equal(store_replay(f->store, 1, replay, f, &count, NULL), ERR_OK);
	assert_int_equal(outbox_open(&f->outbox, f->store, 1, NULL), ERR_OK);
	f->options.stored = count;
	make_link(f);
	link_start(f->l);
}

void
fake_fill(struct fake *f, size_t n, size_t size)
{
	size_t cap = f->nrecords;

	while (f->nrecords < n) {
		struct buf *b;

		f->records = mem_grow(f->records, f->nrecords, &cap, sizeof *f->records);
		b = &f->records[f->nrecords];
		*b = (struct buf){ 0 };
		buf_printf(b, "\"%zu", f->nrecords);
		while (b->n < size)
			buf_byte(b, (char)('a' + (b->n + f->nrecords) % 26));
		buf_byte(b, '"');
		f->nrecords++;
	}
}

void
fake_run(struct fake *f, int64_t ms)
{
	int64_t until = clock_mono() + ms;

	for (;;) {
		int64_t next = link_deadline(f->l);

		if (next > until)
			break;
		if (next > clock_mono())
			clock_advance(next - clock_mono());
		link_tick(f->l);
	}
	clock_advance(until - clock_mono());
}

void
fake_asked(struct fake *f, const char *want)
{
	assert_str(buf_view(&f->asked), str_from(want));
	buf_clear(&f->asked);
}

/* ---- the server */

static void
message(struct fake *f, struct http_message m)
{
	if (m.request == 0)
		return;
	if (m.kind == HTTP_END && m.request == f->reading)
		f->reading = 0;
	if (m.kind == HTTP_END && m.request == f->sending)
		f->sending = 0;
	assert_true(link_message(f->l, &m));
}

static void
durable_headers(const char *next, struct buf *out)
{
	struct str words, offset = str_cut(str_from(next), ' ', &words);

	if (str_eq(offset, STR("events"))) {
		buf_str(out, STR("Content-Type: text/event-stream\r\n"));
		return;
	}
	buf_printf(out, "Content-Type: application/json\r\nStream-Next-Offset: %.*s\r\n",
	    STR_ARG(offset));
	if (words.n > 0)
		buf_printf(out, "%s: true\r\n", str_eq(words, STR("closed")) ? "Stream-Closed" :
		    "Stream-Up-To-Date");
}

void
fake_head(struct fake *f, int status, const char *next)
{
	struct buf headers = { 0 };

	if (f->durable)
		durable_headers(next, &headers);
	else if (next != NULL)
		buf_printf(&headers, "Next: %s\r\n", next);
	message(f, (struct http_message){ .request = f->reading, .kind = HTTP_HEAD, .status = status,
	    .headers = buf_view(&headers) });
	buf_done(&headers);
}

void
fake_body(struct fake *f, struct str bytes)
{
	message(f, (struct http_message){ .request = f->reading, .kind = HTTP_BODY, .body = bytes });
}

void
fake_event(struct fake *f, const char *type, const char *data)
{
	message(f, (struct http_message){ .request = f->reading, .kind = HTTP_SSE,
	    .sse = { str_from(type), str_from(data), STR_NONE } });
}

void
fake_end_after(struct fake *f, enum http_end end, int64_t retry_after)
{
	message(f, (struct http_message){ .request = f->reading, .kind = HTTP_END, .end = end,
	    .retry_after = retry_after });
}

void
fake_end(struct fake *f, enum http_end end)
{
	fake_end_after(f, end, 0);
}

void
fake_answer(struct fake *f, int status, const char *headers, const char *body)
{
	uint64_t request = f->sending != 0 ? f->sending : f->acting;

	message(f, (struct http_message){ .request = request, .kind = HTTP_HEAD, .status = status,
	    .headers = str_from(headers) });
	if (*body != '\0')
		message(f, (struct http_message){ .request = request, .kind = HTTP_BODY,
		    .body = str_from(body) });
	message(f, (struct http_message){ .request = request, .kind = HTTP_END, .status = status });
}

void
fake_unanswered(struct fake *f, enum http_end end)
{
	message(f, (struct http_message){ .request = f->sending, .kind = HTTP_END, .end = end });
}

static size_t
take(size_t *budget, size_t want)
{
	size_t n = want < *budget ? want : *budget;

	*budget -= n;
	return n;
}

static void
range(const struct fake *f, size_t from, size_t to, struct buf *out)
{
	buf_clear(out);
	for (size_t i = from; i < to; i++) {
		if (f->durable)
			buf_byte(out, i == from ? '[' : ',');
		buf_str(out, buf_view(&f->records[i]));
		if (!f->durable)
			buf_byte(out, '\n');
	}
	if (f->durable)
		buf_str(out, from == to ? STR("[]") : STR("]"));
}

static void
control(struct fake *f, const char *next)
{
	struct str words, offset = str_cut(str_from(next), ' ', &words);
	char json[128];

	snprintf(json, sizeof json, "{\"streamNextOffset\":\"%.*s\",\"upToDate\":%s}", STR_ARG(offset),
	    words.n > 0 ? "true" : "false");
	fake_event(f, "control", f->durable ? json : next);
}

static size_t
end_of(const struct fake *f, size_t at, size_t page, char next[64])
{
	size_t end = at + page < f->nrecords ? at + page : f->nrecords;

	snprintf(next, 64, "%zu%s", end, end == f->nrecords ? " tail" : "");
	return end;
}

static bool
serve_page(struct fake *f, size_t page, size_t piece, size_t *budget)
{
	uint64_t request = f->reading;
	struct buf body = { 0 };
	char next[64];
	size_t at = 0, n = 1;

	range(f, f->from, end_of(f, f->from, page, next), &body);
	if (take(budget, 1) == 1)
		fake_head(f, 200, next);
	while (at < body.n && n > 0 && f->reading == request) {
		n = take(budget, body.n - at < piece ? body.n - at : piece);
		if (n > 0)
			fake_body(f, str_head(str_skip(buf_view(&body), at), n));
		at += n;
	}
	buf_done(&body);
	if (f->reading != request)
		return true;
	if (take(budget, 1) == 0)
		return false;
	fake_end(f, HTTP_DONE);
	return true;
}

static bool
serve_events(struct fake *f, size_t page, size_t *budget)
{
	uint64_t request = f->reading;
	struct buf data = { 0 };
	char next[64];
	size_t at = f->from;

	if (take(budget, 1) == 1)
		fake_head(f, 200, "events");
	do {
		size_t end = end_of(f, at, page, next);

		range(f, at, end, &data);
		if (end > at && take(budget, 1) == 1)
			fake_event(f, "data", buf_cstr(&data));
		if (f->reading == request && take(budget, 1) == 1)
			control(f, next);
		at = end;
	} while (at < f->nrecords && f->reading == request);
	buf_done(&data);
	return f->reading != request || *budget > 0;
}

bool
fake_serve(struct fake *f, size_t page, size_t piece, size_t *budget)
{
	if (f->reading == 0)
		return true;
	return f->mode == READ_LIVE ? serve_events(f, page, budget) :
	    serve_page(f, page, piece, budget);
}

void
fake_expect_all(const struct fake *f)
{
	struct buf want = { 0 };

	for (size_t i = 0; i < f->nrecords; i++) {
		buf_str(&want, buf_view(&f->records[i]));
		buf_byte(&want, '\n');
	}
	assert_str(buf_view(&f->got), buf_view(&want));
	buf_done(&want);
}

void
fake_expect_words(const struct fake *f, const char *words)
{
	struct buf got = { 0 };

	link_words(f->l, &got);
	assert_str(buf_view(&got), str_from(words));
	buf_done(&got);
}
