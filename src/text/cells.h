/*
 * One line that can be written over: columns with a character each. It takes and gives pieces of
 * text/safe.
 */
#ifndef TEXT_CELLS_H
#define TEXT_CELLS_H

#include "text/line.h"
#include "text/safe.h"

struct cell {
	char text[24];
	uint8_t len, cols;	/* 0 columns: the right half of the one before */
	struct style style;
	uint32_t src, src_len;
};

/* Zero-initialised is an empty line with the cursor at its start. */
struct cells {
	struct cell *cell;
	size_t n, cap;
	size_t cursor;
};

void cells_done(struct cells *c);
void cells_clear(struct cells *c);
void cells_copy(struct cells *to, const struct cells *from);

/* Writes at the cursor; a place behind the end is reached with blanks. */
void cells_write(struct cells *c, struct style style, const struct safe_piece *piece, uint32_t src);
/* Removes what stands from column `from` on. */
void cells_cut(struct cells *c, size_t from);

/* Takes over a line, and adds the line to the open row. */
void cells_from(struct cells *c, struct line l);
void cells_add_to(const struct cells *c, struct rows *out);

#endif
