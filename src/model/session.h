/*
 * What is known of one session: its transcript and the state beside it, folded from events. What
 * has an id is upserted, so it may come again and late; appended text, terminal output and notes
 * count once a call, and the link lets each record through once. The session has no clock and no
 * network; time comes in with the calls. With a shelf (shelf.h) only the items that are looked at
 * are in memory: whoever wants one asks session_item and keeps its number, not the pointer, from
 * one turn of the loop to the next. Everything from outside in it is untrusted bytes until
 * text/safe had them.
 */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include "base/map.h"
#include "model/item.h"

struct agent {
	struct buf id, status, tool, message, error;
	struct buf parent;		/* the agent that began it, as far as was said */
	int64_t turn, max_turns;	/* -1 unknown */
	int progress;			/* percent, -1 unknown */
	int64_t tokens_in, tokens_out, tokens_cached;	/* of these in the session's, -1 unknown */
	double cost;			/* the same */
	int64_t time;
};

struct person {
	struct buf user, name, file;
	bool here;
	int64_t seen;			/* ms since 1970 */
	bool has_cursor;
	int64_t x, y;
	int64_t told;			/* `seen` when the session's version told of it last */
};

struct step {
	struct buf id, text, state;
	enum flow_op op;
};

/* A session that an agent of this one began, as far as it is told here. */
struct child {
	struct buf id, parent, title, agent;
	enum sess_status status;
	struct buf message;		/* of the status: why it is tried again */
	struct buf tool;		/* what it called last */
	struct buf text;		/* the end of what it said last, at most CHILD_TEXT bytes */
	struct buf user;		/* the message of its last task */
	int64_t tokens_in, tokens_out;	/* -1 unknown */
	int64_t time;			/* of the last event */
};
enum { CHILD_TEXT = 256 };

struct session {
	bool roams;			/* see session_roam */
	struct buf where;		/* the session the last event came from, when it does */
	struct buf id, title, parent, directory, agent, model;
	enum sess_status status;
	struct buf status_message;
	int64_t attempt, next_try;	/* SESS_RETRY: which one, ms since 1970; -1 unknown */

	struct item **items;		/* NULL: on the shelf */
	size_t nitems, cap_items;
	uint64_t first;			/* number of the first one */
	size_t resident;		/* all items before this one are NULL */
	struct shelf *shelf;		/* borrowed; NULL: all is in memory */
	uint64_t kept;			/* numbers below it are what the shelf means by them */
	unsigned trims;			/* raised when items were put away: pointers are stale */
	struct item **asks;		/* of these, the questions nobody has answered */
	size_t nasks, cap_asks;
	uint64_t last_user;		/* number of the last ITEM_USER */
	uint64_t reverted;		/* of the first that is ITEM_REVERTED, 0 none */

	/* fold.h: how the next event finds its place */
	struct map by_key;		/* kind and id to the item's number */
	struct map messages, parts;
	struct map speaking;		/* agent to the message it wrote last */
	struct message *last_message;	/* asked for, NULL: ask the map */
	struct part *last_part;

	struct agent *agents;
	size_t nagents, cap_agents;
	struct person *people;
	size_t npeople, cap_people;
	struct step *steps;
	size_t nsteps, cap_steps;
	struct child *children;
	size_t nchildren, cap_children;

	int64_t tokens_in, tokens_out, tokens_cached, context;	/* -1 unknown */
	double cost;						/* -1 unknown */

	uint64_t events;		/* applied */
	uint64_t backs;			/* of these, what changed what was taken back; since it is in memory */
	uint64_t visits;		/* of these, who is here: nothing that anybody said or did */
	uint64_t unknown;		/* of these, kept as raw notes */
	uint64_t left_out;		/* of these, found no row beside the transcript any more */
	unsigned version;		/* of everything here but the items */
	uint64_t next_number;
};

struct session *session_new(void);
void session_free(struct session *s);

/* What the address says: what is told of other sessions is of its children. */
void session_set_id(struct session *s, struct str id);

/* It tells of one agent in several sessions: call it before anything is applied. */
void session_roam(struct session *s);

void session_apply(struct session *s, const struct event *e);

/* Item i < nitems, from the shelf if need be. Borrowed until the next turn of the loop. */
struct item *session_item(const struct session *s, size_t i);
/* On a walk through many items: now and then those behind are put away. No pointer holds. */
void session_rest(const struct session *s);

/* What the user just sent, shown at once; its echo (same id) finds it. Returns the item. */
struct item *session_add_input(struct session *s, struct str id, struct str user, struct str text,
    int64_t time);
void session_input_state(struct session *s, struct str id, enum send_state state, struct str offset,
    struct str reason);
/* weir's own remark, a line in the transcript (gap markers too). */
struct item *session_note(struct session *s, enum note_level level, int64_t time, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* What became of this client's answer to a question. */
void session_answer_state(struct session *s, struct str ask, enum ask_answer answer,
    struct str text, enum send_state state, struct str reason);
/* Somebody works on it, as far as was heard: something is to come. */
bool session_is_open(const struct session *s);
/* Nobody knows whether anybody still works on it: neither busy nor open until it is heard of. */
void session_lost(struct session *s);
/* The stream ended for good: open items are closed, an answer without an end is marked cut. */
void session_cut(struct session *s);
/* Forgets all but its identity and what was not confirmed yet: the history is read anew. Items are
 * freed; the numbers of new ones go on. */
void session_reset(struct session *s);

/* What it said last is not that it works. */
bool agent_rests(const struct agent *a);
/* The oldest question nobody has answered, NULL when there is none. */
struct item *session_waiting(const struct session *s);
struct item *session_find(const struct session *s, enum item_kind kind, struct str id);
/* NULL when nothing was heard of it. */
const struct child *session_child(const struct session *s, struct str id);
/* Whoever was seen within 30 s before `now` (ms since 1970) and did not leave. */
bool session_is_here(const struct person *p, int64_t now);
/* When the next of them is here no longer unless seen again; INT64_MAX: nobody is. */
int64_t session_here_until(const struct session *s, int64_t now);

#endif
