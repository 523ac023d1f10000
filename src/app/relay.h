/*
 * A bad network for demo --cut: relays connections from one unix socket to another and cuts all of
 * them every so often, in the middle of whatever they carry. Runs in a process of its own.
 */
#ifndef APP_RELAY_H
#define APP_RELAY_H

#include <stdint.h>

struct relay {
	const char *from, *to;	/* paths; `from` is made */
	int64_t every;		/* ms between cuts */
	int listener;
};

/* Listens, in the parent, so that nobody can come too early. Below 0 leaves errno. */
int relay_listen(struct relay *r);
/* Does not return until SIGTERM. A `struct relay *`, as child_fork wants it. */
int relay_run(void *relay);

#endif
