/*
 * Unified diffs, a unit at a time: a line, or a run of removed and added lines with the words in
 * which they differ.
 */
#ifndef TEXT_DIFF_H
#define TEXT_DIFF_H

#include "text/verbatim.h"

/* Zero-initialised before the first line. */
struct diff_state {
	uint32_t old_line, new_line;	/* of the next line, 0 when not known */
	uint32_t old_left, new_left;	/* lines of the hunk that are to come */
	bool plain;			/* in a run that is too long to compare */
};

/*
 * Lays the unit at the start of `text`; returns its bytes. `whole`: a later text could not make it
 * longer or different.
 */
size_t diff_lay(struct verbatim *out, struct diff_state *st, struct str text, uint32_t src, bool *whole);
/* The same without a look at the words in it; *lines gets how many it has. */
size_t diff_pass(struct diff_state *st, struct str text, size_t *lines, bool *whole);

#endif
