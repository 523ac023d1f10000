/*
 * What one agent does in all sessions: "sessions/agent:ID" is a stream that nobody writes. It shows
 * items of other sessions, in the order in which they were committed, and holds none of them twice:
 * its rows say where they are. Which items those are is said here. Pure.
 */
#ifndef SERVE_AGENTS_H
#define SERVE_AGENTS_H

#include "base/buf.h"

#define AGENTS_ROOT "sessions/agent:"
#define AGENTS_SOURCE "sessions/"

/*
 * The next of the messages in `rest`, as they are stored, that tells the state of an agent or a
 * step it made; `agent` gets its id. False at the end.
 */
bool agents_next(struct str *rest, struct str *item, struct buf *agent);

#endif
