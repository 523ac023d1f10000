/*
 * Editing a text without a screen: a cursor that stands between grapheme clusters, the Emacs keys,
 * undo, one kill. The text is UTF-8 as typed; making it safe is the drawer's duty.
 */
#ifndef UI_EDIT_H
#define UI_EDIT_H

#include "base/buf.h"

enum { EDIT_MAX = 256 * 1024 };

enum edit_op {
	EDIT_LEFT, EDIT_RIGHT, EDIT_WORD_LEFT, EDIT_WORD_RIGHT,
	EDIT_LINE_START, EDIT_LINE_END, EDIT_UP, EDIT_DOWN, EDIT_START, EDIT_END,
	EDIT_BACKSPACE, EDIT_DELETE, EDIT_KILL_WORD_BACK, EDIT_KILL_WORD,
	EDIT_KILL_TO_START, EDIT_KILL_TO_END, EDIT_YANK, EDIT_TRANSPOSE, EDIT_UNDO,
	EDIT_OPS
};

/* Zero-initialised is empty. */
struct edit {
	struct buf text;
	size_t cursor;
	struct buf killed;
	bool killing;		/* the last operation was a kill: the next one adds to it */
	bool typing;		/* the last operation inserted: undone together */
	unsigned column;	/* EDIT_UP and EDIT_DOWN keep it, + 1; 0 none */
	struct edit_change *undo;
	size_t nundo, cap_undo;
};

void edit_done(struct edit *e);
struct str edit_text(const struct edit *e);
/* Replaces the text, cursor at its end; can be undone. */
void edit_set(struct edit *e, struct str text);
/* Invalid UTF-8 is repaired, what exceeds EDIT_MAX is refused as a whole: false. */
bool edit_insert(struct edit *e, struct str text);
/* False when there was nothing to do: the start, the end, the first line. */
bool edit_apply(struct edit *e, enum edit_op op);

enum { HISTORY_MAX = 50 };

/* What was entered before, the newest last. Zero-initialised is empty. */
struct history {
	struct buf *entries;
	size_t n, cap;
	size_t at;		/* n: the draft, which is not an entry */
	struct buf draft;
};

void history_done(struct history *h);
/* An empty text or one equal to the newest is not added; goes back to the draft. */
void history_add(struct history *h, struct str text);
/* The entry before or after; `current` becomes the draft when leaving it. False at the ends. */
bool history_prev(struct history *h, struct str current, struct str *out);
bool history_next(struct history *h, struct str *out);

#endif
