/*
 * One response on its way from the net thread to the main thread: header lines and bytes go in,
 * messages come out in the queue, and the time limits are kept here. No libcurl here.
 */
#ifndef WIRE_HTTP_RESPONSE_H
#define WIRE_HTTP_RESPONSE_H

#include "wire/http_queue.h"

struct http_response {
	const struct http_request *request;
	uint64_t id;
	bool follows;			/* redirects */
	struct http_queue *queue;
	struct http_account account;

	struct buf head;
	size_t head_bytes, received;
	int status;
	bool has_head, is_events, comment;
	struct sse sse;

	bool paused;
	int64_t started, heard, paused_at;
};

/* A line of a head with its line end, the empty one included; `status` as known by then. */
bool http_response_header(struct http_response *r, struct str line, int status);
/* True when the main thread must first take what is there; see http_response_resume. */
bool http_response_paused(struct http_response *r);
/* False when it is more than weir takes. */
bool http_response_bytes(struct http_response *r, struct str bytes);
/* A message of a WebSocket. */
void http_response_frame(struct http_response *r, unsigned kind, struct str bytes);
void http_response_end(struct http_response *r, enum http_end why, struct str detail,
    int64_t retry_after);
void http_response_done(struct http_response *r);

/* True when it was paused and there is room again. */
bool http_response_resume(struct http_response *r);
/* clock_mono at which it is to be ended, and why. */
int64_t http_response_deadline(const struct http_response *r, enum http_end *why);

#endif
