/* Dates in wire formats. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/str.h"

/* RFC 3339 with zone, as ms since 1970. */
bool date_parse(struct str s, int64_t *ms);
/* The date of HTTP headers, "Sun, 06 Nov 1994 08:49:37 GMT", as ms since 1970. */
bool date_parse_http(struct str s, int64_t *ms);

#endif
