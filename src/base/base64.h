/* Base64 of RFC 4648 with its padding; read strictly. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

void base64_encode(struct str bytes, struct buf *out);
/* Appends the bytes. CR and LF anywhere are left out; false on anything else that does not belong,
 * and then nothing is appended. */
bool base64_decode(struct str text, struct buf *out);

#endif
