/*
 * JSON, RFC 8259, strictly: a pull reader that allocates nothing and hands back exact slices of its
 * input, a splitter for arrays that arrive in pieces, and a writer. The first error is sticky:
 * every later call returns false, so a decoder asks once, json_end at its end.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include "base/buf.h"
#include "base/mem.h"

enum { JSON_DEPTH = 128 };

enum json_type {
	JSON_ERROR,		/* or nothing is left */
	JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

struct json {
	const char *error;	/* static text, NULL while all is well */
	/* the rest belongs to json.c */
	const char *start, *p, *end;
	uint8_t depth;
	uint8_t expect;
	uint8_t is_object[JSON_DEPTH / 8];
};

void json_init(struct json *j, struct str text);
bool json_ok(const struct json *j);
/* Offset of the error in the text; what it was is j->error. */
size_t json_error_at(const struct json *j);
/* True when one value was read whole and only white space follows; anything else is an error. */
bool json_end(struct json *j);

/* What value is next. Reading another type than is there is an error, so ask where it may vary. */
enum json_type json_peek(struct json *j);
/*
 * Containers: json_object enters, json_member gives the next member's key and stands before its
 * value; false at the closing brace (now left) or on an error. A value that is not read is skipped
 * by the next json_member, a container that was entered must be read to its end. Keys come raw:
 * compare them with json_is, which knows escapes. Of duplicate keys all are given.
 */
bool json_object(struct json *j);
bool json_member(struct json *j, struct str *key);
bool json_array(struct json *j);
bool json_element(struct json *j);

/* A string's bytes between the quotes, still escaped. */
bool json_string(struct json *j, struct str *raw);
bool json_bool(struct json *j, bool *out);
bool json_null(struct json *j);
/* The number's text. */
bool json_number(struct json *j, struct str *raw);
/* An integer in range (1e3 is one, 1.5 is an error). */
bool json_i64(struct json *j, int64_t *out);
bool json_double(struct json *j, double *out);
/* Any value, validated, as its exact bytes without surrounding white space. */
bool json_value(struct json *j, struct str *raw);
bool json_skip(struct json *j);

/* A raw key or string equals this text. */
bool json_is(struct str raw, const char *text);
/* Appends the text of a raw string: valid UTF-8, lone surrogates and malformed bytes are U+FFFD. */
void json_unescape(struct str raw, struct buf *out);
/* The same text, `raw` itself where it stands there unescaped, else a copy that lives in `a`. */
struct str json_text(struct str raw, struct arena *a);

/*
 * Shortcuts for small documents, which are read whole: the value of a member of an object, the last
 * of that name. False, and nothing written: no such member, another type, or not JSON.
 */
bool json_get(struct str object, const char *key, struct str *value);
bool json_get_text(struct str object, const char *key, struct buf *out);
bool json_get_i64(struct str object, const char *key, int64_t *out);
/* Exactly one valid value and white space. */
bool json_valid(struct str text);

/*
 * Splits a stream of values into items as the bytes arrive: the elements of top-level arrays (any
 * number of them one after the other) and top-level values that are no arrays. An item is a valid
 * value in its exact bytes, at most `max` of them. Zero-initialise, set `item`, `ctx`, `max`.
 */
struct json_items {
	void (*item)(void *ctx, struct str bytes);
	void *ctx;
	size_t max;
	const char *error;	/* static text, NULL while all is well */
	/* the rest belongs to json_items.c */
	struct buf held;
	uint32_t depth;
	uint8_t state;
	bool in_array, in_string, in_word, escape;
};
/* False: malformed or too large; sticky. */
bool json_items_feed(struct json_items *s, struct str bytes);
/* The stream is over: gives a top-level number that only this ends. False: it may not end here. */
bool json_items_end(struct json_items *s);
void json_items_done(struct json_items *s);

/*
 * Writes compact JSON onto the end of `out`: { .out = &b }. Commas are its business, pairing is the
 * caller's. Keys and strings are escaped and repaired: the output is one line of valid UTF-8.
 */
struct json_writer {
	struct buf *out;
	bool comma;	/* belongs to json_write.c */
};
void jw_object(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_end_object(struct json_writer *w);
void jw_end_array(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);
void jw_string(struct json_writer *w, struct str s);
void jw_i64(struct json_writer *w, int64_t v);
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
/* Bytes that are JSON already. */
void jw_raw(struct json_writer *w, struct str json);
/* Key and value at once. */
void jw_pair(struct json_writer *w, const char *key, struct str s);
void jw_pair_i64(struct json_writer *w, const char *key, int64_t v);

#endif
