/*
 * What http.c needs to know of a request beyond its public fields. No libcurl here.
 */
#ifndef WIRE_HTTP_REQUEST_H
#define WIRE_HTTP_REQUEST_H

#include "wire/http.h"

enum { HTTP_BODY_MAX = 64 << 20 };

void http_request_copy(struct http_request *out, const struct http_request *r);
/* Calls back with each header line to send, without its line end, in the form libcurl wants. */
void http_request_lines(const struct http_request *r, void (*line)(void *ctx, const char *line),
    void *ctx);
/* Only what reads follows a redirect, and only with no secret that would go along. */
bool http_request_follows(const struct http_request *r);
size_t http_request_body_max(const struct http_request *r);

#endif
