/*
 * Appends items to a Durable Stream, each exactly once and in order: an idempotent producer that
 * retries one batch until it is answered and sends what was added meanwhile as the next. The owner
 * passes HTTP messages and time.
 */
#ifndef APP_PUBLISH_H
#define APP_PUBLISH_H

#include "wire/dialect.h"

struct publisher;

/* Makes the stream first (application/json) if it is not there. Borrows `http` and `ep`. */
struct publisher *publisher_new(struct http *http, const struct endpoint *ep, struct str producer);
void publisher_free(struct publisher *p);

/* One JSON value. */
void publisher_add(struct publisher *p, struct str item);
/* Closes the stream behind all that was added. */
void publisher_finish(struct publisher *p);
/* The stream is there. */
bool publisher_created(const struct publisher *p);
/* Everything was answered. */
bool publisher_idle(const struct publisher *p);
/* Final: the server refuses; nothing more is sent. */
bool publisher_failed(const struct publisher *p, struct error *e);

void publisher_message(struct publisher *p, const struct http_message *m);
void publisher_tick(struct publisher *p);
int64_t publisher_deadline(const struct publisher *p);

#endif
