/*
 * What the records of several dialects may be: items of the session channels, the events of servers
 * that came before them, or anything else, which becomes a note as it is.
 */
#ifndef WIRE_RECORDS_H
#define WIRE_RECORDS_H

#include "wire/event.h"

void records_decode(struct str record, const struct event_sink *sink);

/* False, and no event, when the record is none of these. */

/* stream_events.c: {type,data} with types like "container-agent:token". */
bool stream_events_decode(struct str record, const struct event_sink *sink);
/* agent_output.c: {type:"output",chunk}, and what stands beside it in such streams. */
bool agent_output_decode(struct str record, const struct event_sink *sink);

#endif
