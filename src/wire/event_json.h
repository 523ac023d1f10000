/*
 * Events as JSON lines, for programs: what weir tail --json prints, one object a line with the names
 * of weir(1). Fields that say nothing are left out. The line is printable: controls, bidi marks and
 * line separators stand in it as escapes.
 */
#ifndef WIRE_EVENT_JSON_H
#define WIRE_EVENT_JSON_H

#include "base/buf.h"
#include "wire/event.h"

/* `session` is the first field of the object. */
void event_json(const struct event *e, struct str session, struct buf *out);

/* Appends JSON text with everything a terminal might act on as \u escapes: for text that is in
 * strings only, which is where it stands in JSON without white space. */
void event_json_printable(struct str json, struct buf *out);

#endif
