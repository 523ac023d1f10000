/*
 * Answering an approval, so that nobody does it by accident: only a prompt that was focused by its
 * own key takes an answer, and only when it has been focused, unchanged and without other keys, for
 * 750 ms; and nobody allows what was not shown to its end. Time comes in with the calls.
 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "model/item.h"

enum { PROMPT_ARM_MS = 750 };

/* Zero-initialised: nothing is focused. */
struct prompt {
	uint64_t number;	/* of the focused item, 0 none */
	unsigned version;
	int64_t since;		/* the last thing that was no answer */
	bool read;		/* its end has been on the screen since */
};

enum prompt_why {
	PROMPT_OK,
	PROMPT_NOTHING,		/* nobody asks */
	PROMPT_DRAFT,		/* the composer has unsent text */
	PROMPT_ANSWERED,
	PROMPT_EARLY,		/* the 750 ms begin anew */
	PROMPT_UNREAD,		/* its end has not been on the screen */
	PROMPT_CHANGED		/* the question changed after it was focused: focus again */
};

enum prompt_why prompt_focus(struct prompt *p, const struct item *ask, bool draft, int64_t now);
void prompt_leave(struct prompt *p);
/* The end of the focused item is on the screen. */
void prompt_read(struct prompt *p);
/* A key that is no answer was pressed. */
void prompt_other_key(struct prompt *p, int64_t now);
/* May a key that answers so count now? `ask` is the focused item as it is now, NULL when it is gone. */
enum prompt_why prompt_answer(struct prompt *p, const struct item *ask, enum ask_answer answer,
    int64_t now);
/* When it becomes armed, INT64_MAX when it is or nothing is focused. */
int64_t prompt_deadline(const struct prompt *p, int64_t now);
/* For the status line; "" for PROMPT_OK. */
const char *prompt_words(enum prompt_why why);

#endif
