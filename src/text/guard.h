/*
 * What md4c may be given. The copy has the length and the offsets of the text; bytes that are not
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
	struct str text;		/* ends in a newline, zeros behind it */
	struct guard_range *ranges;	/* where markup was covered, in order; offsets into text */
	size_t n, cap;
	bool definitions;		/* there may be link definitions in it */
	uint64_t spent;			/* of what a message may cost, the texts before included */
	struct buf copy;
};

/* `tail` is put behind the text. `spent` goes on from the text before, 0 at the start. */
void guard_init(struct guard *g, struct str text, struct str tail, uint64_t spent);
void guard_done(struct guard *g);

#endif
