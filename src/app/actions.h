/* What the full-screen client does when a person asks for it: the commands ui/view hands on. */
#ifndef APP_ACTIONS_H
#define APP_ACTIONS_H

#include "app/client.h"
#include "app/config.h"
#include "ui/view.h"

/* What they work on; all borrowed. Without a client only what the screen alone can do is allowed. */
struct actions {
	struct client *client;
	struct screen *screen;
	struct view *view;
	const struct config *config;
	bool deleting;			/* the session, when it is said again */
	struct buf made;		/* the path of the session that was made last */
	struct str from;		/* of the one this was reached from, empty for none */
	struct buf next;		/* of the one that is to be opened instead of this one */
	bool back;			/* which is where one came from */
};

/* False: this session is to be left. */
bool actions_run(struct actions *a, enum command c, const struct view_request *r);
/* A page of what went wrong with listeners, of which there may be none, and of weir's own remarks. */
void actions_messages(struct view *view, const struct session *s, const struct router *r);
/* A page of who works in the session. */
void actions_agents(struct view *view, const struct session *s);
/* Stops as a shell expects, the terminal given back meanwhile; returns when continued. */
void actions_suspend(struct actions *a);

#endif
