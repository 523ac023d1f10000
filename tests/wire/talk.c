#include "tests/wire/talk.h"

#include <poll.h>

#include "tests/unit.h"

struct http *
talk_start(void)
{
	struct error e;
	struct http *h = http_new(&e);

	if (h == NULL)
		fail_msg("%s", e.text);
	return h;
}

void
talk_next(struct http *h, struct http_message *m)
{
	struct pollfd f = { .fd = http_fd(h), .events = POLLIN };

	while (!http_next(h, m))
		if (poll(&f, 1, 20000) <= 0)
			fail_msg("no message came");
}

void
talk_print(struct buf *out, const struct http_message *m)
{
	switch (m->kind) {
	case HTTP_HEAD:
		buf_printf(out, "head %d\n", m->status);
		break;
	case HTTP_SSE:
		buf_printf(out, "sse %.*s|%.*s|%.*s\n", STR_ARG(m->sse.type), STR_ARG(m->sse.data),
		    STR_ARG(m->sse.id));
		break;
	case HTTP_ALIVE:
		buf_printf(out, "alive\n");
		break;
	case HTTP_RETRY:
		buf_printf(out, "retry %llu\n", (unsigned long long)m->number);
		break;
	case HTTP_BODY:
		buf_printf(out, "body %.*s\n", STR_ARG(m->body));
		break;
	case HTTP_FRAME:
		buf_printf(out, "frame %llu %.*s\n", (unsigned long long)m->number, STR_ARG(m->body));
		break;
	case HTTP_END:
		buf_printf(out, "end %s %d", http_end_name(m->end), m->status);
		if (m->retry_after != 0)
			buf_printf(out, " retry-after %lld", (long long)m->retry_after);
		buf_byte(out, '\n');
		break;
	}
}

const char *
talk_until(struct http *h, enum http_kind kind)
{
	static struct buf out;
	struct http_message m;

	buf_clear(&out);
	do {
		talk_next(h, &m);
		talk_print(&out, &m);
	} while (m.kind != kind && m.kind != HTTP_END);
	return buf_cstr(&out);
}
