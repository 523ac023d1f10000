#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/fullscreen.h"
#include "app/loop.h"
#include "app/replay_parts.h"
#include "base/clock.h"

struct terminal {
	struct replay replay;
	struct keys keys;
	int signals, signal;
	bool resized;
};

static enum err
open_screen(struct terminal *t, struct error *e)
{
	bool ascii;

	if (fullscreen_open(&t->replay.on.screen, &ascii, t->replay.options->config, e) != ERR_OK)
		return e->code;
	replay_begin(&t->replay, ascii);
	return ERR_OK;
}

static void
read_keys(struct terminal *t)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

	if (n > 0)
		keys_feed(&t->keys, str_of(bytes, (size_t)n), clock_mono());
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		t->replay.quit = true;
}

static void
take_keys(struct terminal *t)
{
	struct key key;

	while (!t->replay.quit && keys_next(&t->keys, clock_mono(), &key)) {
		if (key.kind == INPUT_REPLY)
			t->replay.dirty |= screen_reply(t->replay.on.screen, &key);
		else
			replay_key(&t->replay, &key);
	}
}

static void
take_signals(struct terminal *t)
{
	int s;

	while ((s = loop_next_signal(t->signals)) != 0) {
		if (s == SIGWINCH) {
			t->resized = true;
		} else if (s == SIGTSTP) {
			actions_suspend(&t->replay.on);
			t->replay.dirty = true;
		} else if (s != SIGCONT) {
			t->signal = s;
			t->replay.quit = true;
		}
	}
}

static int64_t
deadline(const struct terminal *t)
{
	int64_t until = replay_deadline(&t->replay), keys = keys_deadline(&t->keys);

	if (t->replay.dirty && !t->replay.blocked && t->replay.last_frame + REPLAY_FRAME < until)
		until = t->replay.last_frame + REPLAY_FRAME;
	return keys < until ? keys : until;
}

static void
step(struct terminal *t)
{
	struct replay *r = &t->replay;
	int64_t due = replay_deadline(r);
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = t->signals, .events = POLLIN },
		{ .fd = r->blocked ? STDOUT_FILENO : -1, .events = POLLOUT },
	};

	loop_wait(fds, sizeof fds / sizeof fds[0], deadline(t));
	take_signals(t);
	if (fds[0].revents != 0)
		read_keys(t);
	take_keys(t);
	replay_advance(r);
	if (t->resized && screen_resize(r->on.screen))
		view_resize(r->on.view);
	r->dirty |= t->resized || clock_mono() >= due;
	t->resized = false;
	if (r->blocked && fds[2].revents == 0)
		return;
	if (r->dirty && !r->quit && clock_mono() >= r->last_frame + REPLAY_FRAME)
		replay_draw(r);
}

enum err
replay_screen(const struct replay_options *options, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, 0 };
	struct terminal t = { .replay.options = options, .signals = loop_signals(list, e) };
	enum err err;

	if (t.signals < 0)
		return e->code;
	err = open_screen(&t, e);
	if (err == ERR_OK) {
		replay_draw(&t.replay);
		while (!t.replay.quit)
			step(&t);
		if (t.signal != 0)
			err = error_set(e, ERR_INTERRUPTED, "ended by signal %d (%s)", t.signal,
			    strsignal(t.signal));
	}
	replay_done(&t.replay);
	keys_done(&t.keys);
	close(t.signals);
	return err;
}
