/*
 * The framing of a WebSocket, RFC 6455, as a client sees it: bytes of the server go in, whole messages
 * come out; what is to be sent is appended to a buffer. Pure: no I/O, no clock, bytes may be split
 * anywhere. That the bytes of a text are UTF-8 is not checked here: whoever shows them repairs them.
 */
#ifndef WIRE_WEBSOCKET_H
#define WIRE_WEBSOCKET_H

#include "base/buf.h"

enum { WEBSOCKET_KEY = 16, WEBSOCKET_MASK = 4 };

enum websocket_kind {
	WEBSOCKET_TEXT = 1, WEBSOCKET_BINARY = 2, WEBSOCKET_CLOSE = 8, WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10
};

struct websocket_sink {
	/* A whole message, or a control frame, which is never longer than 125 bytes. Borrowed. */
	void (*message)(void *ctx, enum websocket_kind kind, struct str bytes);
	void *ctx;
};

/* Zero-initialised but for the limit. */
struct websocket {
	size_t max;			/* bytes of a message */
	unsigned char head[10];		/* of the frame under way */
	size_t nhead;
	uint64_t left;			/* bytes of its payload that are to come */
	bool in_payload, closed;
	enum websocket_kind kind;	/* of the message in parts, 0: none */
	struct buf message, control;
};

void websocket_done(struct websocket *w);
/*
 * False: what came breaks the protocol or is longer than is allowed; nothing more may be fed. What
 * comes behind a close is not looked at.
 */
bool websocket_feed(struct websocket *w, struct str bytes, const struct websocket_sink *sink);

/* A frame with the whole of a message; `mask` is random. */
void websocket_frame(struct buf *out, enum websocket_kind kind, struct str bytes,
    const unsigned char mask[WEBSOCKET_MASK]);
/* The header Sec-WebSocket-Key of a random number, and the answer Sec-WebSocket-Accept to it. */
void websocket_key(const unsigned char random[WEBSOCKET_KEY], struct buf *out);
void websocket_accept(struct str key, struct buf *out);

#endif
