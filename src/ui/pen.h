/*
 * Writes lines into the picture of the screen that ncurses brings to the terminal. For ui/screen alone.
 */
#ifndef UI_PEN_H
#define UI_PEN_H

#include <wchar.h>

#include "text/line.h"
#include "text/theme.h"

struct pen {
	const struct theme *theme;	/* borrowed */
	enum depth depth;
	bool utf8;			/* the terminal takes it */
	wchar_t *wide;
	size_t cap_wide;
};

void pen_done(struct pen *p);
/* The columns of row y up to `end`; what the line leaves free is blank. */
void pen_row(struct pen *p, unsigned y, unsigned end, struct line line);

#endif
