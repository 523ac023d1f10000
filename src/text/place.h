/*
 * Places in a text at which a seam may be, by what stands around them. Only the parser knows.
 */
#ifndef TEXT_PLACE_H
#define TEXT_PLACE_H

#include "base/buf.h"

/*
 * The last place in a paragraph between two words, or two ideographs, or what is `covered` there (enum
 * guard_cover): no mark of inline markup can be on both sides. 0 when there is none near the end.
 */
size_t place_in_text(struct str s, size_t start, unsigned covered);
/* The start of the last line behind `from` that is not blank, nor the one before it; 0 when there is none. */
size_t place_in_lines(struct str s, size_t from);
/*
 * Lines in (from, to] at which leaves or items begin: the last of those that are in the fewest containers,
 * and the last of all; 0 when there is none.
 */
void place_starts(struct str s, size_t from, size_t to, size_t starts[2]);
/*
 * What a line behind a blank one can be. A plain one closes every container, and no fence or list can go on
 * with it. One that begins with a marker may go on with the container before it, one that begins like a
 * fence may end one that is open in it; where neither is, they begin something new.
 */
enum place_start { PLACE_NONE, PLACE_MARKER, PLACE_FENCE, PLACE_PLAIN };
/* `ended`: no more of the line is to come. PLACE_NONE as long as it cannot be told. */
enum place_start place_start(struct str line, bool ended);
/* The sign of the marker a line begins with: what items of one list have in common. */
char place_mark(struct str line);
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
