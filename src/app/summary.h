/* What a session is doing, in a few facts: for one line, a tile, or a program that waits for it. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "app/client.h"

struct summary {
	const char *state;	/* "waiting", "busy", "retry", "idle", "lost", "unknown", "closed", "gone" */
	size_t waiting;		/* questions nobody has answered */
	double rate;		/* tokens a second, -1: nothing streams */
	int64_t age;		/* ms since the last record, -1: there is none */
	int64_t lag;		/* ms since the connection was whole, 0: it is */
};

/* Whether an agent of it is at work, as far as the session says. */
bool summary_busy(const struct session *s);
struct summary summary_of(struct client *c);

#endif
