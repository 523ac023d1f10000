/* Texts that are made of lines: source code, diffs, plain text. What is laid out of them stays. */
#ifndef TEXT_LISTING_H
#define TEXT_LISTING_H

#include "text/code.h"
#include "text/diff.h"
#include "text/layout.h"

/* Where to go on: everything before is complete. Zero-initialised is the start. */
struct listing_mark {
	size_t at;		/* in the text */
	size_t rows;		/* that are complete */
	unsigned code;
	struct diff_state diff;
};

/* Lays out text from `mark` on until its end. Rows behind the mark are of lines that are not complete. */
void listing_lay(struct rows *out, enum layout_kind kind, const struct code_lang *lang, struct str text,
    unsigned width, struct listing_mark *mark);
/*
 * Moves the mark, its rows aside, behind a line, or behind a few of a diff, without laying them out.
 * Returns how many; `whole`: a later text could not change them.
 */
size_t listing_pass(enum layout_kind kind, const struct code_lang *lang, struct str text,
    struct listing_mark *mark, bool *whole);

#endif
