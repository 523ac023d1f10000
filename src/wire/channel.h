/*
 * One item of a session channel on its way to events: what channels.c has found out about it and
 * what the channels share. A channel reads the value by its table of fields; false means that it
 * does not fit, and `why` says so.
 */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include "wire/event.h"
#include "wire/fields.h"

struct channel_item {
	struct str type;		/* as on the wire: "chunks", "presence:joined", … */
	struct str key, operation;	/* of a State item, else empty */
	struct str value;		/* the object; unset on a delete without one */
	int64_t time;
	struct arena arena;		/* lives as long as the item */
	const struct event_sink *sink;
	struct str why;
};

bool channel_chunk(struct channel_item *it);
bool channel_tool(struct channel_item *it);
bool channel_terminal(struct channel_item *it);
bool channel_presence(struct channel_item *it);
bool channel_workflow(struct channel_item *it);
bool channel_agent(struct channel_item *it);
bool channel_session(struct channel_item *it);

void channel_emit(struct channel_item *it, struct event *e);
bool channel_misfit(struct channel_item *it, const char *why);
#define CHANNEL_READ(it, fields, values) \
	fields_read((it)->value, fields, sizeof(fields) / sizeof *(fields), values, &(it)->arena, \
	    &(it)->why)
/* The item's time is the value's own, where it has one. */
void channel_time(struct channel_item *it, struct str time);
/* "agent:turn": what the chunks and calls of one message have in common. */
struct str channel_message(struct channel_item *it, struct str agent, struct str turn);
/* What a value says of its type, or else what stands behind the colon of the item's. */
struct str channel_type(const struct channel_item *it, struct str own);
/* {in, out, cached, context, cost} as an event; does nothing when there is none. */
bool channel_tokens(struct channel_item *it, struct str tokens);

struct channel_word {
	const char *name;
	int value;
};
/* -1 when it is none of these. */
int channel_word(struct str name, const struct channel_word *words, size_t n);
#define CHANNEL_WORD(name, words) channel_word(name, words, sizeof(words) / sizeof *(words))

#endif
