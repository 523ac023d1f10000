#include "wire/listing.h"

#include "wire/json.h"

enum { PAGE = 100 };

static struct str
behind(struct str path, struct str prefix)
{
	struct str rest;
	size_t at = str_find(path, prefix);

	return at < path.n ? str_cut(str_skip(path, at + prefix.n), '/', &rest) : STR_NONE;
}

struct str
listing_session(struct str path, bool *pages)
{
	struct str id = behind(path, STR(LISTING_SESSIONS));

	*pages = id.n > 0;
	return *pages ? id : behind(path, STR(LISTING_STREAMS));
}

enum err
listing_request(const struct endpoint *ep, struct str after, struct http_request *out,
    struct error *e)
{
	struct buf target = { 0 };
	enum err err;

	buf_printf(&target, "/api/sessions?limit=%d", PAGE);
	if (after.n > 0) {
		buf_str(&target, STR("&after="));
		http_escape(&target, after);
	}
	err = endpoint_request_at(ep, "GET", buf_view(&target), out, e);
	buf_done(&target);
	return err;
}

/* A member that is a text, in the arena; empty when it is none. */
static struct str
text_of(struct str object, const char *key, struct arena *a)
{
	struct str raw;

	if (!json_get(object, key, &raw) || raw.n < 2 || raw.p[0] != '"')
		return STR_NONE;
	return json_text(str_head(str_skip(raw, 1), raw.n - 2), a);
}

static bool
is_true(struct str object, const char *key)
{
	struct str raw;

	return json_get(object, key, &raw) && str_eq(raw, STR("true"));
}

static enum sess_status
status_of(struct str word)
{
	static const struct {
		struct str word;
		enum sess_status status;
	} words[] = {
		{ STR("idle"), SESS_IDLE }, { STR("active"), SESS_BUSY }, { STR("busy"), SESS_BUSY },
		{ STR("running"), SESS_BUSY }, { STR("retry"), SESS_RETRY },
		{ STR("waiting"), SESS_WAITING }, { STR("closed"), SESS_IDLE },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(word, words[i].word))
			return words[i].status;
	return SESS_UNSAID;
}

/* Without a stream of its own name the session is read through the API. */
static void
find_target(struct str object, struct str id, struct arena *a, struct buf *out)
{
	struct str stream = text_of(object, "stream", a), part;

	buf_clear(out);
	if (stream.n == 0) {
		buf_str(out, STR(LISTING_SESSIONS));
		http_escape(out, id);
		buf_str(out, STR("/stream"));
		return;
	}
	buf_str(out, STR("/v1/stream"));
	while (stream.p != NULL) {
		part = str_cut(stream, '/', &stream);
		buf_byte(out, '/');
		http_escape(out, part);
	}
}

static void
decode_one(struct str object, const struct listing_sink *sink, struct buf *target)
{
	struct arena a = { 0 };
	struct listed s = { .records = -1, .time = -1 };

	s.id = text_of(object, "id", &a);
	s.title = text_of(object, "title", &a);
	s.parent = text_of(object, "parent", &a);
	s.directory = text_of(object, "directory", &a);
	s.model = text_of(object, "model", &a);
	s.status = status_of(text_of(object, "status", &a));
	s.closed = is_true(object, "closed");
	json_get_i64(object, "offset", &s.records);
	if (!json_get_i64(object, "updatedAt", &s.time))
		json_get_i64(object, "createdAt", &s.time);
	find_target(object, s.id, &a, target);
	s.target = buf_view(target);
	if (s.id.n > 0)
		sink->session(sink->ctx, &s);
	arena_done(&a);
}

enum err
listing_decode(struct str body, const struct listing_sink *sink, struct buf *next, struct error *e)
{
	struct str data, pages, object;
	struct buf target = { 0 };
	struct json j;

	buf_clear(next);
	if (!json_get(body, "data", &data) || data.n == 0 || data.p[0] != '[')
		return error_set(e, ERR_PROTOCOL, "the answer is no list of sessions: this is not a session "
		    "server; check the address");
	json_init(&j, data);
	json_array(&j);
	while (json_element(&j) && json_value(&j, &object))
		if (object.p[0] == '{')
			decode_one(object, sink, &target);
	if (json_get(body, "pagination", &pages) && is_true(pages, "hasMore"))
		json_get_text(pages, "after", next);
	buf_done(&target);
	return ERR_OK;
}
