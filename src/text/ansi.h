/*
 * What a tool or a terminal printed, as styled lines. Colours and plain attributes become styles;
 * CR, BS and erase-to-end rewrite the line they stand in, as progress bars want; every other escape
 * sequence is a visible mark and none swallows text behind it. Lines are logical: rows_wrap brings
 * them to a width.
 */
#ifndef TEXT_ANSI_H
#define TEXT_ANSI_H

#include "text/cells.h"
#include "text/line.h"

/* What a new piece of text goes on from. */
struct ansi_state {
	size_t at;		/* how much is read */
	struct style style;
	bool rewriting;		/* the line is in `cells` and not in the open row */
};

struct ansi {
	struct rows *out;
	struct style base;
	struct ansi_state now, sure;
	struct cells cells, sure_cells;
	struct rows_place sure_end;
	struct buf mark;
	bool guessed;		/* the end of the text was read as if nothing came behind it */
};

/* Lines go to `out`, which nobody else writes to; `base` is the style of text without SGR. */
void ansi_init(struct ansi *a, struct rows *out, struct style base);
void ansi_done(struct ansi *a);
/*
 * `text` is all output so far and begins with what it was last time. Rows that are ended stay as
 * they are; the line being written is rows_open(out). A line of more than ANSI_COLS columns is cut
 * there, softly.
 */
void ansi_update(struct ansi *a, struct str text);

enum { ANSI_COLS = 4096 };

#endif
