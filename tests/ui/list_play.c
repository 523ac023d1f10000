/*
 * A program for tests/ui/test_list: the list of sessions with rows made up here. R asks again: the
 * session in the middle is gone, a new one is there, and another one waits.
 */
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/ui/scene.h"
#include "ui/list.h"

static const struct list_row before[] = {
	{ STR("s:/a"), STR("fix the flaky test"), STR("localhost"), STR("live"), MOOD_LIVE, false, false, 0,
	    SCENE_TIME - 5000 },
	{ STR("s:/b"), STR("rewrite the parser"), STR("localhost"), STR("closed"), MOOD_WAIT, false, true, 12,
	    SCENE_TIME - 3 * 3600000 },
	{ STR("s:/c"), STR("deploy"), STR("ci.example"), STR("permission"), MOOD_LIVE, true, true, 2,
	    SCENE_TIME - 2 * 86400000LL },
	{ STR("s:/d\x1b[2J"), STR(""), STR("\x1b]0;x\x07"), STR("\xe2\x80\xae"), MOOD_BAD, false, true, 0, 0 },
};

static const struct list_row after[] = {
	{ STR("s:/a"), STR("fix the flaky test"), STR("localhost"), STR("live"), MOOD_LIVE, true, false, 0,
	    SCENE_TIME - 5000 },
	{ STR("s:/c"), STR("deploy"), STR("ci.example"), STR("running"), MOOD_LIVE, false, false, 0,
	    SCENE_TIME - 2 * 86400000LL },
	{ STR("s:/e"), STR("a new one"), STR("ci.example"), STR("running"), MOOD_LIVE, false, false, 0,
	    SCENE_TIME },
};

/* Does what the list asks for; false when it is left. */
static bool
obey(struct list *l, enum command c)
{
	struct buf words = { 0 };

	if (c == CMD_RECONNECT)
		list_set(l, after, sizeof after / sizeof *after);
	else if (c == CMD_ENTER)
		buf_printf(&words, "open <%.*s>", STR_ARG(list_selected(l)));
	list_say(l, NOTE_INFO, buf_view(&words));
	buf_done(&words);
	return c != CMD_QUIT;
}

int
main(void)
{
	struct screen_options options = { .in = 0, .out = 1 };
	bool utf8 = screen_locale(), stay = true;
	struct screen *screen;
	struct keys keys = { 0 };
	struct list *list;
	struct error e;

	if (screen_open(&screen, &options, &e) != ERR_OK)
		return 1;
	list = list_new(screen, NULL, !utf8);
	list_set(list, before, sizeof before / sizeof *before);
	while (stay) {
		struct pollfd pfd = { .fd = 0, .events = POLLIN };
		char bytes[4096];
		struct key key;

		list_draw(list, SCENE_TIME);
		if (poll(&pfd, 1, keys_deadline(&keys) == INT64_MAX ? -1 : 50) > 0) {
			ssize_t n = read(0, bytes, sizeof bytes);

			if (n <= 0)
				break;
			keys_feed(&keys, str_of(bytes, (size_t)n), clock_mono());
		}
		while (stay && keys_next(&keys, clock_mono(), &key))
			if (!screen_reply(screen, &key))
				stay = obey(list, list_key(list, &key));
	}
	list_free(list);
	screen_close(screen);
	keys_done(&keys);
	return 0;
}
