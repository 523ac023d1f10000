#include "wire/http_redact.h"

#include "base/log.h"

/* Whether `part`, in lower case, is somewhere in `name`. */
static bool
holds(struct str name, const char *part)
{
	struct str want = str_from(part);

	for (size_t i = 0; i + want.n <= name.n; i++)
		if (str_eq_nocase(str_of(name.p + i, want.n), want))
			return true;
	return false;
}

bool
http_is_secret(struct str name)
{
	static const char *const parts[] = { "auth", "cookie", "key", "token", "secret", "passw",
		"credential", "signature" };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (holds(name, parts[i]))
			return true;
	return false;
}

static bool
is_secret_of(const struct http_request *r, struct str name)
{
	for (size_t i = 0; r != NULL && i < r->nheaders; i++)
		if (r->headers[i].secret && str_eq_nocase(str_from(r->headers[i].name), name))
			return true;
	return false;
}

void
http_redact(struct buf *out, struct str line, const struct http_request *r)
{
	struct str value, name = str_cut(line, ':', &value);
	struct str query, before;

	line = str_trim(line);
	if (value.p != NULL && (http_is_secret(str_trim(name)) || is_secret_of(r, str_trim(name)))) {
		buf_str(out, name);
		buf_str(out, STR(": [hidden]"));
		return;
	}
	before = str_cut(line, '?', &query);
	buf_str(out, before);
	if (query.p == NULL)
		return;
	buf_str(out, STR("?[hidden]"));
	buf_str(out, str_skip(query, str_find_byte(query, ' ')));
}

void
http_log_head(uint64_t request, char mark, struct str head, const struct http_request *r)
{
	struct buf line = { 0 };

	while (head.n > 0) {
		buf_clear(&line);
		http_redact(&line, str_cut(head, '\n', &head), r);
		if (line.n > 0)
			log_write(LOG_DEBUG, "http %llu %c %s", (unsigned long long)request, mark,
			    buf_cstr(&line));
	}
	buf_done(&line);
}
