/*
 * The inside of struct rows, for text/line, text/runs, text/flow, text/verbatim, text/ansi and text/cells alone.
 * Its law: text gets in as a piece that text/safe gave, or as a part of one.
 */
#ifndef TEXT_ROWS_H
#define TEXT_ROWS_H

#include "text/line.h"
#include "text/safe.h"

struct row {
	uint32_t span;		/* its first */
	uint32_t text;		/* where its text begins */
	unsigned cols;
	uint8_t flags;
};

/* `src` is where the text the piece was read from stands in the source. */
void rows_put(struct rows *r, struct style style, const struct safe_piece *piece, uint32_t src);
/* So many tabs, which have a source, where none is counted yet or only whole ones. */
void rows_put_tabs(struct rows *r, struct style style, uint32_t n, uint32_t src);

/* Takes the `n` bytes that stand behind all other text, as safe_copy_plain left them there, into the open row. */
void rows_take(struct rows *r, struct style style, uint32_t n, unsigned cols, uint32_t src);

/*
 * The ASCII at the start of `text`, at most `most` bytes of it (safe_copy_ascii), in two steps, so that a line is
 * copied once: the copy stands behind the open row, of which a part is taken into it at a time, from its start
 * on and with nothing else between.
 */
size_t rows_copy_ascii(struct rows *r, struct str text, size_t most);

static inline void
rows_take_ascii(struct rows *r, struct style style, uint32_t n, uint32_t src)
{
	rows_take(r, style, n, n, src);
}

/*
 * The same of runs, `n` (>= 1) of them at most and not more than `most` bytes together, ROLE_TEXT in the role
 * `plain`; returns how many. All have a source.
 */
size_t rows_take_runs(struct rows *r, enum role plain, const struct role_run *runs, size_t n, uint32_t most,
    uint32_t src);

/* A mark keeps the ground on which it stands. */
struct style rows_mark_style(struct style style);

/* The last place in the open row. */
struct rows_place rows_end_place(const struct rows *r);
/* The place in the open row in front of this byte of its text, behind which there are `behind` columns. */
struct rows_place rows_place_before(const struct rows *r, uint32_t off, unsigned behind);
/* The last place in the open row with at most `cols` columns in front of it. */
struct rows_place rows_place_at(const struct rows *r, unsigned cols);
/* Cuts the open row off there. */
void rows_trim(struct rows *r, struct rows_place end);
/* The same for a row to which things were only added, which frees their text. */
void rows_rewind(struct rows *r, struct rows_place end);
/* Ends the open row at `end`, softly, and opens one of `prefix` and what stood behind `begin`. */
void rows_split(struct rows *r, struct rows_place end, struct rows_place begin, struct line prefix,
    unsigned flags);
/* In the open row tabs are counted from its end. */
void rows_tabs_from_here(struct rows *r);

#endif
