/* Following a session as text: weir tail, and weir demo without a terminal. */
#ifndef APP_TAIL_H
#define APP_TAIL_H

#include "app/client.h"

/*
 * Prints to stdout until the stream is closed, or with `forever` false until all there is was read.
 * An error when `source` (-1 for none) hangs up before: who was to write the session has failed.
 */
enum err tail_run(const struct client_options *options, bool forever, int source, struct error *e);

/* Whether the link has come to its end, and how: ERR_OK or the reason a user reads. */
enum err tail_ended(struct client *c, bool follow, bool *over, struct error *e);

#endif
