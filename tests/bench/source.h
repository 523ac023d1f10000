/*
 * A server for benchmarks, in a process of its own: whoever asks for a stream of events gets as many
 * token events as were ordered, as fast as the socket takes them or at a rate; a catch-up is
 * answered as empty. It costs little more than copying, so what is measured is who reads.
 */
#ifndef TESTS_BENCH_SOURCE_H
#define TESTS_BENCH_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

struct source {
	pid_t pid;
	char url[96];
};

struct source_order {
	size_t events;		/* of one stream */
	size_t batch;		/* in one SSE event */
	unsigned rate;		/* events a second of each stream; 0: all at once */
};

void source_open(struct source *s, const struct source_order *o);
void source_close(struct source *s);

enum { SOURCE_TURN = 200, SOURCE_MAX = 512 };	/* tokens a turn; bytes of one event at most */
/* The n-th event: a State Protocol item of 172 bytes. */
size_t source_event(size_t n, char out[SOURCE_MAX]);

#endif
