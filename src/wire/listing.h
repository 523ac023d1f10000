/*
 * The sessions a server says it has. A dialect whose servers can tell has both functions of struct
 * dialect: one makes the request for a page, the other reads the answer.
 */
#ifndef WIRE_LISTING_H
#define WIRE_LISTING_H

#include "wire/endpoint.h"
#include "wire/event.h"

/* Borrowed until the callback returns; untrusted. An empty slice or -1 says nothing. */
struct listed {
	struct str id, title, parent, directory, model;
	struct str target;		/* path of the session on its server, for an endpoint */
	enum sess_status status;
	bool closed;			/* nothing more will come */
	int64_t records;		/* in its log */
	int64_t time;			/* when it last changed or was made, ms since 1970 */
};

struct listing_sink {
	void (*session)(void *ctx, const struct listed *s);
	void *ctx;
	/* How one stands that was on the list; an empty id: all that are not named after it. */
	void (*status)(void *ctx, struct str id, enum sess_status status);
};

/* Where the session API has one session: with pages of its history, and as a stream alone. */
#define LISTING_SESSIONS "/api/sessions/"
#define LISTING_STREAMS "/api/streams/"

/* The id in a path of the session API, as it stands there; empty: it is of no session. */
struct str listing_session(struct str path, bool *pages);

/*
 * The session API: GET /api/sessions. `after` is what the page before left in `next`, empty for the
 * first.
 */
enum err listing_request(const struct endpoint *ep, struct str after, struct http_request *out,
    struct error *e);
/* `next` is cleared, and holds something when there are more. ERR_PROTOCOL: that is no list. */
enum err listing_decode(struct str body, const struct listing_sink *sink, struct buf *next,
    struct error *e);

#endif
