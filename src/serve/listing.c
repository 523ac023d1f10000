#include "serve/listing.h"

#include "base/clock.h"
#include "serve/params.h"
#include "serve/sessions.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, WALK_MAX = 4096 };

static void
write_stream(struct json_writer *w, const struct stream *s)
{
	char tail[OFFSET_LEN + 1];

	offset_format(s->tail, tail);
	jw_object(w);
	jw_pair(w, "path", buf_view(&s->path));
	jw_pair(w, "contentType", buf_view(&s->type));
	jw_pair(w, "nextOffset", str_from(tail));
	jw_key(w, "closed");
	jw_bool(w, s->closed);
	/* One that only shows what stands in others. */
	jw_key(w, "view");
	jw_bool(w, s->view);
	jw_end_object(w);
}

/* At most `limit` behind `last`, which moves on; true when there may be more. */
static bool
write_streams(struct server *s, struct buf *last, int64_t limit, struct json_writer *w)
{
	struct stream stream = { 0 };
	bool more = true;

	for (int walked = 0; limit > 0 && walked < WALK_MAX; walked++) {
		more = streams_next(s->reader, buf_view(last), STR("\xff"), &stream);
		if (!more)
			break;
		buf_set(last, buf_view(&stream.path));
		if (stream_life(&stream, clock_wall()) != STREAM_LIVE)
			continue;
		write_stream(w, &stream);
		limit--;
	}
	stream_done(&stream);
	return more;
}

static bool
take_limit(struct str query, int64_t *limit)
{
	struct buf text = { 0 };
	int times = params_query(query, "limit", &text);
	bool ok = times == 0 || (times == 1 && str_to_i64(buf_view(&text), limit) && *limit > 0 &&
	    *limit <= LIMIT_MAX);

	buf_done(&text);
	return ok;
}

void
listing_handle(struct server *s, struct request *r)
{
	struct buf json = { 0 }, last = { 0 };
	int64_t limit = LIMIT_DEFAULT;
	struct json_writer w;
	bool more, ok;

	if (params_query(request_query(r), "after", &last) > 1 ||
	    !take_limit(request_query(r), &limit)) {
		session_fail(r, 400, "INVALID_PARAMS", "limit is 1 to 1000, after a path");
		goto out;
	}
	session_begin(&w, &json, -1);
	jw_key(&w, "data");
	jw_array(&w);
	more = write_streams(s, &last, limit, &w);
	jw_end_array(&w);
	if (more)
		jw_pair(&w, "after", buf_view(&last));
	jw_end_object(&w);
	ok = streams_ok(s->reader);
	streams_clear(s->reader);
	if (ok)
		session_answer(r, 200, &json);
	else
		session_fail(r, 503, "STREAM_UNAVAILABLE", "the log cannot be read");
out:
	buf_done(&json);
	buf_done(&last);
}
