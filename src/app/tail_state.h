/*
 * Where weir tail --state goes on next time: a file of one line, replaced as a whole. The order is:
 * output is written, then the file; where standard output is a file, what was about to be written
 * is noted before it is, so that a kill in between repeats and loses nothing.
 */
#ifndef APP_TAIL_STATE_H
#define APP_TAIL_STATE_H

#include "base/err.h"
#include "wire/dialect.h"

struct tail_state {
	struct buf session, dialect;	/* what it is the state of */
	struct position at;		/* read on from here; */
	uint64_t printed;		/* so many bytes of what comes then were printed already */
	/* While bytes are written to a file: how long it was before, how many they are. */
	uint64_t device, inode, size, writing;
};

void tail_state_done(struct tail_state *s);

/* `found` false: there is no such file yet. ERR_USAGE: it is of another session. */
enum err tail_state_load(struct tail_state *s, const char *path, struct str session,
    struct str dialect, bool *found, struct error *e);
enum err tail_state_save(const struct tail_state *s, const char *path, struct error *e);

/* Notes what file `fd` is and how long; false: it is none. */
bool tail_state_file(struct tail_state *s, int fd);
/* Counts as printed what a run that was killed in the middle has written into the same file. */
void tail_state_recover(struct tail_state *s, int fd);

#endif
