/*
 * What the files of the opencode dialect share. A record is one event as the server sends it,
 * {"type","properties"}, also for what was fetched: a snapshot is written down as the events that
 * would have told it, and what only weir knows (a gap, a turn that was lost) as types of its own
 * that begin with "weir.".
 */
#ifndef WIRE_OPENCODE_H
#define WIRE_OPENCODE_H

#include "wire/dialect.h"
#include "wire/fields.h"

enum { OPENCODE_FIELDS_MAX = 16 };

/* ---- opencode_events.c, opencode_parts.c: records to events */

/* A record on its way. */
struct opencode {
	const struct event_sink *sink;
	struct arena arena;		/* lives as long as the record */
	struct str whose;		/* the session it is about */
	int64_t time;
	struct str why;			/* what does not fit */
};

void opencode_decode(struct str record, const struct event_sink *sink);
/* False says in o->why what does not fit; absent values are unset. */
bool opencode_fields(struct opencode *o, struct str object, const struct field *fields, size_t n,
    struct str *values);
void opencode_emit(struct opencode *o, struct event *e);
/* Says why; returns false. */
bool opencode_misfit(struct opencode *o, const char *why);
/* "MESSAGE/CALL": what a tool call and the question about it have in common. */
struct str opencode_call(struct opencode *o, struct str message, struct str call);
bool opencode_part(struct opencode *o, struct str part);
/* The name and message of an {name,data{message}} error, as one text. */
struct str opencode_error(struct opencode *o, struct str error, struct str *name);

/* opencode_asks.c: events by what they are about; false: they do not fit. */
bool opencode_permission(struct opencode *o, struct str properties);
bool opencode_question(struct opencode *o, struct str properties);
bool opencode_reply(struct opencode *o, struct str properties);
bool opencode_pending(struct opencode *o, struct str properties);
bool opencode_todos(struct opencode *o, struct str properties);
/* opencode_terminals.c: likewise. */
bool opencode_terminal(struct opencode *o, struct str properties);
bool opencode_terminal_end(struct opencode *o, struct str properties);
bool opencode_terminal_output(struct opencode *o, struct str properties);

/* ---- opencode_ptys.c: the terminals of the directory, which are read beside the stream */

typedef void opencode_record(void *ctx, struct str bytes);

enum { OPENCODE_PTYS = 32 };

struct opencode_pty {
	struct buf id;
	unsigned number;	/* of its connection */
	int64_t at;		/* what was read of it, in units of UTF-16 */
	bool open;		/* its connection is, or is on its way */
	bool live;		/* it was said where what is kept ends */
	bool clean;		/* all that was printed was read */
	bool exited, listed;
	int status;		/* of the connection's answer */
	struct buf held;	/* of which it is not known yet where it begins */
	struct buf ending;	/* the record of its end */
};

struct opencode_ptys {
	struct opencode_pty *v;
	size_t n, cap;
	unsigned last;
};

void opencode_ptys_done(struct opencode_ptys *p);
/* Their part of a cursor; all are to be connected to anew. */
void opencode_ptys_read(struct opencode_ptys *p, struct str list);
void opencode_ptys_write(const struct opencode_ptys *p, struct buf *out);
/* A record of the type pty.…; false: it comes when more was read. */
bool opencode_ptys_follow(struct opencode_ptys *p, struct str type, struct str properties,
    struct str record);
/* What there are: told as the events that would have told it, which are followed on their way. */
void opencode_ptys_listed(struct opencode_ptys *p, struct str array, opencode_record *record,
    void *ctx);
bool opencode_ptys_ask(struct opencode_ptys *p, const struct endpoint *ep, struct str directory,
    unsigned *which, struct http_request *out);
enum err opencode_ptys_take(struct opencode_ptys *p, unsigned which, const struct http_message *m,
    opencode_record *record, void *ctx, struct error *e);

/* ---- opencode_snapshot.c: what is fetched once the stream is open */

enum opencode_need {
	NEED_SESSION, NEED_CHILDREN, NEED_STATUS, NEED_MESSAGES, NEED_PERMISSIONS, NEED_QUESTIONS,
	NEED_TODO, NEED_PTYS, NEEDS
};

struct opencode_snapshot {
	struct {
		enum { WANTED, ASKED, HERE } state;
		struct buf body;	/* JSON, empty when the server does not know of such a thing */
	} needs[NEEDS];
	struct buf *pages;		/* of messages, the newest first */
	size_t npages, cap_pages;
	struct buf before;		/* where the next page ends */
	bool cut;			/* there are older messages than are fetched */
};

/* Forgets what was there: all is to be asked anew. */
void opencode_snapshot_begin(struct opencode_snapshot *s);
void opencode_snapshot_done(struct opencode_snapshot *s);
/* A request that is due, false when there is none. */
bool opencode_snapshot_ask(struct opencode_snapshot *s, const struct endpoint *ep,
    struct str directory, unsigned *need, struct http_request *out);
/* An answer. Messages up to the one of the id `known` were read before. */
enum err opencode_snapshot_take(struct opencode_snapshot *s, const struct aside *a, struct str known,
    struct error *e);
bool opencode_snapshot_is_whole(const struct opencode_snapshot *s);
/* Gives it out as records of the session `mine` and its children. */
void opencode_snapshot_give(const struct opencode_snapshot *s, struct str mine, struct str known,
    void (*record)(void *ctx, struct str bytes), void *ctx);

/* ---- opencode_act.c: requests that are not the stream */

/* The session of an address, …/session/ID, empty when it names none. */
struct str opencode_session(const struct endpoint *ep);
/* The directory an address says, with the escapes of a URL resolved. */
void opencode_directory(const struct endpoint *ep, struct buf *out);
/* A request to a path below the server, with the directory if it is not empty. */
enum err opencode_request(const struct endpoint *ep, const char *method, struct str directory,
    struct http_request *out, struct error *e, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
enum err opencode_encode(const struct endpoint *ep, const struct act *act, struct http_request *out,
    struct error *e);
/* "msg_" and 26 characters that sort by time, as the server makes them. */
void opencode_id(int64_t ms, const unsigned char random[16], struct buf *out);
bool opencode_made(struct str body, struct buf *id);
void opencode_place(const struct endpoint *ep, struct str id, struct buf *target);
/* What may stand in a path. */
bool opencode_is_id(struct str id);
/* opencode_offers.c */
bool opencode_offers(enum act_kind kind, struct str body, const struct offer_sink *sink);
/* opencode_list.c */
enum err opencode_list(const struct endpoint *ep, struct str after, struct http_request *out,
    struct error *e);
enum err opencode_listed(struct str body, const struct listing_sink *sink, struct buf *next,
    struct error *e);
bool opencode_list_more(const struct endpoint *ep, unsigned i, struct http_request *out);
void opencode_listed_more(unsigned i, struct str body, const struct listing_sink *sink);

#endif
