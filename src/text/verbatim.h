/*
 * Lines that are shown as they are: never re-flowed, cut at the edge and continued in the next row
 * behind a mark. For code, tool output and diffs.
 */
#ifndef TEXT_VERBATIM_H
#define TEXT_VERBATIM_H

#include "text/line.h"

struct verbatim {
	struct rows *out;
	unsigned width;
	struct line first, next;	/* stand before the first row and all others */
	struct style style;		/* of the mark */
	unsigned flags;			/* of every row */
	/* the rest belongs to verbatim.c */
	struct rows mark;		/* one row: what stands before a row that goes on */
	unsigned indent;		/* columns of what stands before the open row */
	struct str line;		/* what is still to come of it */
	uint32_t copied;		/* bytes of that which stand behind the open row */
	bool started;			/* there was a row */
	bool open;			/* there is one now */
};

void verbatim_init(struct verbatim *v, struct rows *out, unsigned width, struct line first,
    struct line next, struct style style, unsigned flags);
void verbatim_done(struct verbatim *v);
/* The line that comes next, and those behind it, have these in front of their first row and all others. */
void verbatim_begin(struct verbatim *v, struct line first, struct line next);
/* All that is added to the line that comes next are parts of this, one behind the other: that is faster. */
void verbatim_parts(struct verbatim *v, struct str line);
void verbatim_add(struct verbatim *v, struct style style, struct str text, uint32_t src);
/* Ends the line; one without text is an empty row. */
void verbatim_end(struct verbatim *v);

#endif
