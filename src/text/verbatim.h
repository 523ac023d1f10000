/*
 * Lines that are shown as they are: never re-flowed, cut at the edge and continued in the next row
 * behind a mark. For code, tool output and diffs.
 */
#ifndef TEXT_VERBATIM_H
#define TEXT_VERBATIM_H

#include "text/code.h"
#include "text/line.h"

struct verbatim {
	struct rows *out;
	unsigned width;
	struct line first, next;	/* stand before the first row and all others */
	struct style style;		/* of the mark, and of code */
	unsigned flags;			/* of every row */
	/* the rest belongs to verbatim.c */
	struct rows mark;		/* one row: what stands before a row that goes on */
	unsigned indent;		/* columns of what stands before the open row */
	unsigned limit;			/* columns up to which that may have text */
	struct str line;		/* what is still to come of a line of code */
	uint32_t copied;		/* bytes of that which stand behind the open row */
	uint32_t src;			/* where that stands in the source, behind ... */
	size_t made;			/* ... bytes that do not */
	bool started;			/* there was a row */
	bool open;			/* there is one now */
};

void verbatim_init(struct verbatim *v, struct rows *out, unsigned width, struct line first,
    struct line next, struct style style, unsigned flags);
void verbatim_done(struct verbatim *v);
/* The line that comes next, and those behind it, have these in front of their first row and all others. */
void verbatim_begin(struct verbatim *v, struct line first, struct line next);
void verbatim_add(struct verbatim *v, struct style style, struct str text, uint32_t src);
/* Ends the line; one without text is an empty row. */
void verbatim_end(struct verbatim *v);
/*
 * A whole line of source text, what is nothing special in the role of `style`. `src` is where it stands behind
 * `made` bytes that stand nowhere. `state` and what is returned: code_line.
 */
unsigned verbatim_code(struct verbatim *v, const struct code_lang *lang, unsigned state, struct str line,
    uint32_t src, size_t made);

#endif
