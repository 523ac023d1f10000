#include "serve/about.h"

#include "serve/messages.h"
#include "serve/params.h"
#include "wire/json.h"

enum { ABOUT_MAX = 4096 };

static bool
may_have(const struct stream *s)
{
	return !s->view && params_is_json(buf_view(&s->type));
}

/* The first message: what is kept of it, or it itself. */
static bool
find_first(struct streams *log, const struct stream *s, struct buf *out)
{
	struct buf row = { 0 };
	struct str rest, message;
	bool found;

	if (!streams_about(log, s->id, &row))
		streams_read(log, s, streams_first(log, s), s->tail, 1, &row);
	rest = buf_view(&row);
	found = messages_next(&rest, &message) && message.n <= ABOUT_MAX;
	if (found)
		buf_set(out, message);
	buf_done(&row);
	return found;
}

static bool
is_session(struct str message)
{
	struct buf type = { 0 };
	bool is = message.n <= ABOUT_MAX && json_get_text(message, "type", &type) &&
	    str_eq(buf_view(&type), STR("session"));

	buf_done(&type);
	return is;
}

void
about_append(struct streams *log, const struct stream *s, struct offset at, struct str messages)
{
	struct str message, last = STR_NONE;
	struct buf about = { 0 };

	/* Of what is appended all day long hardly anything has this word in it. */
	if (!may_have(s) || str_find(messages, STR("\"session\"")) == messages.n ||
	    offset_cmp(at, streams_first(log, s)) == 0)
		return;
	while (messages_next(&messages, &message))
		if (is_session(message))
			last = message;
	if (last.n > 0 && find_first(log, s, &about)) {
		buf_byte(&about, ',');
		buf_str(&about, last);
		streams_set_about(log, s->id, buf_view(&about));
	}
	buf_done(&about);
}

void
about_keep(struct streams *log, const struct stream *s)
{
	struct buf about = { 0 };

	if (s->first.n == 0 && may_have(s) && !streams_about(log, s->id, &about) &&
	    find_first(log, s, &about))
		streams_set_about(log, s->id, buf_view(&about));
	buf_done(&about);
}
