/*
 * The code fence or HTML block a text ends in. As long as no line closes it, what comes is its content:
 * the block grows without the parser.
 */
#ifndef TEXT_FENCE_H
#define TEXT_FENCE_H

#include "text/markdown.h"

/* Zero-initialised: the text ends in none. */
struct md_fence {
	bool on;
	char mark;		/* '<': HTML */
	size_t length;		/* marks it takes to close it */
	const char *end;	/* what stands in the last line of HTML; "": a blank line ends it */
	size_t seen;		/* lines before this do not close it */
};

/* Looks whether the last block of a text that was parsed to its end is one. */
void fence_find(struct md_fence *f, const struct md_doc *d, struct str source);
/* Grows the last block to the end of the text, as text/hold would show it. False when the parser has
 * to look. */
bool fence_grow(struct md_fence *f, struct md_doc *d, struct str source, bool hold);

#endif
