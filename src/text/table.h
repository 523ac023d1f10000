/* A markdown table at a width: columns side by side, or `Header: value` where they do not fit. */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include "text/line.h"
#include "text/markdown.h"

enum { TABLE_COLUMNS = 64 };

/* A row of a table that goes on growing: those before it stay. Zero-initialised: there is none. */
struct table_mark {
	size_t rows;		/* of the screen, before it */
	size_t op;		/* that opens it */
	size_t before, more;	/* rows before it: that are drawn, with the head, and that are not */
	uint16_t needs[TABLE_COLUMNS];	/* columns of the screen that the cells before it need */
	uint16_t cols[TABLE_COLUMNS];	/* and that they got */
	bool records;
};

/*
 * The table that the i-th operation opens; returns the index behind its end. With a mark, which may be
 * NULL, it goes on there (`out` has the rows before it) and leaves there its last row; 0 when the rows
 * before the mark would now be others.
 */
size_t table_lay(struct rows *out, const struct md_view *v, size_t i, unsigned width,
    struct line first, struct line next, struct table_mark *mark);

#endif
