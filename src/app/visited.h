/*
 * The sessions that are in the cache: where the user has been, and how far. Read as a whole and closed
 * again, so that it stands in nobody's way.
 */
#ifndef APP_VISITED_H
#define APP_VISITED_H

#include "base/buf.h"
#include "base/err.h"

/* Texts are untrusted. */
struct visited_session {
	struct buf address, dialect;
	struct buf title;	/* empty: it has none, or none is known */
	uint64_t records;	/* that were read */
	int64_t news;		/* of these, what says more than who is here; -1: not known */
	uint64_t unsent;
	int64_t used;		/* ms since 1970 */
};

/* Zero-initialised: none. */
struct visited {
	struct visited_session *v;	/* the one used last is the last */
	size_t n, cap;
};

/* Anew; what was known stays when the cache cannot be read. No cache is none visited. */
enum err visited_load(struct visited *v, struct error *e);
void visited_done(struct visited *v);
/* NULL: never, or it was forgotten. */
const struct visited_session *visited_find(const struct visited *v, struct str address);

#endif
