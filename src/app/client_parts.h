/*
 * What the files of the client share. For client*.c only.
 */
#ifndef APP_CLIENT_PARTS_H
#define APP_CLIENT_PARTS_H

#include "app/admission.h"
#include "app/client.h"
#include "app/pace.h"
#include "model/presence.h"

enum { CLIENT_LISTS = ACT_COMMANDS - ACT_AGENTS + 1 };

/* What there is to choose from, as the server said it last. */
struct offers {
	bool fresh;			/* nobody has asked for it since */
	struct buf answer;		/* empty: the server could not tell */
};

struct client {
	struct access *access, *own;	/* the second when it is to be closed */
	const struct dialect *dialect;
	struct http *http;		/* NULL until client_connect */
	int fd;				/* epoll: http's, and the token's while it is fetched */
	bool glance;
	const char *from;		/* borrowed, until the link is made */
	const struct position *at;	/* the same */
	struct client_tap tap;
	struct router *router;
	void (*cut)(void *ctx, const char *why);
	void (*whole)(void *ctx, const struct link_outage *outage);
	void *ctx;
	struct admission admission;	/* once the copy is read */
	struct cached *cached;
	struct outbox *outbox;		/* NULL when read only */
	struct session *session;
	struct link *link;
	struct buf name, user, rejected;
	struct error store_error;	/* the first one */
	bool reading;			/* the copy, before there is any network */
	bool met;			/* the server has answered in this run */
	bool changed, drained;
	struct presence presence;
	bool announce;
	unsigned saying;		/* words about presence that were not answered yet */
	struct pace pace;
	uint64_t first_word;		/* the listener that waits for it, 0: nobody does */
	struct buf agent, model;	/* who is to answer from now on; empty: as the server has it */
	struct offers offers[CLIENT_LISTS];	/* to ACT_AGENTS and those behind it */
	struct buf making;		/* id that the session to be made has, where the client says */
	struct buf made;		/* id of a session that was made, until it is asked for */
};

/* client_hear.c: who hears the events of the session */
void client_hear(struct client *c, const struct listener *owner);
/* Somebody asked: how long does the first word take? */
void client_await_word(struct client *c);

/* client_presence.c: what the others are told of this client */
int64_t client_presence_due(const struct client *c);
void client_presence_work(struct client *c);
/* Says good-bye and waits a moment for it to arrive. */
void client_presence_leave(struct client *c);
void client_presence_answered(struct client *c, bool ok, struct str detail);

/* client_act.c: what the link says of what was sent */
void client_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome,
    struct str detail);
void client_acted(void *ctx, const struct act *act, bool ok, struct str detail, struct str body);
void client_prepare(void *ctx, struct act *act);
/* What an earlier run typed and could not deliver, or what was refused, stands in the transcript. */
void client_show_unsent(struct client *c);

#endif
