#include "wire/json.h"

#include <string.h>

#include "wire/json_plain.h"

/* What may stand at j->p. */
enum {
	EXPECT_VALUE,
	EXPECT_FIRST,	/* a container was entered */
	EXPECT_NEXT,	/* behind a value in a container */
	EXPECT_END
};

void
json_init(struct json *j, struct str text)
{
	*j = (struct json){ .expect = EXPECT_VALUE };
	j->start = j->p = text.n > 0 ? text.p : "";
	j->end = j->start + text.n;
}

bool
json_ok(const struct json *j)
{
	return j->error == NULL;
}

size_t
json_error_at(const struct json *j)
{
	return (size_t)(j->p - j->start);
}

static bool
fail(struct json *j, const char *error)
{
	if (j->error == NULL)
		j->error = error;
	return false;
}

static void
skip_blanks(struct json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\n' || *j->p == '\r' || *j->p == '\t'))
		j->p++;
}

/* Takes `c` when it is next, blanks before it. */
static bool
take(struct json *j, char c)
{
	skip_blanks(j);
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

static bool
value_done(struct json *j)
{
	j->expect = j->depth > 0 ? EXPECT_NEXT : EXPECT_END;
	return true;
}

/* ---- one value */

enum json_type
json_peek(struct json *j)
{
	if (j->error != NULL || j->expect != EXPECT_VALUE)
		return JSON_ERROR;
	skip_blanks(j);
	if (j->p == j->end) {
		fail(j, "ends where a value should be");
		return JSON_ERROR;
	}
	switch (*j->p) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't': case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
	case '8': case '9':
		return JSON_NUMBER;
	}
	fail(j, "not a value");
	return JSON_ERROR;
}

static bool
at_value(struct json *j, enum json_type type, const char *error)
{
	if (json_peek(j) == type)
		return true;
	return fail(j, j->expect == EXPECT_VALUE ? error : "no value here");
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Bytes of the escape at `p`, which is a backslash; 0 when it is none. */
static size_t
escape_length(const char *p, const char *end)
{
	if (end - p < 2)
		return 0;
	if (p[1] != 'u')
		return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;
	if (end - p < 6)
		return 0;
	return is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) && is_hex(p[5]) ? 6 : 0;
}

/* j->p is the quote. */
static bool
scan_string(struct json *j, struct str *raw)
{
	const char *p = j->p + 1;

	for (;;) {
		size_t n;

		p = json_plain(p, j->end);
		if (p == j->end) {
			j->p = p;
			return fail(j, "string without end");
		}
		if (*p == '"')
			break;
		n = *p == '\\' ? escape_length(p, j->end) : 0;
		if (n == 0) {
			j->p = p;
			return fail(j, *p == '\\' ? "bad escape" : "control character in a string");
		}
		p += n;
	}
	*raw = str_of(j->p + 1, (size_t)(p - j->p - 1));
	j->p = p + 1;
	return true;
}

static bool
digits(struct json *j)
{
	const char *p = j->p;

	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > p || fail(j, "digit missing in a number");
}

static bool
scan_number(struct json *j, struct str *raw)
{
	const char *p = j->p;

	if (*j->p == '-')
		j->p++;
	if (j->p < j->end && *j->p == '0')
		j->p++;
	else if (!digits(j))
		return false;
	if (j->p < j->end && *j->p == '.') {
		j->p++;
		if (!digits(j))
			return false;
	}
	if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
		j->p++;
		if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
			j->p++;
		if (!digits(j))
			return false;
	}
	*raw = str_of(p, (size_t)(j->p - p));
	return true;
}

static bool
scan_word(struct json *j, struct str word)
{
	if (!str_starts(str_of(j->p, (size_t)(j->end - j->p)), word))
		return fail(j, "not a value");
	j->p += word.n;
	return true;
}

static bool
scan_bool(struct json *j, bool *out)
{
	*out = *j->p == 't';
	return scan_word(j, *out ? STR("true") : STR("false"));
}

bool
json_string(struct json *j, struct str *raw)
{
	return at_value(j, JSON_STRING, "not a string") && scan_string(j, raw) && value_done(j);
}

bool
json_number(struct json *j, struct str *raw)
{
	return at_value(j, JSON_NUMBER, "not a number") && scan_number(j, raw) && value_done(j);
}

bool
json_bool(struct json *j, bool *out)
{
	return at_value(j, JSON_BOOL, "not a boolean") && scan_bool(j, out) && value_done(j);
}

bool
json_null(struct json *j)
{
	return at_value(j, JSON_NULL, "not null") && scan_word(j, STR("null")) && value_done(j);
}

/* ---- containers */

static bool
enter(struct json *j, bool object)
{
	uint8_t bit = (uint8_t)(1u << j->depth % 8);

	if (j->depth == JSON_DEPTH)
		return fail(j, "nested too deep");
	if (object)
		j->is_object[j->depth / 8] |= bit;
	else
		j->is_object[j->depth / 8] &= (uint8_t)~bit;
	j->depth++;
	j->p++;
	j->expect = EXPECT_FIRST;
	return true;
}

static bool
in_object(const struct json *j)
{
	return j->depth > 0 && j->is_object[(j->depth - 1) / 8] >> (j->depth - 1) % 8 & 1;
}

/* Behind the comma of the next entry, or false: out of the container. */
static bool
next_entry(struct json *j, char close)
{
	if (take(j, close)) {
		j->depth--;
		value_done(j);
		return false;
	}
	if (j->expect == EXPECT_NEXT && !take(j, ','))
		return fail(j, close == '}' ? "no comma or } behind a member" :
		    "no comma or ] behind an element");
	j->expect = EXPECT_VALUE;
	return true;
}

static bool
next_member(struct json *j, struct str *key)
{
	if (!next_entry(j, '}'))
		return false;
	skip_blanks(j);
	if (j->p == j->end || *j->p != '"')
		return fail(j, "no key in an object");
	if (!scan_string(j, key))
		return false;
	return take(j, ':') || fail(j, "no colon behind a key");
}

static bool
pass_scalar(struct json *j, enum json_type type)
{
	struct str ignored;

	switch (type) {
	case JSON_STRING:
		return scan_string(j, &ignored) && value_done(j);
	case JSON_NUMBER:
		return scan_number(j, &ignored) && value_done(j);
	case JSON_BOOL:
		return scan_bool(j, &(bool){ false }) && value_done(j);
	case JSON_NULL:
		return scan_word(j, STR("null")) && value_done(j);
	default:
		return fail(j, "no value here");
	}
}

/* Passes one value without recursion: the containers inside are on the reader's own stack. */
static bool
pass_value(struct json *j)
{
	unsigned base = j->depth;
	struct str ignored;

	do {
		enum json_type type = json_peek(j);

		if (type == JSON_OBJECT || type == JSON_ARRAY)
			enter(j, type == JSON_OBJECT);
		else
			pass_scalar(j, type);
		while (j->error == NULL && j->depth > base && j->expect != EXPECT_VALUE)
			if (in_object(j))
				next_member(j, &ignored);
			else
				next_entry(j, ']');
	} while (j->error == NULL && j->depth > base);
	return j->error == NULL;
}

bool
json_object(struct json *j)
{
	return at_value(j, JSON_OBJECT, "not an object") && enter(j, true);
}

bool
json_array(struct json *j)
{
	return at_value(j, JSON_ARRAY, "not an array") && enter(j, false);
}

/* Before the next entry of a container of this kind; a value that nobody read is passed. */
static bool
at_entry(struct json *j, bool object)
{
	if (j->error != NULL)
		return false;
	if (j->depth == 0 || in_object(j) != object)
		return fail(j, object ? "not in an object" : "not in an array");
	return j->expect != EXPECT_VALUE || pass_value(j);
}

bool
json_member(struct json *j, struct str *key)
{
	return at_entry(j, true) && next_member(j, key);
}

bool
json_element(struct json *j)
{
	return at_entry(j, false) && next_entry(j, ']');
}

bool
json_value(struct json *j, struct str *raw)
{
	const char *p;

	if (json_peek(j) == JSON_ERROR)
		return fail(j, "no value here");
	p = j->p;
	if (!pass_value(j))
		return false;
	*raw = str_of(p, (size_t)(j->p - p));
	return true;
}

bool
json_skip(struct json *j)
{
	return pass_value(j);
}

bool
json_end(struct json *j)
{
	if (j->error != NULL)
		return false;
	if (j->expect != EXPECT_END)
		return fail(j, "ends inside a value");
	skip_blanks(j);
	return j->p == j->end || fail(j, "something behind the value");
}

bool
json_valid(struct str text)
{
	struct json j;

	json_init(&j, text);
	return json_skip(&j) && json_end(&j);
}
