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

/*
 * Lays out text from `mark` on, until its end or until `out` has `most` complete rows or a few
 * more. Rows behind the mark are of lines that are not complete. Returns where it ended.
 */
size_t listing_lay(struct rows *out, enum layout_kind kind, const struct code_lang *lang, struct str text,
    unsigned width, size_t most, struct listing_mark *mark);

#endif
