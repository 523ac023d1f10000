/*
 * One thing in the transcript: a message part, a tool call, an approval, a piece of terminal, a
 * note. Items belong to their session, are only ever added at the end and keep their place; a
 * change raises `version`, and whoever draws compares. An item may be put away on disk and come
 * back as another pointer with the same number: see session_item.
 */
#ifndef MODEL_ITEM_H
#define MODEL_ITEM_H

#include "base/buf.h"
#include "wire/event.h"

enum item_kind {
	ITEM_USER,	/* what a person sent; `send` tells how far it got */
	ITEM_TEXT,	/* an agent's answer, markdown */
	ITEM_REASON,	/* an agent's reasoning, markdown */
	ITEM_TOOL,
	ITEM_ASK,
	ITEM_TERM,
	ITEM_FLOW,	/* workflow steps and the like */
	ITEM_NOTE,	/* what weir or the server has to say; also gap markers */
	ITEM_RAW	/* a record nothing is known about, shown as it came */
};

enum { ITEM_MAX_ERROR = 4096 };	/* bytes of an error text */

/* What became of what was said: its server goes on as if it had not been, or has it no more. */
enum item_back { ITEM_STANDS, ITEM_REVERTED, ITEM_REMOVED };

/* Of what this client sent. */
enum send_state { SEND_NONE, SEND_PENDING, SEND_CONFIRMED, SEND_UNSURE, SEND_REJECTED };

struct item {
	enum item_kind kind;
	uint64_t number;	/* unique and ascending in the session, from 1 */
	unsigned version;	/* of anything that is drawn */
	unsigned generation;	/* raised when `text` was replaced instead of appended to */
	bool open;		/* more may come */
	enum item_back back;
	bool saved;		/* on the shelf as it was at `saved_version`: see shelf.h */
	unsigned saved_version;
	unsigned born, used;	/* the session's `trims` when it came to memory, was asked for last */
	int64_t time;		/* ms since 1970, 0 unknown */
	struct buf id;		/* the server's or the client's */
	struct buf agent;	/* agent, user or source; untrusted */
	struct buf text;	/* answer, reasoning, tool output, terminal output, question, note; of a
				   permission: what "always" would allow */
	struct buf title;	/* tool name, question title, flow id */
	struct buf input;	/* tool input; of a permission what is to be allowed: exact bytes */
	struct buf diff;
	struct buf error;	/* at most ITEM_MAX_ERROR */
	union {
		struct {
			enum send_state send;
			struct buf offset;	/* where the server put it */
		} user;
		struct {
			enum msg_state state;
			struct buf turn;
			bool gap;		/* something is missing before the text */
		} msg;
		struct {
			/* Running and not `open`: what became of it is not known. */
			enum tool_state state;
			int exit_code;		/* -1 unknown */
			int64_t ms;		/* -1 unknown */
			struct buf label;	/* what the server calls this one call, may be empty */
			struct buf child;	/* id of the session it began, see session_child */
			struct buf msg, part;	/* it is of, may be empty */
		} tool;
		struct {
			enum ask_what what;
			bool answered;
			enum ask_answer answer;
			struct buf by, reply;	/* who answered, and in what words */
			struct buf tool;	/* id of the tool call it is about, may be empty */
			struct buf options;	/* raw JSON array, may be empty */
			enum send_state send;	/* of this client's answer */
		} ask;
		struct {
			bool own;		/* it runs a command of its own: `title`, `input` */
			bool gap;		/* something is missing before the text */
			bool lost;		/* how it went on, nobody knows */
			int exit_code;		/* -1 unknown */
		} term;
		struct {
			enum flow_op op;
			struct buf state;
		} flow;
		struct {
			enum note_level level;
		} note;
	};
};

/* Version 1, everything else empty or unknown. */
struct item *item_new(enum item_kind kind, uint64_t number);
void item_free(struct item *it);
/* Another kind in the same place: what only the old kind has is lost. */
void item_turn(struct item *it, enum item_kind kind);

/* Replaces a field; true, and a new version, when that changed it. An empty `s` says nothing. */
bool item_set(struct item *it, struct buf *field, struct str s);
/* Why it has not arrived, or nothing. */
void item_set_reason(struct item *it, struct str s);
/* What is kept of an error text. */
struct str item_error(struct str s);
/* The text as a whole, empty too; one that only grew counts as appended. */
bool item_set_text(struct item *it, struct str s);
void item_append(struct item *it, struct str s);
void item_close(struct item *it);

/* As kept on disk; NULL when the bytes are not those of an item. */
void item_pack(const struct item *it, struct buf *out);
struct item *item_unpack(struct str bytes, uint64_t number);
/* Of a question only its answer was heard: what it was nobody told. */
bool item_is_unheard(const struct item *it);
/* And who answered, or in what words, neither. */
bool item_tells_nothing(const struct item *it);
/* This client sent it and does not know yet whether it has arrived. */
bool item_is_unsent(const struct item *it);
/* Bytes of memory it takes, roughly. */
size_t item_weight(const struct item *it);

/* The label in --plain and in the transcript's gutter: "user", "agent", "tool", … */
const char *item_label(const struct item *it);

#endif
