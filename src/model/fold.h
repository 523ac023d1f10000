/*
 * What the files of the session share: how an event finds its item. For session*.c only; everybody
 * else reads struct session.
 */
#ifndef MODEL_FOLD_H
#define MODEL_FOLD_H

#include "model/session.h"

/* At most that many agents, people and steps are kept beside the transcript. */
enum { FOLD_MAX_ROWS = 1024 };

/* Items by their numbers: a pointer would not outlive their being put away. */
struct numbers {
	uint64_t *v;
	size_t n, cap;
};

/*
 * One part of a message. It is one item as long as nothing comes between; text that goes on after
 * a tool call opens the next item, so that answer, tool and answer keep their order.
 */
struct part {
	struct message *msg;
	struct buf name;
	enum text_sort sort;
	bool named;		/* else it is all of its sort in the message */
	bool anonymous;		/* not named, and no turn tells one answer from the next */
	bool final;		/* closed with its whole text: late deltas are in it already */
	struct numbers items;
	uint64_t scanned;	/* the next number that may stand between */
	bool between;		/* something came since the last item began */
	bool gap;		/* what comes next may not follow what is here */
	int64_t time;		/* when it began, 0 unknown: what is added to it tells no time */
};

/* What one message of the server says of all its items. */
struct message {
	struct buf id, agent, turn;
	enum event_role role;
	enum msg_state state;
	struct numbers items;
	struct part **parts;	/* in the order of their coming */
	size_t nparts, cap_parts;
	unsigned speaks;	/* how many agents' last message it is */
	bool spare;		/* the first item waits for the first part of the text */
	bool lost;		/* cut because the stream ended: more text means it goes on */
	bool touched;		/* since it was saved */
};

/* The item of this number; `number` is one the session gave. */
struct item *fold_at(const struct session *s, uint64_t number);

/* An item at the end of the transcript. */
struct item *fold_add(struct session *s, enum item_kind kind, struct str id, int64_t time);
/* The item of this id, made if need be; without an id always a new one. */
struct item *fold_item(struct session *s, enum item_kind kind, struct str id, int64_t time);
/* Makes session_find know an item by its kind and id. */
void fold_index(struct session *s, struct item *it);
/* What an item is known by. */
void fold_key(struct buf *key, enum item_kind kind, struct str id);
void fold_waits(struct session *s, struct item *ask);

/*
 * session_roam.c: an event of one of several sessions becomes one of the transcript of all, with an id
 * of its own in `id`; false: it means nothing there.
 */
bool fold_roam(struct session *s, struct event *e, struct buf *id);

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
/* Shows an error on what is being written; false when nothing is. */
bool fold_fail(struct session *s, struct str error);
/* Somebody is writing. */
bool fold_speaks(const struct session *s);
/* Ends what everybody is writing; `lost` when that is a guess because the stream ended. */
void fold_finish_all(struct session *s, enum msg_state state, bool lost);
/* The message of this id, NULL when it was never heard of. */
struct message *fold_message(struct session *s, struct str id);
void fold_free_messages(struct session *s);
void fold_free_message(struct session *s, struct message *m);
void fold_part_key(struct buf *key, const struct message *m, enum text_sort sort, struct str name);

/* session_pack.c: as kept on disk. Unpacking fails on what could not have been written. */
void fold_pack_message(const struct message *m, struct buf *out);
struct message *fold_unpack_message(struct session *s, struct str id, struct str bytes);
/* All but the items and the messages that have ended. */
void fold_pack(const struct session *s, struct buf *out);
/* Of what that wrote; false when the session has none. */
bool fold_unpack_title(struct str bytes, struct buf *title);
/* Into a new session with its shelf. */
bool fold_unpack(struct session *s, struct str bytes);

/* session_rows.c: what stands beside the transcript */
void fold_sess(struct session *s, const struct event *e);
void fold_who(struct session *s, const struct event *e);
void fold_flow(struct session *s, const struct event *e);
void fold_agent(struct session *s, const struct event *e);
void fold_use(struct session *s, const struct event *e);
void fold_free_step(struct step *step);

/* session_child.c: what is told of another session */
void fold_child(struct session *s, const struct event *e);
void fold_free_children(struct session *s);

/* session_back.c: what was taken back */
void fold_back(struct session *s, const struct event *e);

/* session_fold.c: everything else */
void fold_ask(struct session *s, const struct event *e);
void fold_answer(struct session *s, const struct event *e);
void fold_answered(struct session *s, struct item *ask, enum ask_answer answer, struct str text);

#endif
