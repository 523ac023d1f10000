/*
 * The bytes that clients send, before anybody takes them for requests: where a head, a body and
 * the next request end must be said in one way only. A pure automaton that may be fed in any
 * pieces; what it lets through has CRLF at the end of every line, no folded line, no control
 * character, and one way to count the body (RFC 9112). What a request means is not its business.
 */
#ifndef SERVE_HEAD_H
#define SERVE_HEAD_H

#include "base/str.h"

/* Zero-initialised it waits for the first request of a connection. */
struct head {
	int state, back;	/* of head.c; `back` follows the LF that must come */
	int status;		/* 0, or what to answer: nothing more is taken from then on */
	const char *why;	/* a static text */
	unsigned heads;		/* how many were whole */
	unsigned line, size, fields;
	uint64_t left;		/* of the body, or of a chunk */
	uint64_t length;
	bool has_length, chunked, old;
	unsigned char name_n, value_n;
	char name[20], value[20];
};

/* How many of the bytes are well formed; fewer than all of them: see h->status. */
size_t head_feed(struct head *h, struct str bytes);

#endif
