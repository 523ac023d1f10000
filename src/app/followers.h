/*
 * What is going on inside the sessions of a directory: those that wait for somebody and the newest are
 * followed, the others are read through once, a few at a time, and again when there is more of them.
 * Read only and in memory: what is unread stays so, and whoever has a session open keeps its copy.
 */
#ifndef APP_FOLLOWERS_H
#define APP_FOLLOWERS_H

#include <poll.h>

#include "app/directory.h"
#include "ui/status.h"

enum { FOLLOWERS_MAX = 16 };	/* descriptors at most */

/* Texts are untrusted and borrowed until the next followers_work. */
struct insight {
	struct str title, state;	/* empty: not known */
	enum mood mood;
	bool waits;			/* for somebody */
	int64_t time;			/* when the last of it came here, ms since 1970; 0 not known */
	int64_t records;		/* that it has; -1 not known */
	int64_t news;			/* of these, what says more than who is here; -1 not known */
};

struct followers;

/* Borrows the config. */
struct followers *followers_new(const struct config *config);
void followers_free(struct followers *f);
/* Forgets nothing but who is followed now. */
void followers_stop(struct followers *f);

/* `listed`: the directory says something else than before. True when something that can be seen has
 * changed. */
bool followers_work(struct followers *f, const struct directory *d, bool listed);
int64_t followers_deadline(const struct followers *f);		/* clock_mono */
/* Fills in FOLLOWERS_MAX descriptors to wait for. */
void followers_poll(const struct followers *f, struct pollfd fds[FOLLOWERS_MAX]);

/* False: nobody has looked inside. */
bool followers_look(struct followers *f, struct str address, struct insight *out);

#endif
