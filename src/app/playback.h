/*
 * A recording on its way into a session: every message goes through the dialect it was recorded
 * with, as it did live, when its time has come. The owner moves the time; what is before it is
 * played again from the start.
 */
#ifndef APP_PLAYBACK_H
#define APP_PLAYBACK_H

#include "model/recording.h"
#include "model/session.h"
#include "wire/dialect.h"

struct playback;

struct playback_stats {
	uint64_t received, applied, duplicates, resumes;
	unsigned broken;	/* messages the dialect could not read */
};

/* Reads a recording, or a raw event stream of `rate` events a second. `dialect` goes before the
 * recording's own; without one a raw stream is any event stream. */
enum err playback_open(struct playback **out, const char *path, const char *dialect, double rate,
    struct error *e);
void playback_close(struct playback *p);

struct session *playback_session(struct playback *p);
const struct recording *playback_recording(const struct playback *p);
const struct dialect *playback_dialect(const struct playback *p);
const struct playback_stats *playback_stats(const struct playback *p);
/* What the recording is of: the last part of its address, or the name of the file. */
struct str playback_name(const struct playback *p);

/* Where it stands: the ms that have been played, of how many. */
int64_t playback_at(const struct playback *p);
int64_t playback_length(const struct playback *p);
/* When the next entry is due, in ms since the start; INT64_MAX: there is none. */
int64_t playback_next(const struct playback *p);
/* The connection was cut and the next one has not come. */
bool playback_is_cut(const struct playback *p);

/* Plays all that is due up to `ms`, backwards too; true when that changed anything. */
bool playback_seek(struct playback *p, int64_t ms);
/* The next entry, or all but the last one played so far; false at either end. */
bool playback_step(struct playback *p, int direction);

#endif
