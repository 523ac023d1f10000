/*
 * The commit thread: it alone writes the log. Ops that wait while one transaction is on its way to
 * the disk go into the next one together, so a burst costs one fsync; an op comes back only after
 * the commit that holds it. After a failed write nothing is written any more until a restart.
 */
#ifndef SERVE_COMMIT_H
#define SERVE_COMMIT_H

#include "serve/rules.h"

struct commit;

/* Takes over the log, which no one else uses from here on. */
struct commit *commit_new(struct streams *l, const struct retention *keep);
/* Everything submitted is finished first; what was not reaped goes to `done`. */
void commit_free(struct commit *c, void (*done)(void *ctx, struct op *op), void *ctx);

/* Readable when commit_reap has something. */
int commit_fd(const struct commit *c);
void commit_submit(struct commit *c, struct op *op);
/* Hands back finished ops in the order in which they were submitted. */
void commit_reap(struct commit *c, void (*done)(void *ctx, struct op *op), void *ctx);

/* Batches of up to 1, 2, 4, … 128 ops. */
enum { COMMIT_SIZES = 8 };

struct commit_stats {
	uint64_t ops, appends, commits, failed, bytes;
	uint64_t sizes[COMMIT_SIZES];	/* transactions by what they held */
	int64_t ns;		/* spent in transactions */
	int64_t sync_ns;	/* of that, until what was written was on disk */
	int64_t age_ns;		/* of the oldest op that is not answered */
	size_t waiting;
	bool read_only;
};
void commit_stats(struct commit *c, struct commit_stats *out);
/* Why it is read-only, "" while it is not. */
const char *commit_error(struct commit *c);

#endif
