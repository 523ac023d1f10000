/*
 * A recording in the full-screen client: on the terminal with a person at the keys, or on a canvas
 * with a script at them and with screens and a cast as the result. The same code draws both.
 */
#ifndef APP_REPLAY_H
#define APP_REPLAY_H

#include "app/config.h"
#include "app/keyscript.h"
#include "app/playback.h"

/* All borrowed. */
struct replay_options {
	struct playback *playback;
	const struct config *config;
	double speed;			/* 0: as fast as possible */
	bool virtual_clock;		/* time comes from the recording and the script alone */
};

struct replay_headless {
	const struct keyscript *script;
	const char *script_name;
	unsigned rows, cols;
	bool dump, painted;		/* screens to stdout, with SGR */
	int cast;			/* descriptor for an asciicast, -1 for none */
	const char *cast_name;
};

/* Until the user leaves. */
enum err replay_screen(const struct replay_options *options, struct error *e);
/* Until the end of the recording and of the script. */
enum err replay_headless(const struct replay_options *options, const struct replay_headless *headless,
    struct error *e);

#endif
