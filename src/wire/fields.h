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
	FIELD_BOOL,	/* true or false */
	FIELD_JSON,	/* anything: its exact JSON */
	FIELD_ARRAY,	/* exact JSON too */
	FIELD_OBJECT,	/* likewise */
	FIELD_TIME	/* ms since 1970, or RFC 3339: its text */
};

struct field {
	struct str name;
	enum field_type type;
	bool required;
};

/* What reads one object. Fields are found fastest in the order in which they stand in the table. */
struct fields {
	const struct field *fields;
	size_t n, next;
	struct arena *arena;	/* of texts, and of `why` */
	struct str why;		/* what does not fit */
};

/* The field of this key, `f->n` when there is none. */
size_t fields_find(struct fields *f, struct str key);
/* The value that `j` stands before; unset (p is NULL) when it is null. False: it does not fit. */
bool fields_value(struct fields *f, struct json *j, size_t field, struct str *value);
/*
 * The object that `j` stands before: `values[i]` gets what stands for field i, unset when it is
 * absent or null; of duplicates the last.
 */
bool fields_read(struct fields *f, struct json *j, struct str *values);
/* The same of a whole text. */
bool fields_read_text(struct fields *f, struct str object, struct str *values);

/* -1 when it is absent or no integer in range. */
int64_t fields_i64(struct str number);
/* Likewise. */
double fields_double(struct str number);
/* 0 when it is absent or no time. */
int64_t fields_time(struct str time);

#endif
