/* What is sent to an opencode server, and what is asked of it besides its stream. */
#include "wire/opencode.h"

#include <stdarg.h>
#include <string.h>

#define SESSION "/session/"

/* ---- addresses */

struct str
opencode_session(const struct endpoint *ep)
{
	struct str rest, path = endpoint_path(ep);
	size_t at = str_find(path, STR(SESSION));

	return at < path.n ? str_cut(str_skip(path, at + strlen(SESSION)), '/', &rest) : STR_NONE;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
opencode_directory(const struct endpoint *ep, struct buf *out)
{
	struct str query, pair, value;

	str_cut(str_from(ep->url), '?', &query);
	while (query.p != NULL) {
		pair = str_cut(query, '&', &query);
		if (!str_eq(str_cut(pair, '=', &value), STR("directory")))
			continue;
		for (size_t i = 0; i < value.n; i++) {
			bool escape = value.p[i] == '%' && i + 2 < value.n && hex(value.p[i + 1]) >= 0 &&
			    hex(value.p[i + 2]) >= 0;

			buf_byte(out, escape ? (char)(hex(value.p[i + 1]) << 4 | hex(value.p[i + 2])) :
			    value.p[i]);
			i += escape ? 2 : 0;
		}
		return;
	}
}

enum err
opencode_request(const struct endpoint *ep, const char *method, struct str directory,
    struct http_request *out, struct error *e, const char *fmt, ...)
{
	struct str path = endpoint_path(ep);
	struct buf target = { 0 };
	enum err err;
	va_list ap;

	/* A server may live below a path of its own. */
	buf_str(&target, str_head(path, str_find(path, STR(SESSION))));
	while (target.n > 0 && target.p[target.n - 1] == '/')
		target.n--;
	va_start(ap, fmt);
	buf_vprintf(&target, fmt, ap);
	va_end(ap);
	if (directory.n > 0) {
		bool more = str_find_byte(buf_view(&target), '?') < target.n;

		buf_printf(&target, "%cdirectory=", more ? '&' : '?');
		http_escape(&target, directory);
	}
	err = endpoint_request_at(ep, method, buf_view(&target), out, e);
	buf_done(&target);
	return err;
}

/* ---- what a person does */

/* The part of a message has its id but for the first letters: sent twice it is the same part. */
static void
write_prompt(struct json_writer *w, const struct act *act)
{
	struct str provider, model;
	bool ours = str_starts(act->id, STR("msg_"));

	if (ours)
		jw_pair(w, "messageID", act->id);
	if (act->agent.n > 0)
		jw_pair(w, "agent", act->agent);
	provider = str_cut(act->model, '/', &model);
	if (model.n > 0) {
		jw_key(w, "model");
		jw_object(w);
		jw_pair(w, "providerID", provider);
		jw_pair(w, "modelID", model);
		jw_end_object(w);
	}
	jw_key(w, "parts");
	jw_array(w);
	jw_object(w);
	if (ours) {
		struct buf id = { 0 };

		buf_str(&id, STR("prt_"));
		buf_str(&id, str_skip(act->id, 4));
		jw_pair(w, "id", buf_view(&id));
		buf_done(&id);
	}
	jw_pair(w, "type", STR("text"));
	jw_pair(w, "text", act->text);
	jw_end_object(w);
	jw_end_array(w);
}

static void
write_command(struct json_writer *w, const struct act *act)
{
	if (act->kind == ACT_COMMAND) {
		jw_pair(w, "command", act->name);
		jw_pair(w, "arguments", act->text);
		if (act->model.n > 0)
			jw_pair(w, "model", act->model);
	} else {
		jw_pair(w, "command", act->text);
	}
	/* A shell is always some agent's. */
	if (act->agent.n > 0 || act->kind == ACT_SHELL)
		jw_pair(w, "agent", act->agent.n > 0 ? act->agent : STR("build"));
}

static void
write_answer(struct json_writer *w, const struct act *act)
{
	bool question = str_starts(act->ask, STR("que_"));

	if (!question) {
		jw_pair(w, "reply", act->answer == ANSWER_REJECT ? STR("reject") :
		    act->answer == ANSWER_ALWAYS ? STR("always") : STR("once"));
		if (act->text.n > 0)
			jw_pair(w, "message", act->text);
		return;
	}
	if (act->answer == ANSWER_REJECT)
		return;
	jw_key(w, "answers");
	if (act->answer == ANSWER_CHOICES && json_valid(act->text)) {
		jw_raw(w, act->text);
		return;
	}
	jw_array(w);
	jw_array(w);
	jw_string(w, act->text);
	jw_end_array(w);
	jw_end_array(w);
}

static void
write_body(struct json_writer *w, const struct act *act)
{
	jw_object(w);
	if (act->kind == ACT_INPUT)
		write_prompt(w, act);
	else if (act->kind == ACT_COMMAND || act->kind == ACT_SHELL)
		write_command(w, act);
	else if (act->kind == ACT_ANSWER)
		write_answer(w, act);
	else if ((act->kind == ACT_RENAME || act->kind == ACT_NEW) && act->text.n > 0)
		jw_pair(w, "title", act->text);
	else if (act->kind == ACT_REVERT)
		jw_pair(w, "messageID", act->text);
	jw_end_object(w);
}

/* An id becomes a part of a path. */
bool
opencode_is_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", id.p[i]) ==
		    NULL || id.p[i] == '\0')
			return false;
	return id.n > 0 && id.n <= 128;
}

static enum err
begin_act(const struct endpoint *ep, const struct act *act, struct str directory,
    struct http_request *out, struct error *e)
{
	static const struct {
		const char *method, *path;
	} acts[] = {
		[ACT_INPUT] = { "POST", "/prompt_async" }, [ACT_STOP] = { "POST", "/abort" },
		[ACT_COMMAND] = { "POST", "/command" }, [ACT_SHELL] = { "POST", "/shell" },
		[ACT_RENAME] = { "PATCH", "" }, [ACT_FORK] = { "POST", "/fork" },
		[ACT_DELETE] = { "DELETE", "" }, [ACT_REVERT] = { "POST", "/revert" },
		[ACT_UNREVERT] = { "POST", "/unrevert" },
	};
	struct str id = opencode_session(ep);
	bool question = str_starts(act->ask, STR("que_"));

	if (act->kind >= ACT_AGENTS)
		return opencode_request(ep, "GET", directory, out, e, "%s",
		    act->kind == ACT_AGENTS ? "/agent" : act->kind == ACT_MODELS ? "/config/providers" : "/command");
	if (act->kind == ACT_NEW)
		return opencode_request(ep, "POST", directory, out, e, "/session");
	if (act->kind == ACT_ANSWER && !opencode_is_id(act->ask))
		return error_set(e, ERR_PROTOCOL, "the question has an id that cannot be answered to");
	if (act->kind == ACT_ANSWER)
		return opencode_request(ep, "POST", directory, out, e, "/%s/%.*s/%s",
		    question ? "question" : "permission", STR_ARG(act->ask),
		    question && act->answer == ANSWER_REJECT ? "reject" : "reply");
	if ((size_t)act->kind >= sizeof acts / sizeof *acts || acts[act->kind].path == NULL || id.n == 0)
		return error_set(e, ERR_DENIED, "an opencode server knows no such thing");
	return opencode_request(ep, acts[act->kind].method, directory, out, e, "/session/%.*s%s",
	    STR_ARG(id), acts[act->kind].path);
}

enum err
opencode_encode(const struct endpoint *ep, const struct act *act, struct http_request *out,
    struct error *e)
{
	struct buf body = { 0 }, directory = { 0 };
	struct json_writer w = { .out = &body };
	enum err err;

	opencode_directory(ep, &directory);
	err = begin_act(ep, act, directory.n > 0 ? buf_view(&directory) : act->directory, out, e);
	buf_done(&directory);
	if (err != ERR_OK || act->kind == ACT_DELETE || act->kind >= ACT_AGENTS)
		return err;
	write_body(&w, act);
	http_request_body(out, "application/json", buf_view(&body));
	buf_done(&body);
	/* These are answered when the turn has ended. */
	if (act->kind == ACT_COMMAND || act->kind == ACT_SHELL)
		out->total_timeout = out->head_timeout = INT64_MAX;
	return ERR_OK;
}

void
opencode_id(int64_t ms, const unsigned char random[16], struct buf *out)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t time = ((uint64_t)ms * 4096 + random[14]) & 0xFFFFFFFFFFFF;

	buf_printf(out, "msg_%012llx", (unsigned long long)time);
	for (size_t i = 0; i < 14; i++)
		buf_byte(out, digits[random[i] % 62]);
}

bool
opencode_made(struct str body, struct buf *id)
{
	return json_get_text(body, "id", id);
}

void
opencode_place(const struct endpoint *ep, struct str id, struct buf *target)
{
	struct buf directory = { 0 };

	opencode_directory(ep, &directory);
	buf_set(target, STR(SESSION));
	http_escape(target, id);
	if (directory.n > 0) {
		buf_str(target, STR("?directory="));
		http_escape(target, buf_view(&directory));
	}
	buf_done(&directory);
}
