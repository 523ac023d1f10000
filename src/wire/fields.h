/*
 * Reads the members of a JSON object that a table names, each of its type; others are left out.
 */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include "wire/json.h"

enum field_type {
	FIELD_TEXT,	/* a string: its text */
	FIELD_NAME,	/* a string or a number: its text */
	FIELD_PLAIN,	/* a string: its text; anything else: its exact JSON */
	FIELD_NUMBER,	/* its digits */
	FIELD_JSON,	/* anything: its exact JSON */
	FIELD_ARRAY,	/* exact JSON too */
	FIELD_TIME	/* ms since 1970, or RFC 3339: its text */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
};

/*
 * `values[i]` gets what stands for `fields[i]`, unset (p is NULL) when it is absent or null; of
 * duplicates the last. False: *why (in the arena) says what does not fit.
 */
bool fields_read(struct str object, const struct field *fields, size_t n, struct str *values,
    struct arena *a, struct str *why);

/* -1 when it is absent or no integer in range. */
int64_t fields_i64(struct str number);
double fields_double(struct str number);
/* 0 when it is absent or no time. */
int64_t fields_time(struct str time);

#endif
