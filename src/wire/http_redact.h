/*
 * What of a request may stand in a log: never a secret header's value, never a URL's query.
 */
#ifndef WIRE_HTTP_REDACT_H
#define WIRE_HTTP_REDACT_H

#include "wire/http.h"

/* By its name the value is a secret that is not to be logged. */
bool http_is_secret(struct str header_name);
/* Appends one line of a request's or response's head without its secrets, those of `r` (may be NULL)
 * too, and without its line end. */
void http_redact(struct buf *out, struct str line, const struct http_request *r);
/* Logs the lines of a head, each behind `mark`. */
void http_log_head(uint64_t request, char mark, struct str head, const struct http_request *r);

#endif
