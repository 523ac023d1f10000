#include <assert.h>

#include "base/utf8.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A string survives being written and read again. */
static void
check_string(struct str raw)
{
	struct buf text = { 0 }, again = { 0 }, out = { 0 };
	struct json_writer w = { .out = &out };
	struct arena a = { 0 };
	struct json j;
	struct str written;

	json_unescape(raw, &text);
	assert(utf8_valid(buf_view(&text)));
	assert(str_eq(json_text(raw, &a), buf_view(&text)));
	jw_string(&w, buf_view(&text));
	assert(utf8_valid(buf_view(&out)));
	json_init(&j, buf_view(&out));
	assert(json_string(&j, &written) && json_end(&j));
	json_unescape(written, &again);
	assert(str_eq(buf_view(&again), buf_view(&text)));
	if (str_find_byte(buf_view(&text), '\0') == text.n) {
		assert(json_is(written, buf_cstr(&text)));
		assert(json_is(raw, buf_cstr(&text)) || !utf8_valid(raw));
	}
	buf_done(&text);
	buf_done(&again);
	buf_done(&out);
	arena_done(&a);
}

/* The exact integer and the nearest double are the same number. */
static void
check_number(struct str raw)
{
	struct json i, d;
	int64_t integer;
	double real;

	json_init(&i, raw);
	json_init(&d, raw);
	if (json_i64(&i, &integer) && json_double(&d, &real))
		assert((double)integer == real);
}

/* What the reader's steps say about a valid text fits together; returns the number of values. */
static size_t
walk(struct str text)
{
	struct json j;
	struct str raw;
	size_t n = 1;

	json_init(&j, text);
	switch (json_peek(&j)) {
	case JSON_OBJECT:
		json_object(&j);
		while (json_member(&j, &raw)) {
			check_string(raw);
			assert(json_value(&j, &raw));
			n += walk(raw);
		}
		break;
	case JSON_ARRAY:
		json_array(&j);
		while (json_element(&j)) {
			assert(json_value(&j, &raw));
			n += walk(raw);
		}
		break;
	case JSON_STRING:
		assert(json_string(&j, &raw));
		check_string(raw);
		break;
	case JSON_NUMBER:
		assert(json_number(&j, &raw));
		check_number(raw);
		break;
	default:
		assert(json_skip(&j));
	}
	assert(json_end(&j));
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of(data, size), value;
	struct json j;

	json_init(&j, text);
	if (json_value(&j, &value) && json_end(&j)) {
		assert(json_valid(text) && str_eq(str_trim(text), value));
		assert(walk(value) <= size);
	} else {
		assert(!json_valid(text) && j.error != NULL && json_error_at(&j) <= size);
	}
	/* These take any bytes. */
	check_string(text);
	json_get(text, "a", &value);
	return 0;
}
