/*
 * A screen without a terminal: rows are kept as they were drawn, and come out as text or as the
 * bytes that would show them. What it gives depends on nothing but what was drawn. For ui/screen,
 * which hands it everything, and for whoever asked for such a screen.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "text/line.h"
#include "text/theme.h"

struct canvas;

struct canvas *canvas_new(unsigned rows, unsigned cols);
void canvas_free(struct canvas *c);
/* Empties it. */
void canvas_resize(struct canvas *c, unsigned rows, unsigned cols);
void canvas_size(const struct canvas *c, unsigned *rows, unsigned *cols);

/* As screen_line, screen_cursor, screen_redraw. */
void canvas_theme(struct canvas *c, const struct theme *theme);
void canvas_line(struct canvas *c, unsigned y, struct line line);
void canvas_cursor(struct canvas *c, unsigned y, unsigned x);
void canvas_no_cursor(struct canvas *c);
void canvas_redraw(struct canvas *c);
void canvas_bell(struct canvas *c);

/* Appends what changes the screen as canvas_frame left it into what is drawn now; nothing when that
 * is the same. The first frame and one after a resize clear it. */
void canvas_frame(struct canvas *c, struct buf *out);
/* Appends all rows, each with a line feed and without blanks at its end; `painted`: with SGR. */
void canvas_text(const struct canvas *c, bool painted, struct buf *out);
/* Whether the text stands within one row. */
bool canvas_has(const struct canvas *c, struct str text);

#endif
