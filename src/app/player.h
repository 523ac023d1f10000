/*
 * Plays the demo session into a Durable Stream over HTTP, at its own pace, and answers what others
 * type into it: the other end of weir demo, in a process of its own.
 */
#ifndef APP_PLAYER_H
#define APP_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct player_options {
	const char *url;	/* of the stream */
	double speed;		/* 1 is real time; 0: as fast as it goes */
	int64_t patience;	/* ms to wait for an approval before anna gives it */
	bool stay;		/* go on answering when the session is over */
	bool close;		/* close the stream when it is over */
	int ready_fd;		/* gets a byte when the stream is there; -1 for none */
};

/* Returns when the session is over (without `stay`) or on an error. */
enum err player_run(const struct player_options *options, struct error *e);

#endif
