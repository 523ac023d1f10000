/*
 * Answering questions with choices: which of them are taken so far. Digits take choices of the
 * question that has them; the last step of all is to send the answer, never the taking itself.
 */
#ifndef UI_CHOICES_H
#define UI_CHOICES_H

#include "model/question.h"

/* Zero-initialised: nothing is asked. */
struct choices {
	struct questions questions;
	uint64_t number;	/* of the item, 0 none */
	unsigned item_version;
	size_t active;		/* the question the digits are for */
	unsigned version;	/* of all of this */
};

/* Begins anew for a question, unless it is the same one unchanged; NULL: nothing is asked. */
void choices_focus(struct choices *c, const struct item *ask);
void choices_done(struct choices *c);

/* Something in it can be chosen, or there are several questions. */
bool choices_any(const struct choices *c);
/* Takes choice `n` of the active question, from 1, or gives it back; false when it has none. */
bool choices_take(struct choices *c, unsigned n);
/* An answer in words to the active question. */
void choices_say(struct choices *c, struct str words);
/* Goes on to the next question that has no answer, which may be this one; false when all have. */
bool choices_next(struct choices *c);

#endif
