/*
 * What a program told its terminal besides text (modes, title, cursor style, key reports), and what
 * a terminal answers to its questions. Pure: bytes in, at any split. Two equal modes_text mean that
 * the program left nothing behind.
 */
#ifndef HARNESS_MODES_H
#define HARNESS_MODES_H

#include "base/buf.h"

#define MODES_MAX 2048

struct modes {
	enum modes_place {
		MODES_GROUND, MODES_ESCAPE, MODES_CHARSET, MODES_CSI, MODES_STRING
	} place;
	struct buf seq;		/* the control sequence being read, without its ESC */
	bool complete;		/* seq ended with the last byte fed */
	uint64_t changed[MODES_MAX / 64];	/* private modes that are not at their default */
	struct buf title;
	char charset;		/* what G0 is: 'B' is ASCII */
	bool shifted, keypad, margins;
	int cursor_style, key_levels, other_keys, titles;
};

/* What an answer depends on. */
struct modes_screen {
	int rows, cols, row, col;	/* the cursor counts from 0 */
	const char *background;		/* for OSC 11, "rgb:0000/0000/0000" */
	bool knows_2026, knows_2027;
};

void modes_init(struct modes *m);
void modes_done(struct modes *m);

/* Reads to the end of the first control sequence, at most all; returns the bytes it took. */
size_t modes_feed(struct modes *m, struct str s);
/* Appends the answer, when a question ended with the last byte fed. */
void modes_answer(const struct modes *m, const struct modes_screen *screen, struct buf *out);

/* Whether private mode `n` (25, 1049, 2004, …) is set. */
bool modes_on(const struct modes *m, int n);
/* Everything that is not as after a reset, as text. */
void modes_text(const struct modes *m, struct buf *out);

#endif
