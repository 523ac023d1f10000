#include "wire/http_redact.h"

#include "base/log.h"

bool
http_is_secret(struct str name)
{
	static const char *const names[] = { "authorization", "proxy-authorization", "cookie",
		"set-cookie", "x-api-key", "api-key" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq_nocase(name, str_from(names[i])))
			return true;
	return false;
}

void
http_redact(struct buf *out, struct str line)
{
	struct str value, name = str_cut(line, ':', &value);
	struct str query, before;

	line = str_trim(line);
	if (value.p != NULL && http_is_secret(str_trim(name))) {
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
http_log_head(uint64_t request, char mark, struct str head)
{
	struct buf line = { 0 };

	while (head.n > 0) {
		buf_clear(&line);
		http_redact(&line, str_cut(head, '\n', &head));
		if (line.n > 0)
			log_write(LOG_DEBUG, "http %llu %c %s", (unsigned long long)request, mark,
			    buf_cstr(&line));
	}
	buf_done(&line);
}
