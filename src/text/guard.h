/*
 * What md4c may be given. The copy of the text has its length and its offsets; bytes that are not
 * UTF-8, and markup that would cost it more than linear time, are covered by a byte that means
 * nothing to it. Operations point into the text itself, so what was covered is shown as it is.
 */
#ifndef TEXT_GUARD_H
#define TEXT_GUARD_H

#include "base/buf.h"

struct guard_range {
	uint32_t from, to;
};

struct guard {
	struct str input;		/* a blank line, the text and the tail; zeros behind it */
	size_t lead;			/* bytes of that blank line */
	struct guard_range *ranges;	/* where markup was covered, in order; offsets into text */
	size_t n, cap;
	bool definitions;		/* there may be link definitions in it */
	uint64_t spent;			/* of what a message may cost, the texts before included */
	struct buf copy;
};

/*
 * The text is source[from..to); `tail` is put behind it. `spent` goes on from the text before, 0 at
 * the start.
 */
void guard_init(struct guard *g, struct str source, size_t from, size_t to, struct str tail,
    uint64_t spent);
void guard_done(struct guard *g);

#endif
