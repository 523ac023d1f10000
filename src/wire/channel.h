/*
 * One item of a session channel on its way to events, and what the channels share. A channel is a
 * row of the fields that its values have and what is made of them; a function that says false has
 * said in `why` what does not fit.
 */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include "wire/event.h"
#include "wire/fields.h"

struct channel_item {
	struct str type;		/* as on the wire: "chunks", "presence:joined", … */
	struct str key, operation;	/* of a State item, else empty */
	struct str origin;		/* the session that the value names */
	int64_t time;
	struct arena arena;		/* lives as long as the item */
	const struct event_sink *sink;
	struct str why;
};

/* A channel: the fields of its values, and what to make of one that was read. */
struct channel {
	const struct field *fields;
	size_t n;
	bool (*apply)(struct channel_item *it, const struct str *values);
};

enum { CHANNEL_FIELDS_MAX = 16 };

extern const struct channel channel_chunks, channel_tools, channel_terminal, channel_presence,
    channel_workflow, channel_agents, channel_session;

void channel_emit(struct channel_item *it, struct event *e);
bool channel_misfit(struct channel_item *it, const char *why);
/* What does not fit its schema is a warning that says why; the record itself stays in the store. */
void channel_warn(const struct event_sink *sink, int64_t time, struct str type, struct str why);
/* An object within the value. */
bool channel_read(struct channel_item *it, struct str object, const struct field *fields, size_t n,
    struct str *values);
/* The item's time is the value's own, where it has one. */
void channel_time(struct channel_item *it, struct str time);
/* "agent:turn": what the chunks and calls of one message have in common. */
struct str channel_message(struct channel_item *it, struct str agent, struct str turn);
/* What a value says of its type, or else what stands behind the colon of the item's. */
struct str channel_type(const struct channel_item *it, struct str own);
/* {in, out, cached, context, cost} of an agent, or of the session where that is empty, as an event; does
 * nothing when there is none. */
bool channel_tokens(struct channel_item *it, struct str agent, struct str tokens);

struct channel_word {
	const char *name;
	int value;
};
/* -1 when it is none of these. */
int channel_word(struct str name, const struct channel_word *words, size_t n);
#define CHANNEL_WORD(name, words) channel_word(name, words, sizeof(words) / sizeof *(words))

#endif
