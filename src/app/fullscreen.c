#include "app/fullscreen.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum err
fullscreen_open(struct screen **out, bool *ascii, const struct config *config, struct error *e)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_options options = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.no_color = no_color != NULL && *no_color != '\0',
	};
	struct buf dir = { 0 };
	struct theme theme;
	enum err err = ERR_OK;

	*ascii = !screen_locale();
	if (config->theme != NULL) {
		config_theme_dir(&dir);
		err = theme_load(&theme, config->theme, buf_cstr(&dir), e);
		options.theme = &theme;
	}
	if (err == ERR_OK)
		err = screen_open(out, &options, e);
	if (err == ERR_OK)
		screen_guard();
	buf_done(&dir);
	return err;
}

void
fullscreen_suspend(struct screen *s)
{
	screen_suspend(s);
	/* Not SIGTSTP, which is blocked: the process group stops as the shell expects. */
	kill(0, SIGSTOP);
	screen_resume(s);
}
