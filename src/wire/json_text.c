#include <string.h>

#include "base/utf8.h"
#include "wire/json.h"

static unsigned
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* The code unit of "\uXXXX" at the start of `s`. */
static bool
code_unit(struct str s, uint32_t *unit)
{
	uint32_t v = 0;

	if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
		return false;
	for (size_t i = 2; i < 6; i++) {
		unsigned digit = hex_digit(s.p[i]);

		if (digit > 15)
			return false;
		v = v << 4 | digit;
	}
	*unit = v;
	return true;
}

/*
 * The code point of the escape at the start of `s`, its bytes in *len. Half a surrogate pair is
 * U+FFFD, and so is a backslash that begins no escape: any bytes at all may be given.
 */
static uint32_t
escape(struct str s, size_t *len)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = s.n > 1 ? memchr(names, s.p[1], sizeof names - 1) : NULL;
	uint32_t unit, low;

	if (name != NULL) {
		*len = 2;
		return (unsigned char)values[name - names];
	}
	if (!code_unit(s, &unit)) {
		*len = 1;
		return UTF8_REPLACEMENT;
	}
	*len = 6;
	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	if (unit > 0xDBFF || !code_unit(str_skip(s, 6), &low) || low < 0xDC00 || low > 0xDFFF)
		return UTF8_REPLACEMENT;
	*len = 12;
	return 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
}

bool
json_is(struct str raw, const char *text)
{
	while (raw.n > 0) {
		struct str one = str_head(raw, 1);
		size_t len = 1;
		char at[4];

		if (raw.p[0] == '\\')
			one = str_of(at, utf8_encode(escape(raw, &len), at));
		for (size_t i = 0; i < one.n; i++)
			if (one.p[i] != *text || *text++ == '\0')
				return false;
		raw = str_skip(raw, len);
	}
	return *text == '\0';
}

void
json_unescape(struct str raw, struct buf *out)
{
	while (raw.n > 0) {
		size_t run = str_find_byte(raw, '\\'), len;

		utf8_add_str(out, str_head(raw, run));
		raw = str_skip(raw, run);
		if (raw.n == 0)
			break;
		utf8_add(out, escape(raw, &len));
		raw = str_skip(raw, len);
	}
}

struct str
json_text(struct str raw, struct arena *a)
{
	struct buf text = { 0 };
	struct str kept;

	if (str_find_byte(raw, '\\') == raw.n && utf8_valid(raw))
		return raw;
	json_unescape(raw, &text);
	kept = arena_str(a, buf_view(&text));
	buf_done(&text);
	return kept;
}

bool
json_get(struct str object, const char *key, struct str *value)
{
	struct json j;
	struct str name, found = STR_NONE;

	json_init(&j, object);
	json_object(&j);
	while (json_member(&j, &name))
		if (json_is(name, key))
			json_value(&j, &found);
	if (!json_end(&j) || found.p == NULL)
		return false;
	*value = found;
	return true;
}

bool
json_get_text(struct str object, const char *key, struct buf *out)
{
	struct json j;
	struct str value;

	if (!json_get(object, key, &value))
		return false;
	json_init(&j, value);
	if (!json_string(&j, &value))
		return false;
	json_unescape(value, out);
	return true;
}

bool
json_get_i64(struct str object, const char *key, int64_t *out)
{
	struct json j;
	struct str value;

	if (!json_get(object, key, &value))
		return false;
	json_init(&j, value);
	return json_i64(&j, out);
}
