/*
 * The blocks of a text as they were before an update, and what of them stays. Those before a seam are not
 * copied: only their end may have changed.
 */
#ifndef TEXT_PAST_H
#define TEXT_PAST_H

#include "text/markdown.h"

/* Zero-initialised is no text. */
struct md_past {
	struct md_doc doc;		/* what stood behind the seam */
	uint32_t nops, nmade, last;	/* before it: operations, their text, the length of the last one */
	bool kept;			/* `doc` has it; else it is still what the blocks are */
	bool torn;			/* not all holds of what stood before the seam: */
	uint32_t holds;			/* so many operations do */
};

/* How many blocks at either end are what they were, and operations of the first that is not. */
struct md_kept {
	size_t head, tail, ops;
};

void past_done(struct md_past *p);
/* An update of `now` begins, whose first block has that seam, or NULL. */
void past_begin(struct md_past *p, const struct md_doc *now, const struct md_seam *seam);
/*
 * To be called before `now` changes; with a seam that was enough. Where all of it changes it may be taken:
 * it becomes another document.
 */
void past_copy(struct md_past *p, const struct md_doc *now);
void past_take(struct md_past *p, struct md_doc *now);
/* There are only so many operations left before the last seam that holds. */
void past_tear(struct md_past *p, uint32_t holds);
/* The blocks before it are open again: they are taken, and another document put in their place. */
void past_join(struct md_past *p, struct md_doc *settled);
/* Compares it with the blocks from the `base`-th on: some that are settled, then all of `now`. */
struct md_kept past_compare(const struct md_past *p, const struct md_doc *settled, size_t base,
    const struct md_doc *now);

#endif
