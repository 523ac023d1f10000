/* weir replay: plays a recorded session again. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/loop.h"
#include "app/output.h"
#include "app/plain.h"
#include "app/replay.h"
#include "app/subcommand.h"
#include "base/clock.h"

enum { RATE = 50, SCRIPT_MAX = 1 << 20 };

struct options {
	const char *ansi, *cast, *clock, *dialect, *dump, *keys, *plain, *rate, *size, *speed;
};

static enum err
read_speed(const struct options *o, double *speed, struct error *e)
{
	*speed = 1;
	if (o->speed == NULL)
		return ERR_OK;
	if (strcmp(o->speed, "max") == 0) {
		*speed = 0;
		return ERR_OK;
	}
	return subcommand_number("speed", o->speed, 0.125, 64, speed, e);
}

static enum err
read_script(const char *path, struct keyscript *script, struct error *e)
{
	struct buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum err err;

	if (fd < 0)
		return error_set(e, ERR_FAILED, "open %s: %s", path, strerror(errno));
	if (buf_read_fd(&text, fd, SCRIPT_MAX))
		err = keyscript_parse(script, buf_view(&text), path, e);
	else
		err = error_set(e, ERR_FAILED, "read %s: %s", path, strerror(errno));
	buf_done(&text);
	close(fd);
	return err;
}

/* ---- the ways to show it */

/* As a whole, or line by line at the pace that was asked for. */
static enum err
play_plain(const struct replay_options *r, bool paced, struct error *e)
{
	struct plain plain = { 0 };
	struct buf out = { 0 };
	int64_t start = clock_mono();
	enum err err = ERR_OK;

	while (err == ERR_OK && playback_next(r->playback) != INT64_MAX) {
		int64_t at = paced && r->speed > 0 ? playback_next(r->playback) : INT64_MAX;

		if (at != INT64_MAX)
			loop_wait(NULL, 0, start + (int64_t)((double)at / r->speed));
		playback_seek(r->playback, at);
		if (playback_next(r->playback) != INT64_MAX)
			plain_add(&plain, playback_session(r->playback), false, &out);
		err = output_write(STDOUT_FILENO, &out, "standard output", e);
	}
	if (err == ERR_OK) {
		plain_add(&plain, playback_session(r->playback), true, &out);
		err = output_write(STDOUT_FILENO, &out, "standard output", e);
	}
	plain_done(&plain);
	buf_done(&out);
	return err;
}

static enum err
play_headless(const struct replay_options *r, const struct options *o, struct error *e)
{
	struct keyscript script = { 0 };
	struct replay_headless h = { .script = &script, .script_name = o->keys, .rows = 24, .cols = 80,
	    .dump = o->dump != NULL, .painted = o->ansi != NULL, .cast = -1, .cast_name = o->cast };
	enum err err = ERR_OK;

	if (o->size != NULL && !keyscript_size(str_from(o->size), &h.rows, &h.cols))
		return error_set(e, ERR_USAGE, "--size %s: give COLUMNSxROWS, as 80x24", o->size);
	if (o->keys != NULL)
		err = read_script(o->keys, &script, e);
	if (err == ERR_OK && o->cast != NULL) {
		h.cast = strcmp(o->cast, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) :
		    open(o->cast, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (h.cast < 0)
			err = error_set(e, ERR_FAILED, "open %s: %s", o->cast, strerror(errno));
	}
	if (err == ERR_OK)
		err = replay_headless(r, &h, e);
	if (h.cast >= 0 && close(h.cast) < 0 && err == ERR_OK)
		err = error_set(e, ERR_FAILED, "write %s: %s", o->cast, strerror(errno));
	keyscript_done(&script);
	return err;
}

static enum err
play_screen(struct replay_options *r, struct error *e)
{
	struct config config;
	enum err err = config_load(&config, e);

	r->config = &config;
	if (err == ERR_OK)
		err = replay_screen(r, e);
	config_done(&config);
	return err;
}

static bool
is_headless(const struct options *o)
{
	return o->cast != NULL || o->dump != NULL || o->keys != NULL || o->size != NULL;
}

static enum err
read_clock(const struct options *o, struct replay_options *r, struct error *e)
{
	r->virtual_clock = is_headless(o);
	if (o->clock == NULL)
		return ERR_OK;
	r->virtual_clock = strcmp(o->clock, "virtual") == 0;
	if (!r->virtual_clock && strcmp(o->clock, "real") != 0)
		return error_set(e, ERR_USAGE, "--clock %s: give virtual or real", o->clock);
	if (r->virtual_clock && !is_headless(o))
		return error_set(e, ERR_USAGE, "--clock virtual is for --dump, --cast and --keys: on a "
		    "terminal use --speed max");
	return ERR_OK;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	static const struct config none;
	struct options o = { 0 };
	struct replay_options r = { .config = &none };
	double rate = RATE;
	bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int first;
	enum err err;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first != 1)
		return error_set(e, ERR_USAGE, "weir replay wants one file; see weir replay --help");
	if (read_speed(&o, &r.speed, e) != ERR_OK || read_clock(&o, &r, e) != ERR_OK)
		return e->code;
	if (o.rate != NULL && subcommand_number("rate", o.rate, 0.01, 100000, &rate, e) != ERR_OK)
		return e->code;
	err = playback_open(&r.playback, argv[first], o.dialect, rate, e);
	if (err != ERR_OK)
		return err;
	if (o.plain != NULL || (!tty && !is_headless(&o)))
		err = play_plain(&r, o.speed != NULL, e);
	else if (is_headless(&o))
		err = play_headless(&r, &o, e);
	else
		err = play_screen(&r, e);
	playback_close(r.playback);
	return err == ERR_INTERRUPTED && *e->text == '\0' ? ERR_OK : err;
}

static const struct subcommand_option option_table[] = {
	{ "dialect", 0, "NAME", "how to read a raw event stream, as curl -N saves it; sse by default",
	    offsetof(struct options, dialect) },
	{ "rate", 0, "N", "play a raw event stream with N events a second; 50 by default",
	    offsetof(struct options, rate) },
	{ "speed", 0, "N", "play N times as fast, or max", offsetof(struct options, speed) },
	{ "plain", 0, NULL, "print it as text; so it is without a terminal",
	    offsetof(struct options, plain) },
	{ "dump", 0, NULL, "print the last screen, and those that --keys asks for",
	    offsetof(struct options, dump) },
	{ "ansi", 0, NULL, "dump screens with their colours and attributes", offsetof(struct options, ansi) },
	{ "cast", 0, "FILE", "write what a terminal would have shown, as asciicast v2",
	    offsetof(struct options, cast) },
	{ "keys", 0, "FILE", "press the keys of this script; no terminal is used",
	    offsetof(struct options, keys) },
	{ "size", 0, "WxH", "the size of the screen that is dumped; 80x24 by default",
	    offsetof(struct options, size) },
	{ "clock", 0, "NAME", "virtual: dumps and casts wait for nothing, the default; or real",
	    offsetof(struct options, clock) },
	{ 0 }
};

const struct subcommand subcommand_replay = {
	.name = "replay",
	.synopsis = "[--speed N] [--dump] [--cast FILE] [--keys FILE] [--size WxH] FILE",
	.summary = "Play a recorded session again",
	.options = option_table,
	.run = run,
};
