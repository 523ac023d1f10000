/* What a server says when it refuses, in its own words: untrusted, as all it says. */
#ifndef WIRE_REFUSAL_H
#define WIRE_REFUSAL_H

#include "base/buf.h"

/*
 * Appends what a person should read of the body of an answer: of JSON its message, in `error` or `data`
 * or by itself, wherever that is a text; else the body as it is. At most `max` bytes, whole characters.
 */
void refusal_words(struct str body, size_t max, struct buf *out);

#endif
