/*
 * What a running weir knows of a session, in a file of the runtime directory: so that a status bar
 * costs one read and no connection. Whoever holds the lock beside it writes; a lock that is free
 * says that nobody does any more, and what stands there is old. Without $XDG_RUNTIME_DIR there is
 * no such file.
 */
#ifndef APP_STATUS_FILE_H
#define APP_STATUS_FILE_H

#include "app/client.h"

struct status_facts {
	struct buf name, title, state;	/* untrusted */
	int64_t waiting, unread;	/* questions; events since somebody looked */
	double rate;			/* tokens a second, -1 none */
	int64_t last;			/* ms since 1970 of the last event, 0 none */
	int64_t since;			/* ms since 1970 the connection has been away, 0: it is whole */
	struct buf trail;		/* what became of the connection, the newest first: a JSON array */
	bool kept;			/* somebody keeps it fresh */
};

void status_facts_done(struct status_facts *f);

/* Zero-initialised before the first call. */
struct status_writer {
	struct buf path, written;
	uint64_t steps;			/* of the connection that were written */
	int lock;			/* descriptor + 1, 0 none yet, -1 there is nothing to write to */
	int64_t at, due;		/* clock_mono of the last look, of the next; 0 none */
	uint64_t seen;
};

/* Call when something changed; writes what is new, at most twice a second. `looking`: a person sees
 * it. A failure is none: a status bar is not worth an error in the client. */
void status_writer_update(struct status_writer *w, struct client *c, bool looking);
/* clock_mono when it wants to be called again, INT64_MAX for never. */
int64_t status_writer_due(const struct status_writer *w);
void status_writer_done(struct status_writer *w);

/* By the name of the session, as client_name. ERR_FAILED: nobody has ever kept it. */
enum err status_file_read(struct status_facts *f, struct str name, struct error *e);
/* The names of those sessions of a server that somebody keeps now, in order. The caller frees them with
 * status_names_done. */
struct status_names {
	struct buf *v;
	size_t n, cap;
};
void status_names_of(struct status_names *names, struct str server);
void status_names_done(struct status_names *names);

#endif
