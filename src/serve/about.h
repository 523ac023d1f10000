/*
 * What a stream of JSON is about: its first message, and behind that the last one that said so of the
 * session anew. Kept beside the log, so that it outlives what is trimmed and is found without reading.
 * Of a stream of which nothing is kept the first message says it.
 */
#ifndef SERVE_ABOUT_H
#define SERVE_ABOUT_H

#include "serve/log.h"

/* These messages were appended at `at`. */
void about_append(struct streams *log, const struct stream *s, struct offset at, struct str messages);
/* The first message goes. */
void about_keep(struct streams *log, const struct stream *s);

#endif
