/*
 * Writes lines into the picture of the screen that ncurses brings to the terminal. For ui/screen alone.
 */
#ifndef UI_PEN_H
#define UI_PEN_H

#include <wchar.h>

#include "text/theme.h"
#include "ui/frame.h"

struct pen {
	const struct theme *theme;	/* borrowed */
	enum depth depth;
	bool utf8;			/* the terminal takes it */
	wchar_t *wide;
	size_t cap_wide;
};

void pen_done(struct pen *p);
/* Draws what changed of the columns of a row up to `end`; what the line leaves free is blank. */
void pen_row(struct pen *p, const struct frame_change *c, unsigned end);

#endif
