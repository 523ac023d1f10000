/*
 * Where a block that is open can be parsed on from: a giant paragraph, list, quote or table costs what is
 * new of it, not what there is of it. md4c itself says whether a place is one.
 */
#ifndef TEXT_SEAM_H
#define TEXT_SEAM_H

#include "text/markdown.h"

/*
 * Whether looking for a seam is worth its while when `more` bytes stand behind the one there is (which may
 * be NULL), or the start of the block.
 */
bool seam_fits(const struct md_doc *d, const struct md_seam *seam, size_t more);
/*
 * Looks for a seam in the only block of `d`, which holds all of the source from `from` on, behind the seam
 * there is (which may be NULL), and cuts `d` at it; where there is none, at the one there is. `whole`: the
 * same as `d`, which is left as it is, or NULL. `guard`: the state at `from`; `covered`: what is where the
 * text ends (enum guard_cover). `next` is zero-initialised and the caller's to clear.
 */
bool seam_find(struct md_seam *next, const struct md_seam *seam, struct md_doc *d, const struct md_doc *whole,
    struct str source, size_t from, const struct guard_state *guard, unsigned covered);
void seam_clear(struct md_seam *seam);
/* A seam that is deeper in containers than another holds no longer than that. */
size_t seam_depth(const struct md_seam *seam);
/* Makes one block of the n-th and the one before, whose stub goes; false when they do not fit. */
bool seam_join(struct md_doc *d, size_t n, const struct md_seam *seam);

#endif
