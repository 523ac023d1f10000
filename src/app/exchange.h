/*
 * One request after the other, each answered whole before the next: for a command that has nothing
 * else to do. What fails on the way, and what a server cannot answer now, is tried again a few
 * times, so a request must be one that may arrive twice.
 */
#ifndef APP_EXCHANGE_H
#define APP_EXCHANGE_H

#include "wire/endpoint.h"

struct exchange {
	struct http *http;
	int signals;			/* a descriptor of loop_signals that ends it, -1 for none */
	/* The last answer. */
	int status;
	struct buf headers, body;
};

enum err exchange_open(struct exchange *x, int signals, struct error *e);
void exchange_close(struct exchange *x);

/* Sends `r` and takes the answer, whatever its status is. Ends the request. */
enum err exchange_ask(struct exchange *x, struct http_request *r, struct error *e);
/* A header of the answer, STR_NONE when it is not there. */
struct str exchange_header(const struct exchange *x, const char *name);

#endif
