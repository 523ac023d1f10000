/*
 * What is asked with choices: an ITEM_ASK's options as something a screen can offer. Whoever asks
 * a person sets `chosen` and `typed`, and questions_answer writes what client_answer sends with
 * ANSWER_CHOICES.
 */
#ifndef MODEL_QUESTION_H
#define MODEL_QUESTION_H

#include "model/item.h"

struct choice {
	struct buf label, about;
	bool chosen;
};

struct question {
	struct buf header, text;
	bool several;			/* more than one may be chosen */
	struct choice *choices;
	size_t n, cap;
	struct buf typed;		/* an answer in words of one's own */
};

/* Zero-initialise; questions_done gives everything back. */
struct questions {
	struct question *v;
	size_t n, cap;
};

/* Of a question without choices one without any. */
void questions_of(struct questions *q, const struct item *ask);
void questions_done(struct questions *q);
/* Every question has an answer, and none has more than it takes. */
bool questions_answered(const struct questions *q);
/* The answers as JSON, an array of labels for each question. */
void questions_answer(const struct questions *q, struct buf *out);
/* Such answers in words: "a, b; c". */
void questions_words(struct str answers, struct buf *out);

#endif
