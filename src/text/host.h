/*
 * The host of a web address as a browser reads it (the WHATWG URL rules): percent-decoded, ASCII
 * lower case, numbers as IPv4 addresses, everything beyond ASCII as punycode.
 */
#ifndef TEXT_HOST_H
#define TEXT_HOST_H

#include "base/str.h"

enum { HOST_MAX = 253 };

/* Writes the host in its ASCII form; returns its length, 0 when a browser would refuse it. */
size_t host_read(struct str host, char out[HOST_MAX]);

#endif
