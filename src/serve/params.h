/*
 * Reading what a request says in its URL and headers. Everything here eats bytes from outside:
 * pure functions that take exactly what is well-formed and refuse the rest.
 */
#ifndef SERVE_PARAMS_H
#define SERVE_PARAMS_H

#include "base/buf.h"

enum { PARAMS_PATH_MAX = 1024 };

/* Undoes %XX once; false on a malformed one or a NUL. */
bool params_unescape(struct str raw, struct buf *out);
/* How often `name` stands in a query string; the first value is put into `value`, unescaped. A
 * value that does not unescape is counted and given as it stands. */
int params_query(struct str query, const char *name, struct buf *value);
/*
 * The name of a stream from the raw part of a URL: unescaped once, valid UTF-8 of 1 to
 * PARAMS_PATH_MAX bytes, no controls, no escaped slash or NUL, no segment "." or "..".
 */
bool params_path(struct str raw, struct buf *out);

/* "application/json; charset=utf-8" without what follows the media type. */
struct str params_media_type(struct str content_type);
bool params_same_type(struct str a, struct str b);
bool params_is_json(struct str content_type);
/* A content type that may be given back to others: visible ASCII and blanks, at most 255. */
bool params_type_ok(struct str content_type);

/* Seconds: "0" or digits without a leading zero. */
bool params_ttl(struct str s, int64_t *seconds);
/* Header flags: "true" in any case is set, anything else is not. */
bool params_true(struct str s);
/* 1 to 100 letters, digits, '_' and '-'. */
bool params_id(struct str s);

#endif
