/*
 * A program for tests/ui/test_view: the view on a session made up here. What it returns is written
 * as a remark, so that the screen tells it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/ui/scene.h"
#include "ui/view.h"

static volatile sig_atomic_t resized;

static void
on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

struct play {
	struct screen *screen;
	struct view *view;
	struct session *session;
	struct keys keys;
	bool over;
};

static void
offer(struct view *v, enum command c, struct str words)
{
	static const char *const names[] = { "init", "review", "inspect" };

	view_pick(v, c, words);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		view_pick_add(v, c, str_from(names[i]), STR("what it does"), i == 1);
	/* Nobody waits for these. */
	view_pick_add(v, CMD_AGENT, STR("wrong"), STR_NONE, true);
	view_pick_end(v, c);
}

static void
obey(struct play *p, enum command c, const struct view_request *r)
{
	switch (c) {
	case CMD_NONE:
		break;
	case CMD_QUIT:
		p->over = true;
		break;
	case CMD_SEND:
		scene_user(p->session, "anna", "sent");
		view_say(p->view, NOTE_INFO, "send <%.*s>", STR_ARG(r->text));
		break;
	case CMD_ANSWER:
		view_say(p->view, NOTE_INFO, "answer %d <%.*s> to %.*s", (int)r->answer, STR_ARG(r->text),
		    STR_ARG(buf_view(&r->ask->id)));
		session_answer_state(p->session, buf_view(&r->ask->id), r->answer, r->text, SEND_PENDING,
		    STR_NONE);
		break;
	case CMD_LINE:
		/* "more N" lets the agent say N lines. */
		if (str_starts(r->text, STR("more"))) {
			for (int i = 0; i < 30; i++)
				scene_text(p->session, "m9", TEXT_ANSWER, "more and more\n\n", true);
			break;
		}
		view_say(p->view, NOTE_WARN, "line <%.*s>", STR_ARG(r->text));
		break;
	case CMD_MODEL:
	case CMD_SLASH:
		if (c == CMD_SLASH || r->text.n == 0) {
			offer(p->view, c, r->text);
			break;
		}
		view_say(p->view, NOTE_INFO, "model <%.*s>", STR_ARG(r->text));
		break;
	default:
		view_say(p->view, NOTE_INFO, "%s <%.*s>", command_info(c)->name, STR_ARG(r->text));
		break;
	}
}

static void
draw(struct play *p)
{
	struct status st = {
		.name = STR("s1"), .connection = STR("live"), .mood = MOOD_LIVE, .proof = '=',
		.received = 1834, .applied = 1834, .head = 1834, .resumes = 2, .rate = 42,
		.now = SCENE_TIME, .session = p->session,
	};

	view_draw(p->view, &st, clock_mono());
}

int
main(int argc, char **argv)
{
	struct screen_options options = { .in = 0, .out = 1 };
	struct sigaction sa = { .sa_handler = on_resize };
	struct play p = { 0 };
	sigset_t mask, waiting;
	struct theme theme;
	struct error e;
	bool utf8;

	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, &waiting);
	sigaction(SIGWINCH, &sa, NULL);
	utf8 = screen_locale();
	if (argc > 1 && theme_load(&theme, argv[1], NULL, &e) == ERR_OK)
		options.theme = &theme;
	if (screen_open(&p.screen, &options, &e) != ERR_OK)
		return 1;
	screen_guard();
	p.session = argc > 2 ? session_new() : scene_all();
	p.view = view_new(p.screen, &(struct view_options){ .ascii = !utf8 });
	view_session(p.view, p.session);
	while (!p.over) {
		struct pollfd pfd = { .fd = 0, .events = POLLIN };
		struct timespec soon = { .tv_nsec = 50000000 };
		struct view_request request;
		char bytes[4096];
		struct key key;
		int64_t now = clock_mono();
		bool wait = keys_deadline(&p.keys) == INT64_MAX && view_deadline(p.view, now) == INT64_MAX;

		if (resized && screen_resize(p.screen))
			view_resize(p.view);
		resized = 0;
		draw(&p);
		if (ppoll(&pfd, 1, wait ? NULL : &soon, &waiting) > 0) {
			ssize_t n = read(0, bytes, sizeof bytes);

			if (n <= 0)
				break;
			keys_feed(&p.keys, str_of(bytes, (size_t)n), clock_mono());
		}
		while (keys_next(&p.keys, clock_mono(), &key))
			if (!screen_reply(p.screen, &key))
				obey(&p, view_key(p.view, &key, clock_mono(), &request), &request);
	}
	view_free(p.view);
	screen_close(p.screen);
	session_free(p.session);
	keys_done(&p.keys);
	return 0;
}
