/*
 * The service manager that started the server, systemd or one that does as it does: it may have
 * opened the sockets already, and wants to hear how the server is. Nothing happens when there is
 * none. Needs no library of it.
 */
#ifndef SERVE_MANAGER_H
#define SERVE_MANAGER_H

#include "base/buf.h"
#include "base/err.h"

struct manager {
	struct buf address;	/* of its socket; empty: nobody wants to hear */
	int64_t watchdog;	/* ms within which it wants to hear again, 0 for never */
	int sockets;		/* how many it opened, from MANAGER_FIRST on */
};

enum { MANAGER_FIRST = 3 };

/* Reads the environment and removes it from there. */
void manager_open(struct manager *m);
void manager_close(struct manager *m);
/* "READY=1", "STOPPING=1", "WATCHDOG=1" */
void manager_tell(const struct manager *m, const char *state);

#endif
