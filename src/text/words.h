/* The words in which two lines differ, with bounded work. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/str.h"

enum { WORDS_MAX = 256 };

/* Bytes [from, to) of a line. */
struct words_range {
	uint32_t from, to;
};

struct words {
	struct words_range old_range[WORDS_MAX], new_range[WORDS_MAX];
	size_t nold, nnew;
};

/* False when the lines have too little in common for marks to help. */
bool words_compare(struct words *w, struct str old_line, struct str new_line);

#endif
