/*
 * What this client says of itself to the others in a session, and when: it joins, is here every ten
 * seconds, tells where its cursor is, leaves. No I/O; the time (clock_mono) comes in.
 */
#ifndef MODEL_PRESENCE_H
#define MODEL_PRESENCE_H

#include "wire/dialect.h"

enum {
	PRESENCE_BEAT = 10000,		/* ms between two signs of life */
	PRESENCE_CURSOR = 50		/* and at least between two places of the cursor */
};

/* Zero-initialised: nothing was said yet. */
struct presence {
	bool here;			/* the others were told */
	bool refused;			/* the server does not want to know */
	bool moved;			/* the cursor, since it was told */
	bool has_cursor;
	int64_t x, y;
	int64_t said;			/* clock_mono of the last word */
};

/* The cursor is there now. */
void presence_move(struct presence *p, int64_t x, int64_t y);
/* When there is something to say, INT64_MAX for never. */
int64_t presence_due(const struct presence *p);
/* Fills in what is to be said at `now`; false: nothing. It counts as said. */
bool presence_say(struct presence *p, int64_t now, struct act *act);
/* The same for the last word; false: nobody was told that this client is here. */
bool presence_leave(struct presence *p, struct act *act);

#endif
