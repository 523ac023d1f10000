/* What a dialect asks besides the stream, once that is open; it ends with the stream. */
#include "model/link_parts.h"

static void
forget(struct aside_request *r)
{
	r->request = 0;
	r->status = 0;
	buf_done(&r->headers);
	buf_done(&r->body);
}

void
link_aside_drop(struct link *l)
{
	for (size_t i = 0; i < LINK_ASIDES; i++) {
		struct aside_request *r = &l->read.asides[i];

		if (r->request != 0)
			l->ops.cancel(l->ops.ctx, r->request);
		forget(r);
	}
	link_branch_drop(l);
}

void
link_aside_ask(struct link *l)
{
	for (size_t i = 0; i < LINK_ASIDES; i++) {
		struct aside_request *r = &l->read.asides[i];
		struct http_request request = { 0 };

		if (r->request != 0)
			continue;
		if (l->d->ask == NULL || !l->d->ask(l->ep, l->read.framer, &r->what, &request))
			return;
		r->request = l->ops.send(l->ops.ctx, &request);
		http_request_done(&request);
	}
}

static void
answered(struct link *l, struct aside_request *r, bool whole)
{
	struct error e = { 0 };
	struct aside a = { r->what, whole ? r->status : 0, buf_view(&r->headers), buf_view(&r->body) };
	bool ok;

	r->request = 0;
	ok = link_take_aside(l, &a, &e);
	if (l->read.request == 0)
		return;
	forget(r);
	if (ok)
		link_aside_ask(l);
	else
		link_read_again(l, e.text);
}

bool
link_aside_message(struct link *l, const struct http_message *m)
{
	for (size_t i = 0; i < LINK_ASIDES; i++) {
		struct aside_request *r = &l->read.asides[i];

		if (r->request != m->request || r->request == 0)
			continue;
		if (m->kind == HTTP_HEAD) {
			r->status = m->status;
			buf_set(&r->headers, m->headers);
		} else if (m->kind == HTTP_BODY) {
			buf_str(&r->body, m->body);
		} else if (m->kind == HTTP_END) {
			answered(l, r, m->end == HTTP_DONE);
		}
		return true;
	}
	return false;
}
