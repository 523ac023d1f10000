/*
 * The rules of idempotent producers: what a stream remembers of one producer and what that says
 * about its next append. Pure; the caller keeps the state in the same transaction as the data.
 */
#ifndef SERVE_PRODUCER_H
#define SERVE_PRODUCER_H

#include "base/str.h"

/* The largest number JavaScript counts exactly. */
#define PRODUCER_MAX INT64_C(9007199254740991)

/* Of one (stream, producer id); nothing is known of it when `known` is false. */
struct producer_state {
	bool known;
	int64_t epoch, seq;
};

enum producer_verdict {
	PRODUCER_ACCEPT,	/* new: append and remember (epoch, seq) */
	PRODUCER_DUPLICATE,	/* had before: answer as then, write nothing */
	PRODUCER_STALE,		/* an older epoch: fenced off */
	PRODUCER_BAD_START,	/* a new epoch that does not begin at 0 */
	PRODUCER_GAP		/* something before it is missing */
};

enum producer_verdict producer_check(const struct producer_state *s, int64_t epoch, int64_t seq);
/* The seq that would be accepted next in `epoch`. */
int64_t producer_expected(const struct producer_state *s);
/* A header value: digits only, at most PRODUCER_MAX. */
bool producer_number(struct str s, int64_t *out);

#endif
