/*
 * What the user has said once and for all: the rc file and where things live (XDG base
 * directories). Options of a command override it.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct config {
	char *theme;		/* name or path; NULL: by the terminal */
	char *user;		/* the name others see */
	char *clipboard;	/* "on" or "off"; NULL: on, but not inside tmux */
};

/* Reads $XDG_CONFIG_HOME/weir/weirrc when it is there. An unknown key or a bad line is an error
 * that names file and line. */
enum err config_load(struct config *c, struct error *e);
void config_done(struct config *c);

/* Where the user's own themes are. */
void config_theme_dir(struct buf *path);
/* The file sessions are cached in; its directory is made, 0700. */
enum err config_cache_path(struct buf *path, struct error *e);

/* Where private files go that do not outlive the program. */
const char *config_temp_dir(void);

#endif
