/* The secret that lets requests in over TCP. */
#ifndef SERVE_TOKEN_H
#define SERVE_TOKEN_H

#include "base/buf.h"
#include "base/err.h"

/* Reads it from `path`, which only its user may open; a file that is not there is made. */
enum err token_read(const char *path, struct buf *out, struct error *e);
/* "Bearer TOKEN" as in Authorization, compared without telling how much of it is right. */
bool token_matches(struct str authorization, struct str token);

#endif
