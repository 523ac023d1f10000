/*
 * The headers of Durable Streams 1.0 that more than the dialect needs: who writes, and what the
 * server says of it.
 */
#ifndef WIRE_DURABLE_H
#define WIRE_DURABLE_H

#include "wire/http.h"

/* Makes `r` the `seq`th append of a producer in its epoch. False when the name cannot be sent. */
bool durable_produce(struct http_request *r, struct str id, int64_t epoch, int64_t seq);

/* What the head of an answer says to a writer; slices point into `headers`. */
struct durable_answer {
	struct str offset;		/* Stream-Next-Offset, empty when it is not said */
	int64_t epoch, seq, expected;	/* of the producer, -1 when not said */
	bool closed;			/* the stream takes no more */
};
struct durable_answer durable_answer(struct str headers);

#endif
