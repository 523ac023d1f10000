/*
 * What md4c may be given. The copy of the text has its length and its offsets; bytes that are not
 * UTF-8, and markup that would cost it more than linear time, are covered by a byte that means
 * nothing to it. Operations point into the text itself, so what was covered is shown as it is.
 */
#ifndef TEXT_GUARD_H
#define TEXT_GUARD_H

#include "base/buf.h"
#include "text/guard_marks.h"

struct guard_range {
	uint32_t from, to;
};

/* What a part of a text leaves to the next one. Zero-initialised is the start of a text. */
struct guard_state {
	uint64_t spent;			/* of what a message may cost, by the runs of lines that ended */
	/* the run of lines that is not ended */
	struct guard_marks marks;
	size_t bytes, table;		/* of it, and of it since a row of dashes */
	size_t columns, lines;		/* the most columns, lines since that row */
	bool label;			/* a line began with a bracket */
	bool inside;			/* the last line is not ended */
	uint8_t covered;		/* what of it is: enum guard_cover */
};

enum guard_cover {
	GUARD_TABLES = 1,
	GUARD_MARKS = 2,		/* those that cost more than linear time */
	GUARD_DENSE = 4			/* all inside of lines, because there are more of them than in any text */
};

enum { GUARD_RULE_MAX = 1024 };	/* bytes at the start of a line that are left to make a rule or a fence */

struct guard {
	struct str input;		/* blank lines, the stub, the text and the tail; zeros behind it */
	size_t lead;			/* bytes in front of the text */
	struct guard_range *ranges;	/* where markup was covered, in order; offsets into text */
	size_t n, cap;
	bool definitions;		/* there may be link definitions in it */
	bool reaches_back;		/* what should be covered began before the text */
	uint64_t spent;			/* of what a message may cost, all of the text included */
	struct guard_state after;	/* for a text that goes on behind this one */
	struct buf copy;
};

/* What is to be guarded. */
struct guard_part {
	struct str source;
	size_t from, to;
	struct str stub, tail;		/* stand before and behind it */
	struct guard_state before;
};

void guard_init(struct guard *g, const struct guard_part *part);
void guard_done(struct guard *g);

#endif
