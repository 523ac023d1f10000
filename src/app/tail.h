/* Following a session as text: weir tail, and weir demo without a terminal. */
#ifndef APP_TAIL_H
#define APP_TAIL_H

#include "app/client.h"

/* Prints to stdout until the stream is closed, or with `forever` false until all there is was read. */
enum err tail_run(const struct client_options *options, bool forever, struct error *e);

/* Whether the link has come to its end, and how: ERR_OK or the reason a user reads. */
enum err tail_ended(struct client *c, bool follow, bool *over, struct error *e);

#endif
