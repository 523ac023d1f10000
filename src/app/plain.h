/*
 * A session as labelled lines of text, append-only: for pipes, screen readers and comparison. What
 * is printed is safe text; nothing is ever taken back, so a line is printed when it is complete.
 */
#ifndef APP_PLAIN_H
#define APP_PLAIN_H

#include "model/session.h"
#include "text/theme.h"

struct plain {
	const struct theme *theme;	/* lines in its colours; NULL: no sequence at all */
	struct plain_mark *marks;	/* how far each item was printed */
	size_t n, cap;
	size_t first;			/* before it every item is over and printed, */
	size_t *late;			/* but for these steps, which may change at any time */
	size_t nlate, cap_late;
	uint64_t last;			/* number of the item the last line belongs to */
	uint64_t backs;			/* the session's, and one, when it was told what was taken back */
	uint64_t start;			/* of the session's first item: another one after a reset */
};

void plain_done(struct plain *p);
/* Appends to `out` what is new. With `final`, unfinished lines and items are printed too. */
void plain_add(struct plain *p, const struct session *s, bool final, struct buf *out);

#endif
