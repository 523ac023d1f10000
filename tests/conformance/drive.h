/*
 * Drives durable-adapter in a test: gives it commands and looks at what it answers. JSON is written
 * with ' for ". The server is weir-serve behind a relay that breaks connections; with DURABLE_URL set
 * it is the reference server there, which can be told to make faults.
 */
#ifndef TESTS_DRIVE_H
#define TESTS_DRIVE_H

#include "tests/harness/proxy.h"
#include "tests/serve/serving.h"

struct drive {
	struct serving serving;
	struct proxy *proxy;		/* NULL: the reference server */
	struct buf server;		/* URL of its streams */
	struct http *http;
	pid_t pid;
	FILE *in, *out;
	char *line;			/* the last answer */
	size_t cap;
	struct str answer;
	char path[32];
};

/* For a group of tests. */
int drive_open(void **state);
int drive_close(void **state);
/* Makes a stream of its own for a test. */
struct drive *drive_fresh(void **state, const char *type);

/* A command about that stream, with these members; then its answer. */
void drive_ask(struct drive *d, const char *type, const char *members);
void drive_give(struct drive *d, const char *type, const char *members);
void drive_take(struct drive *d);
void drive_append(struct drive *d, const char *data);
/* What another appends. */
void drive_others(struct drive *d, const char *type, const char *body, bool closes);
/* The reference server does this wrong with the stream: members of its request. */
void drive_inject(struct drive *d, const char *what);

/* A member of the last answer is this JSON; with "" it is not there. */
void drive_has(struct drive *d, const char *key, const char *want);
void drive_says(struct drive *d, const char *key, const char *words);
/* The data of all its chunks. */
void drive_has_data(struct drive *d, const char *want);
/* It is an error, whose message names the stream. */
void drive_fails(struct drive *d, const char *code, const char *status);
/* "'offset':'…'" of the last answer, and other members behind it. */
const char *drive_at_offset(struct drive *d, char out[256], const char *members);

#endif
