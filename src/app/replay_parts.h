/* The inside of a replay, for replay_view.c (time, keys and drawing, with and without a terminal)
 * and the two that drive it. */
#ifndef APP_REPLAY_PARTS_H
#define APP_REPLAY_PARTS_H

#include "app/actions.h"
#include "app/replay.h"

/* At most one frame in so many ms. */
enum { REPLAY_FRAME = 16 };

struct replay {
	const struct replay_options *options;
	struct playback *playback;
	struct actions on;		/* without a client */
	double speed;			/* 0: as fast as possible */
	bool paused, quit, dirty, blocked;
	/* The recording stood at from_at when clock_mono was from. */
	int64_t from, from_at;
	int64_t last_frame;
	struct buf words;		/* of the connection, borrowed by the status */
};

/* With the screen in `on` open. */
void replay_begin(struct replay *r, bool ascii);
void replay_done(struct replay *r);

/* Where the recording stands at this moment, ms since its start; it goes on behind its end. */
int64_t replay_position(const struct replay *r);
/* The clock_mono of a place in the recording, INT64_MAX while it stands still. */
int64_t replay_when(const struct replay *r, int64_t position);
/* Plays what is due. */
void replay_advance(struct replay *r);
void replay_key(struct replay *r, const struct key *k);
void replay_draw(struct replay *r);
/* clock_mono of the next thing to do but frames, INT64_MAX for none. */
int64_t replay_deadline(const struct replay *r);

#endif
