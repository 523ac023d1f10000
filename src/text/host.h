/*
 * The host of a web address as a browser reads it (the WHATWG URL rules): percent-decoded, ASCII
 * lower case, numbers as IPv4 addresses, everything beyond ASCII as punycode.
 */
#ifndef TEXT_HOST_H
#define TEXT_HOST_H

#include "base/buf.h"

enum { HOST_MAX = 253 };

/* Appends the host in its ASCII form; false, with `out` as it was, when a browser would refuse. */
bool host_add(struct buf *out, struct str host);

#endif
