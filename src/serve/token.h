/* The secret that lets requests in over TCP. */
#ifndef SERVE_TOKEN_H
#define SERVE_TOKEN_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Reads the file `path`, which only its user may open; one that is not there is made. Every line is
 * a token, and what follows it after a space the user whose it is.
 */
enum err token_read(const char *path, struct buf *out, struct error *e);
/*
 * "Bearer TOKEN" as in Authorization, compared with all of them without telling how much of it is
 * right. *user is whose it is, STR_NONE when that is not said.
 */
bool token_matches(struct str authorization, struct str tokens, struct str *user);

#endif
