#include "serve/connection.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	FIRST_MS = 10000, IDLE_MS = 60000, BODY_MS = 120000, STALL_MS = 10000,
	CHECK_MS = 1000, DRAIN_CHECK_MS = 20
};

struct connection *
connection_new(struct connections *all, int fd)
{
	struct connection *c = mem_zalloc(sizeof *c);

	c->fd = fd;
	connection_enter(c, PHASE_FIRST);
	c->next = all->first;
	c->link = &all->first;
	if (c->next != NULL)
		c->next->link = &c->next;
	all->first = c;
	all->n++;
	return c;
}

void
connection_free(struct connections *all, struct connection *c)
{
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	all->n--;
	free(c);
}

void
connection_enter(struct connection *c, enum phase phase)
{
	c->phase = phase;
	c->since = clock_mono();
	c->unsent = -1;
}

int
connections_timeout(const struct connections *all, int64_t now)
{
	if (all->n == 0)
		return -1;
	return all->next_check > now ? (int)(all->next_check - now) : 0;
}

/* True when nothing of a reply has left for too long. */
static bool
stalled(struct connection *c, int64_t now)
{
	int unsent = 0;

	if (ioctl(c->fd, SIOCOUTQ, &unsent) == 0 && unsent == c->unsent)
		return now - c->since > STALL_MS;
	c->unsent = unsent;
	c->since = now;
	return false;
}

static bool
overdue(const struct connections *all, struct connection *c, int64_t now)
{
	int64_t took = now - c->since;

	switch (c->phase) {
	case PHASE_FIRST:
		return all->draining || took > FIRST_MS;
	case PHASE_IDLE:
		return all->draining || took > IDLE_MS;
	case PHASE_BODY:
		return took > BODY_MS;
	case PHASE_ASLEEP:
		return false;
	case PHASE_REPLY:
		return stalled(c, now);
	}
	return false;
}

void
connections_check(struct connections *all, int64_t now)
{
	if (now < all->next_check)
		return;
	all->next_check = now + (all->draining ? DRAIN_CHECK_MS : CHECK_MS);
	for (struct connection *c = all->first; c != NULL; c = c->next)
		if (overdue(all, c, now))
			shutdown(c->fd, SHUT_RDWR);
}

void
connections_shutdown(struct connections *all)
{
	for (struct connection *c = all->first; c != NULL; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
}
