/* weir tail: follows a session as text on stdout. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/client.h"
#include "app/subcommand.h"
#include "app/config.h"
#include "app/loop.h"
#include "app/plain.h"
#include "app/tail.h"
#include "base/clock.h"

/* Tries before a server that never answered is given up. */
enum { FIRST_TRIES = 3 };

struct options {
	struct access_settings access;
	const char *no_follow, *from;
};

/* False leaves errno. */
static bool
write_all(int fd, struct buf *out)
{
	size_t at = 0;

	while (at < out->n) {
		ssize_t n = write(fd, out->p + at, out->n - at);

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	buf_clear(out);
	return true;
}

static enum err
denied(struct client *c, struct error *e)
{
	struct buf advice = { 0 };

	client_advice(c, &advice);
	error_set(e, ERR_DENIED, "%s does not let weir in (%s): %.*s", client_name(c),
	    link_stats(client_link(c))->reason, STR_ARG(buf_view(&advice)));
	buf_done(&advice);
	return ERR_DENIED;
}

enum err
tail_ended(struct client *c, bool follow, bool *over, struct error *e)
{
	const struct link_stats *stats = link_stats(client_link(c));

	*over = true;
	switch (link_state(client_link(c))) {
	case LINK_CLOSED:
		return ERR_OK;
	case LINK_GONE:
		return error_set(e, ERR_GONE, "the session at %s is gone (%s)", client_name(c),
		    stats->reason);
	case LINK_NEEDS_TOKEN:
		if (client_renewing(c))
			break;
		return denied(c, e);
	case LINK_FAILED:
		if (strcmp(stats->reason, "http 404") == 0)
			return error_set(e, ERR_GONE, "there is no session at %s", client_name(c));
		return error_set(e, ERR_CONNECT, "%s is not a session: %s: %.*s", client_name(c),
		    stats->reason, STR_ARG(link_detail(client_link(c))));
	case LINK_WAITING:
		if (stats->received == 0 && stats->attempt >= FIRST_TRIES)
			return error_set(e, ERR_CONNECT, "cannot connect to %s: %s; is the server running?",
			    client_name(c), stats->reason);
		break;
	case LINK_LIVE:
	case LINK_STALE:
		if (!follow && (stats->proven || stats->complete))
			return ERR_OK;
		break;
	default:
		break;
	}
	*over = false;
	return ERR_OK;
}

static enum err
follow(struct client *c, bool forever, int source, struct plain *plain, int signals, struct error *e)
{
	struct buf out = { 0 };
	bool over = false;
	enum err err = ERR_OK;

	while (err == ERR_OK && !over) {
		bool changed;
		struct pollfd fds[] = {
			{ .fd = client_fd(c), .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = STDOUT_FILENO },	/* POLLERR: the reader has left */
			{ .fd = source },
		};

		loop_wait(fds, 4, client_deadline(c));
		if (loop_next_signal(signals) != 0)
			err = error_set(e, ERR_INTERRUPTED, "interrupted");
		else if (fds[3].revents != 0)
			err = error_set(e, ERR_FAILED, "who plays %s has failed: it is not complete",
			    client_name(c));
		else if (fds[2].revents & (POLLERR | POLLHUP))
			over = true;
		else
			err = client_work(c, &changed, e);
		if (err == ERR_OK && !over)
			err = tail_ended(c, forever, &over, e);
		/* What does not follow is printed as a whole: its text must not tell how it came. */
		if (forever || over)
			plain_add(plain, client_session(c), over, &out);
		if (!write_all(STDOUT_FILENO, &out)) {
			/* EPIPE: whoever read has enough. */
			if (errno != EPIPE)
				err = error_set(e, ERR_FAILED, "write to stdout: %s", strerror(errno));
			break;
		}
	}
	buf_done(&out);
	return err;
}

enum err
tail_run(const struct client_options *options, bool forever, int source, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	int signals = loop_signals(list, e);
	struct plain plain = { 0 };
	struct client *c = NULL;
	enum err err;

	if (signals < 0)
		return e->code;
	err = client_open(&c, options, e);
	if (err == ERR_OK)
		err = client_connect(c, e);
	if (err == ERR_OK)
		err = follow(c, forever, source, &plain, signals, e);
	plain_done(&plain);
	client_close(c);
	close(signals);
	return err;
}

/* On stderr: what is printed must not tell how it came. */
static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	struct buf line = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	write_all(STDERR_FILENO, &line);
	buf_done(&line);
}

static void
on_cut(void *ctx, const char *why)
{
	(void)ctx;
	say("weir: the connection is lost (%s); trying again\n", why);
}

static void
on_whole(void *ctx, const struct link_outage *o)
{
	uint64_t late = o->last < o->first ? 0 : o->last - o->first + 1;

	(void)ctx;
	if (o->missed)
		say("weir: connected again; the server does not have what was said meanwhile\n");
	else
		say("weir: connected again; nothing is missing, %llu records came late\n",
		    (unsigned long long)late);
}

static const struct subcommand_option option_table[] = {
	{ "no-follow", 0, NULL, "end when everything that is there was printed",
	    offsetof(struct options, no_follow) },
	{ "from", 0, "OFFSET", "begin behind this offset, or \"now\"", offsetof(struct options, from) },
	{ 0 }
};

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct client_options options = { .user = "tail", .read_only = true };
	struct access *access = NULL;
	struct config config;
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1)
		return error_set(e, ERR_USAGE, "weir tail wants one address; see weir tail --help");
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = access_open(&access, &config, &o.access, argv[first], e);
	options.access = access;
	options.from = o.from;
	options.cut = o.no_follow == NULL ? on_cut : NULL;
	options.whole = o.no_follow == NULL ? on_whole : NULL;
	if (err == ERR_OK)
		err = tail_run(&options, o.no_follow == NULL, -1, e);
	access_close(access);
	config_done(&config);
	return err;
}

const struct subcommand subcommand_tail = {
	.name = "tail",
	.synopsis = "[--no-follow] [--from OFFSET] URL",
	.summary = "Follow a session as text on stdout",
	.options = option_table,
	.connects = true,
	.run = run,
};
