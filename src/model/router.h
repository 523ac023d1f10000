/*
 * Brings each event to those who listen on its channel. Listeners may be added and removed at any
 * time, from within a listener too: one that is added hears the next event, one that is removed
 * hears nothing more. One that fails is counted, and is neither a reason to stop the others nor to
 * leave it out next time.
 */
#ifndef MODEL_ROUTER_H
#define MODEL_ROUTER_H

#include <stddef.h>

#include "base/err.h"
#include "wire/event.h"

/* What is said, what is done, who is here, what stands on a terminal, what goes on, how agents and
 * the session stand, and remarks: the six session channels, whatever dialect an event came in. */
enum channel_name {
	ON_CHUNKS, ON_TOOLS, ON_PRESENCE, ON_TERMINAL, ON_WORKFLOW, ON_AGENTS, ON_NOTES, ON_CHANNELS
};
#define ON(channel) (1u << (channel))
#define ON_ALL (ON(ON_CHANNELS) - 1)

struct listener {
	const char *name;	/* borrowed; for the statistics */
	unsigned channels;	/* ON() of those it listens on */
	/* The event is borrowed for the call. Anything but ERR_OK is a failure, `e` says why. */
	enum err (*event)(void *ctx, const struct event *ev, struct error *e);
	void *ctx;
};

/* What became of a listener; it keeps the name of one that is gone if that has ever failed. */
struct listener_stats {
	const char *name;
	bool listening;
	uint64_t heard, failed;
	struct error last;	/* of its failures */
};

struct router;

struct router *router_new(void);
void router_free(struct router *r);

/* Copies the listener; they hear in the order of their coming. Returns its number, never 0. */
uint64_t router_add(struct router *r, const struct listener *l);
/* 0 and what is gone already are no error. */
void router_remove(struct router *r, uint64_t number);

/* To all that listen on its channel. */
void router_route(struct router *r, const struct event *ev);
/* Calls that failed, of all listeners there ever were. */
uint64_t router_failed(const struct router *r);
/* Listener i, false when there are no more. */
bool router_stats(const struct router *r, size_t i, struct listener_stats *out);

enum channel_name event_channel(const struct event *ev);

#endif
