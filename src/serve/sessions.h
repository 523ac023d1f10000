/*
 * The session API, a second view of the log: session ID is the JSON stream "sessions/ID", its
 * events are the items there, and what is posted here becomes a State Protocol item. An event is
 * known by its number in the stream, from 0 on.
 */
#ifndef SERVE_SESSIONS_H
#define SERVE_SESSIONS_H

#include "serve/server.h"
#include "wire/json.h"

/* /api/sessions and what is below: `rest` is what follows. */
void sessions_handle(struct server *s, struct request *r, struct str rest);
/* /api/streams: POST with ?sessionId=ID, GET lists all streams */
void sessions_publish(struct server *s, struct request *r, struct str rest);

/* What the files of the session API share. */

struct reply *session_failure(int status, const char *code, const char *why);
/* The answer to a failure, as JSON. */
void session_fail(struct request *r, int status, const char *code, const char *why);
/* An event before number `first` was asked for: it is no longer kept. */
void session_fail_gone(struct request *r, int64_t first);
/* The answer when all went well; takes what `json` holds. */
void session_answer(struct request *r, int status, struct buf *json);
/* "ok":true and the offset; the caller ends the object. */
void session_begin(struct json_writer *w, struct buf *out, int64_t offset);
void session_method(struct request *r, const char *allow);
/* Fills `stream`; false when the request was answered. */
bool session_find(struct server *s, struct request *r, struct str id, struct stream *stream);
/* An append to the session's stream. */
struct op *session_op(enum op_kind kind, struct str id);
/* Answers with the number of the event that was appended. */
void session_published(void *r, struct op *op);

/* session_channels.c: an item of the session's stream. */
struct session_item {
	const char *type, *operation;
	struct str key;
	struct str value;	/* exact JSON */
	int64_t time;
};
void session_item_write(const struct session_item *it, struct buf *out);
/* Random, for what has no id. */
void session_make_id(struct buf *out);

/*
 * Reads `data`, exact JSON, as what `channel` carries in this session. Texts live in `a`. Returns
 * the code of what is wrong, NULL when nothing is; `why` says more.
 */
const char *session_channel_check(struct str channel, struct str data, struct str session,
    struct arena *a, struct session_item *it, struct str *why);

/* session_events.c */
/* Event `n` of the session that the item tells, as JSON. */
void session_event_write(struct buf *out, int64_t n, struct str item);
void session_events(struct server *s, struct request *r, struct str id);
void session_stream(struct server *s, struct request *r, struct str id);

/* session_presence.c: who is here. In memory: whoever is here says so again and again. */
struct presence *presence_new(struct server *s);
void presence_free(struct presence *p);
void presence_post(struct server *s, struct request *r, struct str id);
void presence_list(struct server *s, struct request *r, struct str id);
/* What `data` says of somebody, as an event of the session. */
void presence_publish(struct server *s, struct request *r, struct str id, struct str data);

#endif
