#include <inttypes.h>

#include "base/utf8.h"
#include "wire/json.h"
#include "wire/json_plain.h"

static void
separate(struct json_writer *w)
{
	if (w->comma)
		buf_byte(w->out, ',');
	w->comma = true;
}

static void
open_with(struct json_writer *w, char c)
{
	separate(w);
	buf_byte(w->out, c);
	w->comma = false;
}

static void
close_with(struct json_writer *w, char c)
{
	buf_byte(w->out, c);
	w->comma = true;
}

void
jw_object(struct json_writer *w)
{
	open_with(w, '{');
}

void
jw_array(struct json_writer *w)
{
	open_with(w, '[');
}

void
jw_end_object(struct json_writer *w)
{
	close_with(w, '}');
}

void
jw_end_array(struct json_writer *w)
{
	close_with(w, ']');
}

static void
escape(struct buf *out, char c)
{
	switch (c) {
	case '"': case '\\':
		buf_byte(out, '\\');
		buf_byte(out, c);
		break;
	case '\n':
		buf_str(out, STR("\\n"));
		break;
	case '\r':
		buf_str(out, STR("\\r"));
		break;
	case '\t':
		buf_str(out, STR("\\t"));
		break;
	default:
		buf_printf(out, "\\u%04x", c);
	}
}

static void
quote(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	while (s.n > 0) {
		size_t run = (size_t)(json_plain(s.p, s.p + s.n) - s.p);

		utf8_add_str(out, str_head(s, run));
		s = str_skip(s, run);
		if (s.n == 0)
			break;
		escape(out, s.p[0]);
		s = str_skip(s, 1);
	}
	buf_byte(out, '"');
}

void
jw_key(struct json_writer *w, const char *key)
{
	separate(w);
	quote(w->out, str_from(key));
	buf_byte(w->out, ':');
	w->comma = false;
}

void
jw_string(struct json_writer *w, struct str s)
{
	separate(w);
	quote(w->out, s);
}

void
jw_raw(struct json_writer *w, struct str json)
{
	separate(w);
	buf_str(w->out, json);
}

void
jw_i64(struct json_writer *w, int64_t v)
{
	separate(w);
	buf_printf(w->out, "%" PRId64, v);
}

void
jw_bool(struct json_writer *w, bool v)
{
	jw_raw(w, v ? STR("true") : STR("false"));
}

void
jw_null(struct json_writer *w)
{
	jw_raw(w, STR("null"));
}

void
jw_pair(struct json_writer *w, const char *key, struct str s)
{
	jw_key(w, key);
	jw_string(w, s);
}

void
jw_pair_i64(struct json_writer *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_i64(w, v);
}
