/*
 * The inside of struct rows, for text/line, text/flow, text/ansi and text/cells alone. Its law: text
 * gets in as a piece that text/safe gave, or as a part of one.
 */
#ifndef TEXT_ROWS_H
#define TEXT_ROWS_H

#include "text/line.h"
#include "text/safe.h"

struct row {
	size_t span;		/* its first */
	uint32_t text;		/* where its text begins */
	unsigned cols;
	uint8_t flags;
};

/* `src` is where the text the piece was read from stands in the source. */
void rows_put(struct rows *r, struct style style, const struct safe_piece *piece, uint32_t src);

/* A mark keeps the ground on which it stands. */
struct style rows_mark_style(struct style style);

/* The place `back` columns of ASCII before the end of the open row; they stand in its last span. */
struct rows_place rows_back(const struct rows *r, size_t back);
/* The last place in the open row with at most `cols` columns in front of it. */
struct rows_place rows_place_at(const struct rows *r, unsigned cols);
/* Cuts the open row off there. */
void rows_trim(struct rows *r, struct rows_place end);
/* The same for a row to which things were only added, which frees their text. */
void rows_rewind(struct rows *r, struct rows_place end);
/* Ends the open row at `end`, softly, and opens one of `prefix` and what stood behind `begin`. */
void rows_split(struct rows *r, struct rows_place end, struct rows_place begin, struct line prefix);

#endif
