/* Base64 of RFC 4648, read strictly. */
#ifndef WIRE_BASE64_H
#define WIRE_BASE64_H

#include "base/buf.h"

/* Appends the bytes. CR and LF anywhere are left out; false on anything else that does not belong,
 * and then nothing is appended. */
bool base64_decode(struct str text, struct buf *out);

#endif
