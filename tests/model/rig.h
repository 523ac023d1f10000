/*
 * A link with a real dialect and the session it fills, and a server that is the test: requests are
 * kept, answers are given by hand. Time is set: it moves in rig_run only.
 */
#ifndef TESTS_MODEL_RIG_H
#define TESTS_MODEL_RIG_H

#include "model/link.h"
#include "model/session.h"

enum { RIG_REQUESTS = 512 };

struct rig {
	struct link *link;
	struct endpoint ep;
	struct position at;
	struct session *session;
	const struct dialect *dialect;
	struct {
		struct buf what;	/* "METHOD path?query", with a body behind a blank */
		bool open;
	} requests[RIG_REQUESTS];
	size_t nrequests;
	size_t told;			/* of these, rig_asked has told */
	struct buf records;		/* all, a line each */
	struct buf acted;
	unsigned outages, missed, exact;
};

/* Not started. */
void rig_init(struct rig *r, const struct dialect *d, const char *url);
void rig_done(struct rig *r);
void rig_run(struct rig *r, int64_t ms);
/* The requests since the last time are these, a line each. */
void rig_asked(struct rig *r, const char *want);
/* The open request that begins so; fails the test when there is none. */
size_t rig_find(struct rig *r, const char *begins);

/* Parts of the answer to request `i`. */
void rig_head(struct rig *r, size_t i, int status, const char *type);
void rig_event(struct rig *r, size_t i, const char *data);
void rig_body(struct rig *r, size_t i, const char *bytes);
/* A message of a WebSocket; `bytes` may hold a NUL. */
void rig_frame(struct rig *r, size_t i, unsigned kind, struct str bytes);
void rig_end(struct rig *r, size_t i, enum http_end end);
/* All of it. */
void rig_answer(struct rig *r, const char *begins, int status, const char *json);
/* The transcript is this, see print_session.h. */
void rig_expect(struct rig *r, const char *items);

#endif
