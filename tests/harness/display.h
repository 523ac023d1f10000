/*
 * What a person in front of a terminal sees: the bytes of a program go in, libvterm draws them on a
 * screen of cells, and the answers to questions among the bytes come out. Knows no file descriptor.
 * Texts it returns are UTF-8 and valid until the next call of the same function.
 */
#ifndef HARNESS_DISPLAY_H
#define HARNESS_DISPLAY_H

#include <stdbool.h>

#include "base/buf.h"

struct display;

struct display_options {
	int rows, cols;			/* 24 and 80 when 0 */
	const char *background;		/* the answer to OSC 11; black when NULL */
	bool mute;			/* answers nothing */
	bool no_2026;			/* does not know synchronized output */
	bool knows_2027;		/* knows grapheme clustering */
};

struct display *display_new(const struct display_options *options);
void display_free(struct display *d);
void display_resize(struct display *d, int rows, int cols);

/* Draws `s` and appends the answers a terminal would type to `answers`. */
void display_feed(struct display *d, struct str s, struct buf *answers);

/* What a key or a paste types, in the encoding the program has chosen. */
enum display_key { DISPLAY_ENTER, DISPLAY_TAB, DISPLAY_BACKSPACE, DISPLAY_ESCAPE, DISPLAY_UP,
	DISPLAY_DOWN, DISPLAY_LEFT, DISPLAY_RIGHT, DISPLAY_INSERT, DISPLAY_DELETE, DISPLAY_HOME,
	DISPLAY_END, DISPLAY_PAGE_UP, DISPLAY_PAGE_DOWN };
enum { DISPLAY_SHIFT = 1, DISPLAY_ALT = 2, DISPLAY_CTRL = 4 };
void display_key(struct display *d, enum display_key key, int modifiers, struct buf *typed);
void display_paste(struct display *d, struct str text, struct buf *typed);

int display_rows(const struct display *d);
int display_cols(const struct display *d);
/* A row, or all rows each with a line feed, without blanks at the end. */
const char *display_row(struct display *d, int row);
const char *display_text(struct display *d);
/* The rows that left the top of the main screen, oldest first. */
const char *display_scrollback(struct display *d);
/* Where `text` first stands within one row; false when nowhere. NULL where it does not matter. */
bool display_find(struct display *d, const char *text, int *row, int *col);
void display_cursor(const struct display *d, int *row, int *col);

/* A colour is -1 for the default, 0 to 255 of the palette, or 0x1000000 | RGB. */
struct display_cell {
	char text[25];	/* "" for the right half of a wide one */
	int width;
	int fg, bg;
	bool bold, underline, italic, blink, reverse, strike;
};
struct display_cell display_cell(const struct display *d, int row, int col);

/* Whether private mode `n` is set: 1049 the alternate screen, 25 the cursor, 2004 paste, … */
bool display_mode(const struct display *d, int n);
const char *display_title(struct display *d);
/* Appends all a program can leave behind (modes, pen, margins); nothing after a reset. */
void display_leftovers(const struct display *d, struct buf *out);

#endif
