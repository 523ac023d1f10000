/* How fast agents speak: estimated tokens a second, and how long the first one took. */
#ifndef APP_PACE_H
#define APP_PACE_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty. */
struct pace {
	int64_t second;			/* clock_mono / 1000 */
	uint64_t now, before;		/* bytes in it and in the one before */
	int64_t asked;			/* clock_mono of the last question */
	int64_t first;			/* ms from it to the first word, 0 unknown */
};

/* Somebody asked an agent. */
void pace_asked(struct pace *p);
/* The first word of the answer to that. */
void pace_answered(struct pace *p);
/* An agent said so many bytes. */
void pace_said(struct pace *p, size_t bytes);
/* Tokens a second over the last seconds, -1 when nothing streams. */
double pace_rate(const struct pace *p);
/* Ms from the last question to the first word of its answer, -1 unknown. */
int64_t pace_first(const struct pace *p);

#endif
