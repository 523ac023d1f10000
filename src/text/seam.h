/*
 * Where a block that is open can be parsed on from: a giant paragraph, list or table costs what is new
 * of it, not what there is of it. md4c itself says whether a place is one.
 */
#ifndef TEXT_SEAM_H
#define TEXT_SEAM_H

#include "text/markdown.h"

/*
 * Whether looking for a seam is worth its while when `more` bytes stand behind the one there is (`any`),
 * or the start of the block.
 */
bool seam_fits(const struct md_doc *d, bool any, size_t more);
/*
 * Looks for a seam in the only block of `d`, which holds source[from..) before the seam there is (or
 * all, where there is none), and moves the seam there; `d` is cut at it. False leaves both as they
 * were. `guard`: the state at `from`.
 */
bool seam_move(struct md_seam *seam, struct md_doc *d, struct str source, size_t from,
    const struct guard_state *guard);
void seam_clear(struct md_seam *seam);
/* Makes one block of the n-th and the one before, whose stub goes; false when they do not fit. */
bool seam_join(struct md_doc *d, size_t n);

#endif
