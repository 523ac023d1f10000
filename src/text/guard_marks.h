/* The bytes of inline markup, and which of them cost md4c more than the time to pass them. */
#ifndef TEXT_GUARD_MARKS_H
#define TEXT_GUARD_MARKS_H

#include "base/str.h"

/* What there is of costly marks in a run of lines. */
struct guard_marks {
	uint64_t depth, deepest, closing, targets;	/* brackets: open, those that close, with "(" behind */
	uint64_t addresses, tildes, lines;
	uint64_t all;			/* bytes of inline markup of any kind */
};

/*
 * Adds what is in a part of a run, its lines not; `all` is right only when it is asked for. Sixteen bytes
 * behind the part are read with it.
 */
void guard_marks_count(struct guard_marks *m, struct str s, bool all);
/* Puts `cover` where a byte costs something; as above, of what is behind. */
void guard_marks_cover(char *p, size_t n, char cover);
bool guard_marks_is_markup(char c);

#endif
