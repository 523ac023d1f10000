/*
 * The rows of a screen: what stands there, and what shall. It says which rows must be drawn and how far
 * those that only moved have moved; it draws nothing. For ui/screen alone.
 */
#ifndef UI_FRAME_H
#define UI_FRAME_H

#include "text/line.h"

/* Zero-initialised has no rows. The fields belong to ui/frame.c. */
struct frame {
	struct frame_row *rows;
	unsigned n, changed;
};

/* Rows [top, bottom] of which each shows what stood `by` rows below it, above it when negative; |by| of
 * them are empty. */
struct frame_move {
	unsigned top, bottom;
	int by;
};

/* A row that must be drawn; `before` is what stands there when that is known. */
struct frame_change {
	unsigned y;
	bool known;
	struct line before, after;
};

void frame_done(struct frame *f);
/* Makes it so many rows; frame_forget. */
void frame_resize(struct frame *f, unsigned rows);
/* Nothing is known of what stands on the screen. */
void frame_forget(struct frame *f);

/* What row y shall show; copied. False when it shows that, for which it takes a comparison only. */
bool frame_set(struct frame *f, unsigned y, struct line line);
/* How many rows must be drawn. */
unsigned frame_changed(const struct frame *f);
/*
 * Finds rows that stand elsewhere on the screen, among the first `most`. When it is worth to move them
 * there, it takes them as moved and returns true: move them, then draw what is still changed.
 */
bool frame_move(struct frame *f, unsigned most, struct frame_move *out);
/* The next changed row from c->y on, which counts as drawn from now on; false when there is none.
 * Borrowed until the row is set again. */
bool frame_next(struct frame *f, struct frame_change *c);

#endif
