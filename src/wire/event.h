/*
 * The canonical event: what every dialect decodes to and the model folds. All slices are borrowed
 * until the callback returns. Entities have ids and every apply is an idempotent upsert: an event
 * may come twice, late, or without what it refers to.
 */
#ifndef WIRE_EVENT_H
#define WIRE_EVENT_H

#include "base/str.h"

enum event_kind {
	EVENT_SESS, EVENT_MSG, EVENT_TEXT, EVENT_TOOL, EVENT_ASK, EVENT_ANSWER, EVENT_WHO, EVENT_TERM,
	EVENT_FLOW, EVENT_AGENT, EVENT_USE, EVENT_BACK, EVENT_NOTE
};

enum sess_status { SESS_UNSAID, SESS_IDLE, SESS_BUSY, SESS_RETRY, SESS_WAITING, SESS_LOST };
enum msg_state { MSG_UNSAID, MSG_SENT, MSG_OPEN, MSG_DONE, MSG_CUT, MSG_ERROR };
enum event_role { EVENT_ROLE_UNSAID, EVENT_ROLE_USER, EVENT_ROLE_AGENT, EVENT_ROLE_SYSTEM };
enum text_sort { TEXT_ANSWER, TEXT_REASON };
enum text_op { TEXT_OPEN, TEXT_APPEND, TEXT_REPLACE, TEXT_CLOSE };
enum tool_state { TOOL_UNSAID, TOOL_PENDING, TOOL_RUNNING, TOOL_OK, TOOL_ERROR, TOOL_DENIED };
enum ask_what { ASK_PERMISSION, ASK_QUESTION, ASK_PLAN, ASK_INPUT };
/* ANSWER_CHOICES: the text is JSON, an array of the labels chosen for each question. */
enum ask_answer {
	ANSWER_ONCE, ANSWER_ALWAYS, ANSWER_REJECT, ANSWER_TEXT, ANSWER_EXPIRED, ANSWER_CHOICES
};
enum who_op { WHO_JOIN, WHO_LEAVE, WHO_SEEN, WHO_TIMEOUT };
enum term_op { TERM_INPUT, TERM_OUTPUT, TERM_ERROR, TERM_OPEN, TERM_EXIT };
enum flow_op { FLOW_TODO, FLOW_PLAN, FLOW_STEP, FLOW_STAGE, FLOW_WORKTREE, FLOW_FILE, FLOW_SPAWN };
/*
 * What was taken back: all from a message on, or from a part of it, until something else is said
 * (NONE: nothing); one message or part for good; all messages from the first that is named on that
 * are not named. Ids ascend.
 */
enum back_op { BACK_NONE, BACK_FROM, BACK_GONE, BACK_OTHERS };
enum note_level { NOTE_RAW, NOTE_INFO, NOTE_WARN, NOTE_ERROR };

/*
 * An empty slice says nothing about the field; it does not clear it. -1 likewise for numbers. Only
 * an agent's status takes its tool and message along: what it does not name is over.
 */
struct event {
	enum event_kind kind;
	int64_t time;		/* ms since 1970 as the server says, 0 when it does not */
	struct str whose;	/* id of the session it is about; empty: the one that is read */
	struct str origin;	/* of the one it happened in, where a stream may show several */
	union {
		struct {
			struct str id, title, parent, directory, agent, model, message;
			enum sess_status status;
			int64_t attempt, next;	/* of a retry; ms since 1970 */
		} sess;
		struct {
			struct str id, agent, turn, parent, error;
			enum event_role role;
			enum msg_state state;
		} msg;
		struct {
			struct str msg, part, data;
			enum text_sort sort;
			enum text_op op;
			bool gap;		/* what comes next may not follow what is here */
		} text;
		struct {
			struct str id, msg, agent, name, title, input, output, diff, error;
			struct str child;	/* id of the session it began */
			struct str part;	/* of its message, that it is */
			bool append_output;	/* else `output` replaces */
			enum tool_state state;
			int exit_code;
			int64_t ms;
		} tool;
		struct {
			struct str id, tool, title, text;
			struct str more;	/* of a permission: what "always" would allow */
			struct str diff;
			struct str options;	/* raw JSON array: labels, or whole questions; see model/question.h */
			/* With an empty id: raw JSON array of the ids that are pending, no others are. */
			struct str only;
			enum ask_what what;
		} ask;
		struct {
			struct str ask, by, text;
			enum ask_answer answer;
		} answer;
		struct {
			struct str user, name, file;
			enum who_op op;
			int64_t seen;
			bool has_cursor;
			int64_t x, y;
		} who;
		struct {
			struct str id, source, data;
			struct str title, command;
			enum term_op op;
			bool own;		/* a terminal by itself, which the id names */
			bool gap;		/* before what was printed something is missing */
			int exit_code;		/* -1: it was not told */
		} term;
		struct {
			struct str id, text, state;
			enum flow_op op;
			bool anew;		/* a list begins anew; no id: it is empty now */
		} flow;
		struct {
			struct str id, status, tool, message, error;
			struct str parent;	/* the agent that began it */
			int64_t turn, max_turns;
			int progress;		/* percent */
		} agent;
		struct {
			struct str agent;	/* so far by this one; empty: by all of the session */
			int64_t input, output, cached, context;
			double cost;
		} use;
		struct {
			struct str msg, part;
			struct str only;	/* raw JSON array of ids */
			enum back_op op;
		} back;
		struct {
			struct str text;
			enum note_level level;
			bool turn;		/* an error of what is being said, if something is */
		} note;
	};
};

struct event_sink {
	void (*event)(void *ctx, const struct event *e);
	void *ctx;
};

/* An event of this kind in which every field says nothing. */
struct event event_of(enum event_kind kind);
const char *event_kind_name(enum event_kind kind);

#endif
