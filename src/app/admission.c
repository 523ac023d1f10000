#include "app/admission.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"

enum { FETCHES = 3, PAUSE_MS = 1000 };

void
admission_init(struct admission *a, struct access *access, struct link *link, int epoll)
{
	struct link_options o = { 0 };

	access_link_options(access, &o);
	*a = (struct admission){ .access = access, .link = link, .epoll = epoll, .at = INT64_MAX,
		.pause = o.backoff_first > 0 ? o.backoff_first : PAUSE_MS };
}

void
admission_done(struct admission *a)
{
	buf_done(&a->note);
}

/* The secrets are there, or there are none to be had. */
static void
fetched(struct admission *a, enum err err, const struct error *e)
{
	if (err != ERR_OK) {
		link_deny(a->link, str_from(e->text));
		buf_printf(&a->note, "No token: %s; then :reconnect.", e->text);
	} else if (link_state(a->link) == LINK_IDLE) {
		link_start(a->link);
	} else {
		link_reconnect(a->link);
	}
}

static enum err
watch(const struct admission *a, struct error *e)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (epoll_ctl(a->epoll, EPOLL_CTL_ADD, access_fd(a->access), &ev) < 0)
		return error_set(e, ERR_FAILED, "wait for a token: %s", strerror(errno));
	return ERR_OK;
}

void
admission_start(struct admission *a)
{
	struct error e = { 0 };
	enum err err = access_fetch(a->access, &e);

	a->at = INT64_MAX;
	if (err == ERR_OK && access_busy(a->access))
		err = watch(a, &e);
	if (err != ERR_OK || !access_busy(a->access))
		fetched(a, err, &e);
}

void
admission_again(struct admission *a)
{
	a->fetches = 0;
	admission_start(a);
}

bool
admission_busy(const struct admission *a)
{
	return access_busy(a->access) || a->at != INT64_MAX;
}

int64_t
admission_deadline(const struct admission *a)
{
	int64_t command = access_deadline(a->access);

	/* Somebody is to look at once. */
	if (a->note.n > 0)
		return clock_mono();
	return command < a->at ? command : a->at;
}

void
admission_advice(const struct admission *a, struct buf *out)
{
	/* A secret that could not be fetched says itself what to do. */
	if (strcmp(link_stats(a->link)->reason, "no token") == 0)
		buf_str(out, link_detail(a->link));
	else
		access_advice(a->access, link_stats(a->link)->basic, out);
}

/* The server wants another token: by now a file or a command may have one. */
static void
renew(struct admission *a)
{
	if (admission_busy(a))
		return;
	if (a->fetches < FETCHES && access_renewable(a->access)) {
		a->at = clock_mono() + (a->fetches > 0 ? a->pause << (a->fetches - 1) : 0);
		a->fetches++;
		return;
	}
	buf_printf(&a->note, "The server does not let weir in (%s): ", link_stats(a->link)->reason);
	admission_advice(a, &a->note);
	buf_str(&a->note, STR(", then :reconnect."));
}

void
admission_work(struct admission *a)
{
	const struct link_stats *stats = link_stats(a->link);
	struct error e = { 0 };

	if (access_busy(a->access)) {
		enum err err = access_work(a->access, &e);

		if (!access_busy(a->access))
			fetched(a, err, &e);
	}
	if (clock_mono() >= a->at)
		admission_start(a);
	if (stats->denied != a->denied) {
		a->denied = stats->denied;
		renew(a);
	} else if (link_state(a->link) == LINK_LIVE) {
		a->fetches = 0;
	}
}
