#include <jansson.h>
#include <string.h>

#include "tests/wire/oracle.h"

static json_t *
load(struct str text, json_error_t *e)
{
	return json_loadb(text.n > 0 ? text.p : "", text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, e);
}

enum oracle
oracle_read(struct str text)
{
	static const char half_pair[] = "invalid Unicode";
	json_error_t e;
	json_t *value;

	/* A raw NUL is never JSON; jansson takes one behind a number. */
	if (str_find_byte(text, '\0') < text.n)
		return ORACLE_REFUSES;
	value = load(text, &e);
	if (value != NULL) {
		json_decref(value);
		return ORACLE_TAKES;
	}
	switch (json_error_code(&e)) {
	case json_error_numeric_overflow:
	case json_error_invalid_utf8:
	case json_error_null_byte_in_key:
	case json_error_stack_overflow:
		return ORACLE_DECLINES;
	default:
		return strncmp(e.text, half_pair, strlen(half_pair)) == 0 ? ORACLE_DECLINES : ORACLE_REFUSES;
	}
}

bool
oracle_same(struct str a, struct str b)
{
	json_error_t e;
	json_t *x = load(a, &e), *y = load(b, &e);
	bool same = x != NULL && y != NULL && json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}
