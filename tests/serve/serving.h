/* A weir-serve of its own for a test, on a unix socket in a directory of its own, and raw HTTP. */
#ifndef TESTS_SERVING_H
#define TESTS_SERVING_H

#include <sys/types.h>

#include "tests/unit.h"

#include "tests/tempdir.h"

struct serving {
	char dir[TEMPDIR_NAME];
	struct buf socket;
	pid_t pid;
	size_t file_size;	/* limit of what it may write, 0 for none */
	unsigned files;		/* limit of what it may have open, 0 for none */
};

/* The server keeps its data when it is started again. `options` ends with NULL, may be NULL. */
void serving_start(struct serving *s, const char *const *options);
/* Sends `sig` and returns the wait status; fails the test when it takes more than 10 s. */
int serving_stop(struct serving *s, int sig);
/* Stops it, which must go well, and removes its directory. */
void serving_end(struct serving *s);
bool serving_alive(const struct serving *s);

int serving_connect(const struct serving *s);
void serving_send(int fd, struct str bytes);
/* Reads until `needle` is in `got`; false at the end of the connection. */
bool serving_until(int fd, struct buf *got, const char *needle);
/* Reads to the end of the connection. */
void serving_rest(int fd, struct buf *got);

struct answer {
	int status;		/* 0: the connection ended without one */
	struct buf all;
	struct str head, body;
};

/* Sends the bytes on a new connection and reads to its end. */
void serving_raw(const struct serving *s, struct str request, struct answer *a);
/* One request on a connection of its own; `headers` are whole lines or "". */
int serving_ask(const struct serving *s, const char *method, const char *target,
    const char *headers, struct str body, struct answer *a);
/* The same when only the status matters. */
int serving_do(const struct serving *s, const char *method, const char *target, const char *headers,
    const char *body);
void answer_done(struct answer *a);
/* A header's value, STR_NONE when it is not there. */
struct str answer_header(const struct answer *a, const char *name);

#endif
