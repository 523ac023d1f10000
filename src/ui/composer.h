/*
 * Where the user writes: one to eight rows that grow with the text, and the one-row lines for
 * search and commands. It lays out what ui/edit holds.
 */
#ifndef UI_COMPOSER_H
#define UI_COMPOSER_H

#include "text/line.h"
#include "ui/edit.h"

enum { COMPOSER_MAX_ROWS = 8 };

/* Zero-initialised is empty. */
struct composer {
	struct edit edit;
	struct history history;
	struct rows rows;
	unsigned top, shown;		/* first row seen, rows seen */
	unsigned cursor_row, cursor_col;
};

void composer_done(struct composer *c);
/*
 * Lays out at `width` in at most `max` rows; returns how many it takes (>= 1). `prompt` stands in
 * front of the first row, `placeholder` where there is no text.
 */
unsigned composer_layout(struct composer *c, unsigned width, unsigned max, const char *prompt,
    const char *placeholder);
/* i < what composer_layout returned. */
struct line composer_line(const struct composer *c, unsigned i);
/* Relative to the first row seen. */
void composer_cursor(const struct composer *c, unsigned *row, unsigned *col);

#endif
