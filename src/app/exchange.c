#include "app/exchange.h"

#include "app/loop.h"
#include "base/clock.h"
#include "model/backoff.h"

enum { TRIES = 6, PAUSE_FIRST = 100, PAUSE_MAX = 5000 };

enum err
exchange_open(struct exchange *x, int signals, struct error *e)
{
	*x = (struct exchange){ .http = http_new(e), .signals = signals };
	return x->http != NULL ? ERR_OK : e->code;
}

void
exchange_close(struct exchange *x)
{
	if (x->http != NULL)
		http_free(x->http);
	buf_done(&x->headers);
	buf_done(&x->body);
	*x = (struct exchange){ 0 };
}

struct str
exchange_header(const struct exchange *x, const char *name)
{
	return http_header(buf_view(&x->headers), name);
}

/* False when somebody wants it to end. */
static bool
wait(const struct exchange *x, int fd, int64_t deadline)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = x->signals, .events = POLLIN },
	};

	loop_wait(fds, 2, deadline);
	return x->signals < 0 || loop_next_signal(x->signals) == 0;
}

/* Takes messages until the request ends; false when interrupted. */
static bool
take_answer(struct exchange *x, uint64_t request, enum http_end *end, int64_t *retry_after)
{
	struct http_message m;

	x->status = 0;
	buf_clear(&x->headers);
	buf_clear(&x->body);
	for (;;) {
		if (!http_next(x->http, &m)) {
			if (!wait(x, http_fd(x->http), INT64_MAX))
				return false;
			continue;
		}
		if (m.request != request)
			continue;
		if (m.kind == HTTP_HEAD) {
			x->status = m.status;
			buf_set(&x->headers, m.headers);
		} else if (m.kind == HTTP_BODY) {
			buf_str(&x->body, m.body);
		} else if (m.kind == HTTP_END) {
			*end = m.end;
			*retry_after = m.retry_after;
			return true;
		}
	}
}

static bool
is_final(enum http_end end, int status)
{
	if (end != HTTP_DONE)
		return end == HTTP_TLS || end == HTTP_TOO_LARGE || end == HTTP_REDIRECT;
	return status < 500 && status != 408 && status != 429;
}

enum err
exchange_ask(struct exchange *x, struct http_request *r, struct error *e)
{
	struct backoff pause;
	enum http_end end = HTTP_FAILED;
	int64_t retry_after = 0;
	enum err err = ERR_OK;

	backoff_init(&pause, PAUSE_FIRST, PAUSE_MAX, 0, 0);
	for (int tries = 1;; tries++) {
		if (!take_answer(x, http_send(x->http, r), &end, &retry_after)) {
			err = error_set(e, ERR_INTERRUPTED, "interrupted");
			break;
		}
		if (is_final(end, x->status) || tries == TRIES)
			break;
		if (!wait(x, -1, backoff_next(&pause, clock_mono(), retry_after))) {
			err = error_set(e, ERR_INTERRUPTED, "interrupted");
			break;
		}
	}
	if (err == ERR_OK && end != HTTP_DONE)
		err = error_set(e, ERR_CONNECT, "%s %s: %s; is the server running?", r->method, r->url,
		    http_end_name(end));
	http_request_done(r);
	return err;
}
