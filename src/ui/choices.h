/*
 * Answering questions with choices: which of them are taken so far. Digits take choices of the
 * question that has them, nine at a time; the last step of all is to send the answer, never the
 * taking itself.
 */
#ifndef UI_CHOICES_H
#define UI_CHOICES_H

#include "model/question.h"

enum { CHOICES_DIGITS = 9 };

/* Zero-initialised: nothing is asked. */
struct choices {
	struct questions questions;
	uint64_t number;	/* of the item, 0 none */
	unsigned item_version;
	size_t active;		/* the question the digits are for */
	size_t from;		/* its choice that has the 1 */
	unsigned version;	/* of all of this */
};

/* Begins anew for a question, unless it is the same one unchanged; NULL: nothing is asked. */
void choices_focus(struct choices *c, const struct item *ask);
void choices_done(struct choices *c);

/* Something in it can be chosen, or there are several questions. */
bool choices_any(const struct choices *c);
/* Takes the choice of the active question that has the digit, 1 to 9, or gives it back; false when none
 * has it. */
bool choices_take(struct choices *c, unsigned digit);
/* Gives the digits to the next nine choices, or to the first again; false when there are no others. */
bool choices_turn(struct choices *c);
/* An answer in words to the active question. */
void choices_say(struct choices *c, struct str words);
/* Goes on to the next question that has no answer, which may be this one; false when all have. */
bool choices_next(struct choices *c);

#endif
