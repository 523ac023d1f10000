/* SHA-1 of RFC 3174, which WebSocket asks for: no secret is safe with it. */
#ifndef BASE_SHA1_H
#define BASE_SHA1_H

#include "base/str.h"

enum { SHA1_LEN = 20 };

void sha1(struct str bytes, unsigned char out[SHA1_LEN]);

#endif
