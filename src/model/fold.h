/*
 * What the files of the session share: how an event finds its item. For session*.c only; everybody
 * else reads struct session.
 */
#ifndef MODEL_FOLD_H
#define MODEL_FOLD_H

#include "model/session.h"

/* At most that many agents, people and steps are kept beside the transcript. */
enum { FOLD_MAX_ROWS = 1024 };

/* What one message of the server says of all its items. */
struct message {
	struct buf id, agent, turn;
	enum event_role role;
	enum msg_state state;
	struct item **items;
	size_t nitems, cap_items;
	bool spare;		/* the first item waits for the first part of the text */
	bool lost;		/* cut because the stream ended: more text means it goes on */
};

/* An item at the end of the transcript. */
struct item *fold_add(struct session *s, enum item_kind kind, struct str id, int64_t time);
/* The item of this id, made if need be; without an id always a new one. */
struct item *fold_item(struct session *s, enum item_kind kind, struct str id, int64_t time);
/* Makes session_find know an item by its kind and id. */
void fold_index(struct session *s, struct item *it);

/* Replaces a field; true when that changed it. An empty `s` says nothing. */
bool fold_set(struct buf *field, struct str s);

/* session_text.c: messages and their parts */
void fold_msg(struct session *s, const struct event *e);
void fold_text(struct session *s, const struct event *e);
/* The item of what a person sent, made if need be. */
struct item *fold_user(struct session *s, struct str id, int64_t time);
/* The server has it. */
void fold_confirm(struct item *user);
/* Ends what the agent is writing. */
void fold_finish(struct session *s, struct str agent, enum msg_state state);
/* Ends what everybody is writing; `lost` when that is a guess because the stream ended. */
void fold_finish_all(struct session *s, enum msg_state state, bool lost);
void fold_free_messages(struct session *s);

/* session_rows.c: what stands beside the transcript */
void fold_sess(struct session *s, const struct event *e);
void fold_who(struct session *s, const struct event *e);
void fold_flow(struct session *s, const struct event *e);
void fold_agent(struct session *s, const struct event *e);
void fold_use(struct session *s, const struct event *e);

/* session_fold.c: everything else */
void fold_answered(struct session *s, struct item *ask, enum ask_answer answer, struct str text);

#endif
