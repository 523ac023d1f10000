/*
 * The containers that are open at a place in a block, from the outermost on. What a line has to begin
 * with to stand in all of them, and lines that open them anew somewhere else.
 */
#ifndef TEXT_CHAIN_H
#define TEXT_CHAIN_H

#include "base/buf.h"

struct md_doc;
struct md_op;

enum { CHAIN_MAX = 36 };	/* deeper ones are not followed */

/* A quote, or a list with its last item. */
struct chain_part {
	uint32_t op;		/* opens the quote or the list, counted from the start of the block */
	uint32_t item;		/* opens the item, 0 in a quote */
	uint32_t line;		/* of the source, where the quote or the item begins */
	char mark;		/* of the item; '>'; '\0' when the line was not found yet */
	uint8_t indent;		/* columns in front of what is in the item */
	bool closed;		/* the item is */
};

/* Zero-initialised is the top level. */
struct chain {
	struct chain_part parts[CHAIN_MAX];
	size_t n, deeper;
};

/*
 * Follows the operations [from, to) of the only block of `d`, which begins at `start` in the source.
 * False when it cannot be told where all that is open then was opened.
 */
bool chain_follow(struct chain *c, const struct md_doc *d, uint32_t from, uint32_t to, struct str source,
    size_t start);
/* Appends what stands in front of a line in the containers. */
void chain_prefix(const struct chain *c, struct buf *out);
/*
 * Appends lines that open the containers, each with an empty heading in it; those that are loose lists
 * in `d` become so with the line that follows.
 */
void chain_lines(const struct chain *c, const struct md_doc *d, struct buf *out);
/* Whether the first of the `n` operations of `y` are those of chain_lines; *used: how many that are. */
bool chain_opens(const struct chain *c, const struct md_op *x, const struct md_op *y, uint32_t n,
    uint32_t *used);
/* What stands in a line of the source behind the containers; *indent: columns in front of it. */
bool chain_content(const struct chain *c, struct str source, size_t line, struct str *content,
    unsigned *indent);

#endif
