#include "serve/messages.h"

#include "base/utf8.h"
#include "wire/json.h"

int64_t
messages_split(struct str body, struct buf *out)
{
	struct json j;
	struct str value;
	int64_t n = 0;

	if (!utf8_valid(body))
		return -1;
	json_init(&j, body);
	if (json_peek(&j) != JSON_ARRAY) {
		if (!json_value(&j, &value) || !json_end(&j))
			return -1;
		buf_str(out, value);
		return 1;
	}
	json_array(&j);
	for (; json_element(&j) && json_value(&j, &value); n++) {
		if (n > 0)
			buf_byte(out, ',');
		buf_str(out, value);
	}
	return json_end(&j) ? n : -1;
}

/* The byte behind the JSON value that begins at `at`. Only for what was validated when it came. */
static size_t
value_end(struct str s, size_t at)
{
	size_t depth = 0;
	bool quoted = false;

	for (; at < s.n; at++) {
		char c = s.p[at];

		if (quoted) {
			at += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			depth++;
		} else if (c == ']' || c == '}') {
			depth--;
		} else if (c == ',' && depth == 0) {
			return at;
		}
	}
	return s.n;
}

bool
messages_head(struct str stored, int64_t n, struct str *head)
{
	size_t at = 0;

	*head = str_head(stored, 0);
	for (int64_t i = 0; i < n; i++) {
		if (at >= stored.n)
			return false;
		at = value_end(stored, at);
		*head = str_head(stored, at);
		at++;
	}
	return true;
}

bool
messages_next(struct str *rest, struct str *message)
{
	size_t end = value_end(*rest, 0);

	*message = str_head(*rest, end);
	*rest = str_skip(*rest, end + 1);
	return message->n > 0;
}
