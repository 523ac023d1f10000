#include "serve/params.h"

#include "base/utf8.h"

enum { ID_MAX = 100 };

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
params_unescape(struct str raw, struct buf *out)
{
	for (size_t i = 0; i < raw.n; i++) {
		int hi, lo;

		if (raw.p[i] != '%') {
			buf_byte(out, raw.p[i]);
			continue;
		}
		if (raw.n - i < 3 || (hi = hex(raw.p[i + 1])) < 0 || (lo = hex(raw.p[i + 2])) < 0 ||
		    (hi == 0 && lo == 0))
			return false;
		buf_byte(out, (char)(hi << 4 | lo));
		i += 2;
	}
	return true;
}

int
params_query(struct str query, const char *name, struct buf *value)
{
	struct str rest = query;
	int times = 0;

	while (rest.p != NULL && rest.n > 0) {
		struct str v, pair = str_cut(rest, '&', &rest), key = str_cut(pair, '=', &v);

		if (!str_eq(key, str_from(name)) || times++ > 0)
			continue;
		buf_clear(value);
		if (!params_unescape(v, value))
			buf_set(value, v);
	}
	return times;
}

/* No control characters, no segment that a file system would take for "here" or "up". */
static bool
path_ok(struct str path)
{
	struct str rest = path;

	if (path.n == 0 || path.n > PARAMS_PATH_MAX || !utf8_valid(path))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7f)
			return false;
	while (rest.p != NULL) {
		struct str segment = str_cut(rest, '/', &rest);

		if (str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return false;
	}
	return true;
}

bool
params_path(struct str raw, struct buf *out)
{
	if (str_find(raw, STR("%2f")) < raw.n || str_find(raw, STR("%2F")) < raw.n)
		return false;
	buf_clear(out);
	return params_unescape(raw, out) && path_ok(buf_view(out));
}

struct str
params_media_type(struct str content_type)
{
	struct str rest;

	return str_trim(str_cut(content_type, ';', &rest));
}

bool
params_same_type(struct str a, struct str b)
{
	return str_eq_nocase(params_media_type(a), params_media_type(b));
}

bool
params_is_json(struct str content_type)
{
	return params_same_type(content_type, STR("application/json"));
}

bool
params_type_ok(struct str content_type)
{
	if (content_type.n == 0 || content_type.n > 255 || params_media_type(content_type).n == 0)
		return false;
	for (size_t i = 0; i < content_type.n; i++)
		if (content_type.p[i] < 0x20 || content_type.p[i] > 0x7e)
			return false;
	return true;
}

bool
params_ttl(struct str s, int64_t *seconds)
{
	/* More than 300 years of milliseconds do not fit into what expiry is counted in. */
	return s.n > 0 && s.p[0] != '-' && (s.n == 1 || s.p[0] != '0') && str_to_i64(s, seconds) &&
	    *seconds <= INT64_C(9999999999);
}

bool
params_true(struct str s)
{
	return str_eq_nocase(s, STR("true"));
}

bool
params_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '_' || c == '-'))
			return false;
	}
	return s.n > 0 && s.n <= ID_MAX;
}
