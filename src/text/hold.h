/*
 * What the last line of a text that still grows may show. Nothing is shown that the next bytes are
 * likely to make something else of; what is begun is closed behind the text, where it is not shown.
 */
#ifndef TEXT_HOLD_H
#define TEXT_HOLD_H

#include "text/markdown.h"

enum {
	HOLD_TAIL = 24,
	HOLD_OPEN = 8		/* delimiters that are closed */
};

struct hold {
	size_t shown;			/* the text up to here */
	bool row;			/* behind it stands a row of a table, see hold_row */
	size_t ntail;
	char tail[HOLD_TAIL];		/* to be parsed behind it */
};

/* Emphasis, code and links that were begun in the leaf whose text starts at `start`, up to `at` in it. */
struct hold_begun {
	size_t start, at;
	struct {
		uint32_t n;
		char c;
	} open[HOLD_OPEN];
	size_t n;
	uint32_t brackets[HOLD_OPEN];
	size_t nbrackets;
};

/*
 * `d` holds the blocks of source[from..) as they would be if nothing followed. `begun` is what was found
 * in a text this one begins with; zero-initialised is nothing. False when nothing has to be held back.
 */
bool hold_back(struct hold *h, const struct md_doc *d, struct str source, size_t from, struct hold_begun *begun);
/* Takes the last row out of the blocks: what they would be without its line. */
void hold_row(struct md_doc *d);
/* May this last line become a fence? In the content of one: the marks that close it. */
bool hold_is_fence(struct str line, bool content);

#endif
