/*
 * Places in a text at which a seam may be, by what stands around them. Only the parser knows.
 */
#ifndef TEXT_PLACE_H
#define TEXT_PLACE_H

#include "base/buf.h"

/*
 * The last place in a paragraph between two words, or two ideographs, or brackets that are `covered`: no
 * mark of inline markup can be on both sides. 0 when there is none near the end.
 */
size_t place_in_text(struct str s, size_t start, bool covered);
/* The start of the last line behind `from` that is not blank, nor the one before it; 0 when there is none. */
size_t place_in_lines(struct str s, size_t from);
/*
 * Lines in (from, to] at which leaves or items begin: the last of those that are in the fewest containers,
 * and the last of all; 0 when there is none.
 */
void place_starts(struct str s, size_t from, size_t to, size_t starts[2]);
/* The start of the line `at` stands in. */
size_t place_line(struct str s, size_t at);
/* What a line has in front of its text: blanks and the markers of containers. */
struct str place_prefix(struct str line);
/*
 * Whether source[from..end) may have the start of a link, of HTML, or of code between more back-ticks than
 * are tried.
 */
bool place_is_begun(struct str source, size_t from, size_t end, bool brackets);

#endif
