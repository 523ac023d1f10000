/* A session as text, for tests that compare: a line an item and a line for what stands beside. */
#ifndef TESTS_MODEL_PRINT_SESSION_H
#define TESTS_MODEL_PRINT_SESSION_H

#include "model/session.h"

/* What is seen of an item; not its number, version and time. */
void print_item(struct buf *out, const struct item *it);
/* Items without any text that is seen are left out. */
void print_items(struct buf *out, const struct session *s);
/* Title, status, tokens, agents, people, steps, children. */
void print_beside(struct buf *out, const struct session *s);

#endif
