/* Writing event streams: what any bytes become when they are sent as data of one event. */
#ifndef SERVE_SSE_H
#define SERVE_SSE_H

#include "base/buf.h"

/*
 * Appends "data:" lines: the text is cut at CR, LF and CRLF, so nothing in it can end the event or
 * name a field; what a client puts together has LF in their places and is the same otherwise.
 */
void sse_data(struct buf *out, struct str text);
/* The same for bytes that are no text, in base64. */
void sse_base64(struct buf *out, struct str bytes);

#endif
