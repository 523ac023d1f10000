/*
 * The items of a list and the rows of a table: in front of each the parser is in the state it had in front
 * of one before, so that a seam moves on from one to the next without being looked for.
 */
#ifndef TEXT_SERIES_H
#define TEXT_SERIES_H

#include "text/markdown.h"

/* Whether the seam stands in front of an item that follows another, or in a table. */
bool series_is_at(const struct md_seam *seam);

/*
 * Moves a seam in the only block of `d`, which was parsed from it to the end of the source, on to the last
 * item or row of the same list or table that begins in a complete line. `start`: where the block begins in
 * the source; `after`: the state of the guard at the end. False when the seam stays where it is.
 */
bool series_move(struct md_seam *seam, const struct md_doc *d, struct str source, size_t start,
    const struct guard_state *after);

#endif
