/*
 * A dialect is how one family of servers speaks: one const table in one file. It has no I/O and no
 * clock. Reading has two steps: `frame` turns HTTP messages into records (the exact bytes of one
 * item, or a piece of plain text behind a 0x02; what the cache stores) and commits (a cursor
 * everything before it can be resumed from); `decode` turns a record into events, now or years
 * later from the cache.
 */
#ifndef WIRE_DIALECT_H
#define WIRE_DIALECT_H

#include "wire/endpoint.h"
#include "wire/event.h"
#include "wire/listing.h"

enum {
	DIALECT_EXACT = 1,		/* resumes from a cursor without loss or repetition */
	DIALECT_PROVES_HEAD = 2,	/* says when everything it has was delivered */
	DIALECT_SENDS_ONCE = 4,		/* a retried send is recognised */
	DIALECT_NO_PAGES = 8,		/* one stream is all there is */
	DIALECT_NO_POLLS = 16,		/* it is never asked for what is new */
	DIALECT_PAGES_FIRST = 64,	/* before each stream: it may not begin where it is asked to */
	DIALECT_PRODUCERS = 32,		/* by idempotent producers, whose epochs may be forgotten */
	DIALECT_PRESENCE = 128		/* the server keeps who is here: everybody is to say so */
};

/* The first byte of a record that is a piece of plain text. */
enum { DIALECT_TEXT_MARK = 0x02 };

/*
 * Where a reader stands: behind `cursor` (empty: at the start) and `skip` records further. A server
 * gives a cursor only now and then; records are shown at once and counted in `skip` until one comes.
 * After a cut the same records come again from the cursor and that many are dropped.
 */
struct position {
	struct buf cursor;
	uint64_t skip;
};

enum read_mode {
	READ_CATCHUP,	/* what is there, then the response ends */
	READ_LIVE,	/* an event stream */
	READ_POLL	/* long-poll */
};

enum {
	COMMIT_UP_TO_DATE = 1,	/* the reader has all there is */
	COMMIT_CLOSED = 2,	/* and nothing will follow */
	COMMIT_MORE = 4,	/* this was a page, another one follows */
	COMMIT_RESET = 8	/* the server has less than was read: its history began anew */
};

struct frame_sink {
	void (*record)(void *ctx, struct str bytes);
	void (*commit)(void *ctx, struct str cursor, unsigned flags);
	void *ctx;
	/* The server sent a record that it had sent before, which is dropped; may be NULL. */
	void (*again)(void *ctx);
};

enum act_kind {
	ACT_INPUT, ACT_ANSWER, ACT_STOP, ACT_PRESENCE, ACT_COMMAND, ACT_SHELL, ACT_RENAME, ACT_FORK,
	ACT_DELETE, ACT_NEW,
	/* From the message of the id `text` on all is taken back; all that was is not any more. */
	ACT_REVERT, ACT_UNREVERT,
	/* These change nothing: the answer says what there is to choose from. */
	ACT_AGENTS, ACT_MODELS, ACT_COMMANDS
};
#define ACT_BIT(kind) (1u << (kind))

/* What the user does. `id` is chosen by the client and comes back as echo. */
struct act {
	enum act_kind kind;
	struct str id, user, text, ask;
	struct str shown;		/* of an answer to an approval: the exact bytes that were judged */
	struct str name;		/* of a slash command, whose arguments are `text` */
	struct str agent, model;	/* who is to answer; empty: as before. MODEL is PROVIDER/MODEL */
	struct str directory;		/* of the session, as the server told */
	struct str session;		/* its id, likewise: a fork has that of what it was forked from */
	enum ask_answer answer;
	enum who_op who;
	bool has_cursor;
	int64_t x, y;
	int64_t time;		/* ms since 1970 */
	/* Set when the dialect sends once: the idempotent producer of this client. */
	struct str producer;
	int64_t epoch, seq;
};

/* What can be chosen, by the name that is sent. Borrowed until the callback returns; untrusted. */
struct offer_sink {
	void (*offer)(void *ctx, struct str name, struct str about);
	void *ctx;
};

/* An answer to what was asked besides the stream. */
struct aside {
	unsigned what;
	int status;
	struct str headers, body;
};

struct framer;

struct dialect {
	const char *name;
	const char *about;		/* one line for --help */
	unsigned flags;
	int64_t silence;		/* ms of silence on a stream that mean it is dead */
	unsigned acts;			/* ACT_BIT of what encode knows */

	/* The request that reads on from `at`. */
	enum err (*read)(const struct endpoint *ep, struct framer *f, const struct position *at,
	    enum read_mode mode, struct http_request *out, struct error *e);
	/* Framing state of one reader. */
	struct framer *(*framer_new)(void);
	void (*framer_free)(struct framer *f);
	/*
	 * Messages of one response, HTTP_HEAD to HTTP_END, status 200, or 204 that ends a long-poll. A
	 * commit covers all records before it. An error means the response broke the protocol: drop it
	 * and resume.
	 */
	enum err (*frame)(struct framer *f, const struct http_message *m, const struct frame_sink *sink,
	    struct error *e);
	/*
	 * What is to be asked besides the stream once that is open, so that nothing falls between: false
	 * when there is nothing for now, `what` comes back with the answer. NULL: there never is. An
	 * error of `aside` ends the response as one of `frame` does.
	 */
	bool (*ask)(const struct endpoint *ep, struct framer *f, unsigned *what,
	    struct http_request *out);
	enum err (*aside)(struct framer *f, const struct aside *a, const struct frame_sink *sink,
	    struct error *e);
	/*
	 * A connection that is to be kept open beside the stream: false when there is none for now, `which`
	 * comes back with its messages, HTTP_HEAD to HTTP_END. NULL: there never is.
	 */
	bool (*branch)(const struct endpoint *ep, struct framer *f, unsigned *which,
	    struct http_request *out);
	enum err (*branched)(struct framer *f, unsigned which, const struct http_message *m,
	    const struct frame_sink *sink, struct error *e);
	/* Never fails: what it cannot read becomes a note. Stateless. */
	void (*decode)(struct str record, const struct event_sink *sink);
	/* The request that carries `act` to the server. */
	enum err (*encode)(const struct endpoint *ep, const struct act *act, struct http_request *out,
	    struct error *e);
	/* The id of the session in the address, where events name theirs; NULL: they do not. */
	struct str (*session)(const struct endpoint *ep);
	/* An id for what is sent, where the server wants them in a form of its own; NULL: any will do. */
	void (*new_id)(int64_t ms, const unsigned char random[16], struct buf *out);
	/* The id of the session that the answer to ACT_NEW or ACT_FORK says was made; NULL: that of the act. */
	bool (*made)(struct str body, struct buf *id);
	/* Where the session of an id is, as a path on the same server. */
	void (*place)(const struct endpoint *ep, struct str id, struct buf *target);
	/* What the answer to ACT_AGENTS and those behind it offers; false: it is no such answer. */
	bool (*offers)(enum act_kind kind, struct str body, const struct offer_sink *sink);
	/* The sessions of a server, see wire/listing.h; NULL where it cannot tell. */
	enum err (*list)(const struct endpoint *ep, struct str after, struct http_request *out,
	    struct error *e);
	enum err (*listed)(struct str body, const struct listing_sink *sink, struct buf *next,
	    struct error *e);
	/*
	 * What tells how the sessions stand where the list does not, once that is there: the request
	 * number i from 0, false behind the last, and what its answer says. NULL: nothing does.
	 */
	bool (*list_more)(const struct endpoint *ep, unsigned i, struct http_request *out);
	void (*listed_more)(unsigned i, struct str body, const struct listing_sink *sink);
};

extern const struct dialect dialect_durable, dialect_opencode, dialect_session,
    dialect_sse;

/* The dialects in the order of detection, NULL at the end. */
extern const struct dialect *const dialects[];
const struct dialect *dialect_by_name(struct str name);
/* By the URL alone; NULL when it does not tell. */
const struct dialect *dialect_guess(struct str url);

#endif
