/*
 * The six session channels (and the session itself): State Protocol items and {channel,data} or
 * {type,data} envelopes to events, and what the user does to such items. What does not fit its
 * channel's schema becomes a warning with the reason.
 */
#ifndef WIRE_CHANNELS_H
#define WIRE_CHANNELS_H

#include "wire/dialect.h"
#include "wire/json.h"

/* False, and no event, when the record is none of these. */
bool channels_decode(struct str record, const struct event_sink *sink);
/* Adds a cursor to an object, where the act has one. */
void channels_write_cursor(struct json_writer *w, const struct act *act);
/* Appends the item that says what the user does in `session`. */
void channels_encode(const struct act *act, struct str session, struct buf *out);

#endif
