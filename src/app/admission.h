/*
 * Keeps a link supplied with secrets: fetches them before the first request, and anew when the server
 * refuses them, a few times in a row; then a person must help. Nothing here waits: descriptors of what
 * runs are put into the owner's epoll set.
 */
#ifndef APP_ADMISSION_H
#define APP_ADMISSION_H

#include "app/access.h"

struct admission {
	struct access *access;		/* borrowed, as the link */
	struct link *link;
	int epoll;
	int64_t at;			/* of the next fetch, clock_mono; INT64_MAX: none */
	int64_t pause;			/* ms before the second fetch in a row, doubled for each more */
	unsigned fetches;		/* since the server let us in */
	uint64_t denied;		/* as far as it was looked at */
	struct buf note;		/* something a person should read; the owner takes it */
};

void admission_init(struct admission *a, struct access *access, struct link *link, int epoll);
void admission_done(struct admission *a);

/* Fetches the secrets and then starts the link, or makes it try again. */
void admission_start(struct admission *a);
/* The same when a person asks: the count of refusals begins anew. */
void admission_again(struct admission *a);
void admission_work(struct admission *a);
int64_t admission_deadline(const struct admission *a);
/* Other secrets are on their way. */
bool admission_busy(const struct admission *a);
/* What to do while the state is LINK_NEEDS_TOKEN, one sentence. */
void admission_advice(const struct admission *a, struct buf *out);

#endif
