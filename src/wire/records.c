#include "wire/records.h"

#include "wire/channels.h"

void
records_decode(struct str record, const struct event_sink *sink)
{
	struct event e = event_of(EVENT_NOTE);

	if (channels_decode(record, sink) || stream_events_decode(record, sink) ||
	    agent_output_decode(record, sink))
		return;
	e.note.level = NOTE_RAW;
	e.note.text = record;
	sink->event(sink->ctx, &e);
}
