/*
 * A body as it is stored. JSON streams hold messages: the elements of a top-level array or one
 * other value, byte for byte as they came, with a comma between them. Other bodies stay what
 * they are.
 */
#ifndef SERVE_MESSAGES_H
#define SERVE_MESSAGES_H

#include "base/buf.h"

/* Appends the messages of a JSON body; returns how many, -1 when it is not JSON. */
int64_t messages_split(struct str body, struct buf *out);
/* Takes the next of stored messages off `rest`. */
bool messages_next(struct str *rest, struct str *message);
/* The first `n` of stored messages; false when there are fewer. */
bool messages_head(struct str stored, int64_t n, struct str *head);

#endif
