/* What tests of wire/http say and hear: messages as text, and waits for them that fail after 20 s. */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include "wire/http.h"

struct http *talk_start(void);
void talk_next(struct http *h, struct http_message *m);
/* "head 200", "sse TYPE|DATA|ID", "alive", "retry N", "body BYTES",
 * "frame KIND BYTES", "end WHY STATUS", a line each. */
void talk_print(struct buf *out, const struct http_message *m);
/* All messages up to one of this kind, or the end, as text; until the next call. */
const char *talk_until(struct http *h, enum http_kind kind);

#endif
