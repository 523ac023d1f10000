/*
 * When to try again: exponential back-off with full jitter, and never more than a few tries a
 * minute whatever the jitter says. Times are clock_mono.
 */
#ifndef MODEL_BACKOFF_H
#define MODEL_BACKOFF_H

#include <stdint.h>

/* Of each of the two that may try, reading and sending. What brought something is not counted. */
enum { BACKOFF_A_MINUTE = 10 };

struct backoff {
	int64_t first, max;			/* ms */
	double factor;
	uint64_t seed;
	unsigned attempt;			/* failures in a row */
	int64_t tries[BACKOFF_A_MINUTE];	/* the last ones, a ring */
	unsigned at;
};

/* Zeros are the defaults: 1000 ms, 30000 ms, 2, a seed from the system. */
void backoff_init(struct backoff *b, int64_t first, int64_t max, double factor, uint64_t seed);
/* The server says what the first wait should be; taken between 250 ms and 5 min. */
void backoff_suggest(struct backoff *b, uint64_t ms);
/* One more failure: when to try next, not before `floor` ms from now. */
int64_t backoff_next(struct backoff *b, int64_t now, int64_t floor);
/* A try that no failure went before, but which counts: now, or later when there were too many. */
int64_t backoff_again(struct backoff *b, int64_t now);
/* All is well again. */
void backoff_reset(struct backoff *b);

#endif
