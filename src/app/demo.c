/*
 * weir demo: a real session server, an agent that plays a session into it over HTTP, and the client
 * attached to it, in one command. Everything lives in a private directory and ends with it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/attach.h"
#include "app/child.h"
#include "app/loop.h"
#include "app/subcommand.h"
#include "app/player.h"
#include "app/relay.h"
#include "app/tail.h"

/* How long anna waits with her approval at real speed: the user may give it first. */
enum { PATIENCE = 25000 };

#define STREAM ":/v1/stream/sessions/demo"

struct options {
	const char *cut, *speed, *play;
};

struct demo {
	struct buf dir, socket, cut_socket, log, cache;
	struct buf direct, attached;	/* addresses: of the server, of what the client talks to */
	struct player_options player;
	struct relay relay;
	pid_t serve_pid, player_pid, relay_pid;
	int playing;			/* hangs up when the player fails */
	bool cut;
};

static enum err
make_dir(struct demo *d, struct error *e)
{
	buf_printf(&d->dir, "%s/weir-demo-XXXXXX", config_temp_dir());
	buf_cstr(&d->dir);
	if (mkdtemp(d->dir.p) == NULL) {
		error_set(e, ERR_FAILED, "make a directory like %s: %s; set TMPDIR", d->dir.p,
		    strerror(errno));
		buf_clear(&d->dir);
		return e->code;
	}
	buf_printf(&d->socket, "%s/serve.sock", d->dir.p);
	buf_printf(&d->cut_socket, "%s/cut.sock", d->dir.p);
	buf_printf(&d->log, "%s/serve.log", d->dir.p);
	buf_printf(&d->cache, "%s/sessions.db", d->dir.p);
	buf_printf(&d->direct, "unix:%s" STREAM, buf_cstr(&d->socket));
	buf_printf(&d->attached, "unix:%s" STREAM, buf_cstr(d->cut ? &d->cut_socket : &d->socket));
	return ERR_OK;
}

static int
play_child(void *ctx)
{
	struct demo *d = ctx;
	struct error e = { 0 };
	enum err err = player_run(&d->player, &e);

	/* Its end would tell of a failure. */
	while (err == ERR_OK)
		pause();
	return err_exit_code(err);
}

/* Starts the player and waits until its stream is there. */
static enum err
start_player(struct demo *d, struct error *e)
{
	int created[2];
	char c;

	if (pipe2(created, O_CLOEXEC) < 0)
		return error_set(e, ERR_FAILED, "make a pipe: %s", strerror(errno));
	d->player.url = buf_cstr(&d->direct);
	d->player.ready_fd = created[1];
	d->player_pid = child_fork(play_child, d, e);
	close(created[1]);
	d->playing = created[0];
	if (d->player_pid > 0 && read(created[0], &c, 1) != 1)
		error_set(e, ERR_FAILED, "the player could not make its session on %s", d->direct.p);
	return e->code;
}

static enum err
start_relay(struct demo *d, struct error *e)
{
	d->relay.from = buf_cstr(&d->cut_socket);
	d->relay.to = buf_cstr(&d->socket);
	if (relay_listen(&d->relay) < 0)
		return error_set(e, ERR_FAILED, "listen on %s: %s", d->relay.from, strerror(errno));
	d->relay_pid = child_fork(relay_run, &d->relay, e);
	close(d->relay.listener);
	return d->relay_pid > 0 ? ERR_OK : e->code;
}

static enum err
start(struct demo *d, struct error *e)
{
	const char *argv[] = { NULL, "--socket", NULL, "--data", NULL, "--log", NULL, "--ready-fd", "3",
	    NULL };

	if (make_dir(d, e) != ERR_OK)
		return e->code;
	argv[2] = buf_cstr(&d->socket);
	argv[4] = buf_cstr(&d->dir);
	argv[6] = buf_cstr(&d->log);
	d->serve_pid = child_serve(argv, e);
	if (d->serve_pid <= 0)
		return e->code;
	if (d->cut && start_relay(d, e) != ERR_OK)
		return e->code;
	return start_player(d, e);
}

/* Whatever the server left in its directory; it makes no directories of its own. */
static void
remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static void
stop(struct demo *d)
{
	child_end(d->player_pid);
	child_end(d->relay_pid);
	child_end(d->serve_pid);
	if (d->playing > 0)
		close(d->playing);
	if (d->dir.n > 0)
		remove_dir(buf_cstr(&d->dir));
	buf_done(&d->dir);
	buf_done(&d->socket);
	buf_done(&d->cut_socket);
	buf_done(&d->log);
	buf_done(&d->cache);
	buf_done(&d->direct);
	buf_done(&d->attached);
}

/* Reads the stream once more, past the relay, and compares: what was shown is what was said. */
static enum err
prove(const struct demo *d, const struct attach_result *seen, struct error *e)
{
	const struct client_options options = { .url = d->direct.p, .user = "proof", .read_only = true,
	    .prove = true, .proof_at = seen->proof.records };
	struct cached_proof said = { 0 };
	struct client *c = NULL;
	bool over = false, changed;
	enum err err = client_open(&c, &options, e);

	if (err == ERR_OK)
		err = client_connect(c, e);
	while (err == ERR_OK && !over) {
		struct pollfd fd = { .fd = client_fd(c), .events = POLLIN };

		loop_wait(&fd, 1, client_deadline(c));
		err = client_work(c, &changed, e);
		if (err == ERR_OK)
			err = tail_ended(c, false, &over, e);
		said = client_proof(c);
		over |= said.records >= seen->proof.records;
	}
	client_close(c);
	if (err != ERR_OK)
		return error_in(e, "read the session once more to compare");
	if (said.records != seen->proof.records || said.chain != seen->proof.chain)
		return error_set(e, ERR_FAILED, "after %" PRIu64 " cuts the client has %" PRIu64
		    " records that are not the server's", seen->resumes, seen->proof.records);
	printf("weir demo: %" PRIu64 " cuts, each resumed where it was; %" PRIu64
	    " records shown, none missing, none twice, in the server's order.\n", seen->resumes,
	    seen->proof.records);
	return ERR_OK;
}

/* On a terminal until the user leaves; else as text until the session is over. */
static enum err
show(struct demo *d, struct error *e)
{
	struct client_options options = { .url = d->attached.p };
	struct attach_result seen = { 0 };
	struct config config;
	enum err err;
	int hit;

	if (!d->player.stay) {
		options.user = "demo";
		options.read_only = true;
		return tail_run(&options, 1, &(struct tail_options){ .source = d->playing, .has_source = true },
		    &hit, e);
	}
	if (config_load(&config, e) != ERR_OK)
		return e->code;
	options.user = config.user;
	/* Who is in the demo is written in its script. */
	config.presence = "off";
	options.cache = buf_cstr(&d->cache);
	options.prove = d->cut;
	err = attach_run(&options, &config, &seen, e);
	config_done(&config);
	if (err == ERR_OK && d->cut)
		err = prove(d, &seen, e);
	return err;
}

static enum err
read_options(struct demo *d, const struct options *o, bool tty, struct error *e)
{
	double cut = 0, speed = tty ? 1 : 0;

	if (o->cut != NULL && subcommand_number("cut", o->cut, 0.05, 3600, &cut, e) != ERR_OK)
		return e->code;
	if (o->speed != NULL && strcmp(o->speed, "max") == 0)
		speed = 0;
	else if (o->speed != NULL && subcommand_number("speed", o->speed, 0.1, 1000, &speed, e) != ERR_OK)
		return e->code;
	d->cut = cut > 0;
	d->relay.every = (int64_t)(cut * 1000);
	d->player = (struct player_options){ .speed = speed, .stay = tty, .close = !tty && o->play == NULL,
	    .ready_fd = -1 };
	d->player.patience = !tty || speed == 0 ? 0 : (int64_t)(PATIENCE / speed);
	return ERR_OK;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct demo d = { 0 };
	bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (first != argc)
		return error_set(e, ERR_USAGE, "weir demo takes no arguments; see weir demo --help");
	if (read_options(&d, &o, tty && o.play == NULL, e) != ERR_OK)
		return e->code;
	if (o.play != NULL) {
		d.player.url = o.play;
		if (o.speed == NULL)
			d.player.speed = 1;
		return player_run(&d.player, e);
	}
	err = start(&d, e);
	if (err == ERR_OK)
		err = show(&d, e);
	stop(&d);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "cut", 0, "SECONDS", "cut the connection that often, and prove that nothing is missing",
	    offsetof(struct options, cut) },
	{ "speed", 0, "N", "play N times as fast, or max; max without a terminal",
	    offsetof(struct options, speed) },
	{ "play", 0, "URL", "only play the session into this stream of another server",
	    offsetof(struct options, play) },
	{ 0 }
};

const struct subcommand subcommand_demo = {
	.name = "demo",
	.synopsis = "[--cut SECONDS] [--speed N] [--play URL]",
	.summary = "A session server, an agent at work, and the client attached to it",
	.options = option_table,
	.run = run,
};
