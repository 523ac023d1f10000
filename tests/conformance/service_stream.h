/*
 * One event stream that sse-service follows for a harness: connected again whenever it ends, and
 * what arrives is posted to the harness, numbered from 1, one after the other.
 */
#ifndef TESTS_SERVICE_STREAM_H
#define TESTS_SERVICE_STREAM_H

#include "wire/http.h"

struct stream;

/* What the harness asks for: the JSON of its POST. NULL when it makes no sense. */
struct stream *stream_new(struct http *http, struct str json);
void stream_free(struct stream *s);

/* Disconnects and connects again. */
void stream_restart(struct stream *s);
/* False when the message is not for it. */
bool stream_message(struct stream *s, const struct http_message *m);
void stream_tick(struct stream *s);
/* clock_mono of the next thing to do, INT64_MAX for none. */
int64_t stream_deadline(const struct stream *s);

#endif
