/* The sessions of an opencode server, and how they stand. */
#include "wire/opencode.h"

enum err
opencode_list(const struct endpoint *ep, struct str after, struct http_request *out, struct error *e)
{
	struct buf directory = { 0 };
	enum err err;

	(void)after;
	opencode_directory(ep, &directory);
	err = opencode_request(ep, "GET", buf_view(&directory), out, e, "/session");
	buf_done(&directory);
	return err;
}

static void
listed_one(const struct listing_sink *sink, struct str info)
{
	struct buf id = { 0 }, title = { 0 }, parent = { 0 }, directory = { 0 }, target = { 0 };
	struct listed l = { .records = -1, .time = -1 };
	struct str time;

	if (json_get_text(info, "id", &id) && opencode_is_id(buf_view(&id))) {
		json_get_text(info, "title", &title);
		json_get_text(info, "parentID", &parent);
		json_get_text(info, "directory", &directory);
		if (json_get(info, "time", &time))
			json_get_i64(time, "updated", &l.time);
		buf_printf(&target, "/session/%s", buf_cstr(&id));
		l.id = buf_view(&id);
		l.title = buf_view(&title);
		l.parent = buf_view(&parent);
		l.directory = buf_view(&directory);
		l.target = buf_view(&target);
		sink->session(sink->ctx, &l);
	}
	buf_done(&id);
	buf_done(&title);
	buf_done(&parent);
	buf_done(&directory);
	buf_done(&target);
}

enum err
opencode_listed(struct str body, const struct listing_sink *sink, struct buf *next, struct error *e)
{
	struct json j;
	struct str info;

	buf_clear(next);
	json_init(&j, body);
	for (json_array(&j); json_element(&j) && json_value(&j, &info);)
		listed_one(sink, info);
	return json_end(&j) ? ERR_OK : error_set(e, ERR_PROTOCOL, "this is no list of sessions");
}

/* ---- how they stand, which other requests tell */

bool
opencode_list_more(const struct endpoint *ep, unsigned i, struct http_request *out)
{
	static const char *const paths[] = { "/session/status", "/permission", "/question" };
	struct buf directory = { 0 };
	bool made;

	if (i >= sizeof paths / sizeof *paths)
		return false;
	opencode_directory(ep, &directory);
	made = opencode_request(ep, "GET", buf_view(&directory), out, NULL, "%s", paths[i]) == ERR_OK;
	buf_done(&directory);
	return made;
}

/* Who does nothing is not named. */
static void
listed_statuses(struct str body, const struct listing_sink *sink)
{
	struct buf id = { 0 }, type = { 0 };
	struct str raw, status;
	struct json j;

	if (!json_valid(body))
		return;
	json_init(&j, body);
	if (!json_object(&j))
		return;
	sink->status(sink->ctx, STR_NONE, SESS_IDLE);
	while (json_member(&j, &raw) && json_value(&j, &status)) {
		buf_clear(&id);
		buf_clear(&type);
		json_unescape(raw, &id);
		json_get_text(status, "type", &type);
		if (id.n > 0 && str_eq(buf_view(&type), STR("busy")))
			sink->status(sink->ctx, buf_view(&id), SESS_BUSY);
		else if (id.n > 0 && str_eq(buf_view(&type), STR("retry")))
			sink->status(sink->ctx, buf_view(&id), SESS_RETRY);
	}
	buf_done(&id);
	buf_done(&type);
}

static void
listed_asks(struct str body, const struct listing_sink *sink)
{
	struct buf id = { 0 };
	struct json j;
	struct str ask;

	json_init(&j, body);
	for (json_array(&j); json_element(&j) && json_value(&j, &ask);) {
		buf_clear(&id);
		if (json_get_text(ask, "sessionID", &id) && id.n > 0)
			sink->status(sink->ctx, buf_view(&id), SESS_WAITING);
	}
	buf_done(&id);
}

void
opencode_listed_more(unsigned i, struct str body, const struct listing_sink *sink)
{
	if (i == 0)
		listed_statuses(body, sink);
	else
		listed_asks(body, sink);
}
