/* weir without an address: the sessions there are, what goes on in them, and the way into each. */
#ifndef APP_SESSIONS_H
#define APP_SESSIONS_H

#include "app/config.h"

/* Returns when the user leaves; the terminal is as it was. */
enum err sessions_run(const struct config *config, struct error *e);

#endif
