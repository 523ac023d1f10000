/*
 * What the user has said once and for all: the rc file and where things live (XDG base
 * directories). Options of a command override it.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/access.h"
#include "base/mem.h"
#include "model/store_keep.h"

/* A section [server NAME] of the rc file. */
struct server {
	struct server *next;
	const char *name, *url;
	struct access_settings access;
};

struct config {
	const char *theme;	/* name or path; NULL: by the terminal */
	const char *user;	/* the name others see */
	const char *browser;	/* the program that opens links; NULL: xdg-open */
	const char *clipboard;	/* "on" or "off"; NULL: on, but not inside tmux */
	const char *presence;	/* "off": nobody is told that weir follows; NULL: they are */
	const char *cache_days, *cache_size;	/* see config_cache_limits; NULL: the defaults */
	struct server *servers;	/* in the order of the file */
	struct access_settings general;	/* for all servers, where they do not say otherwise */
	struct arena strings;	/* holds all of it */
};

/* Reads $XDG_CONFIG_HOME/weir/weirrc when it is there. An unknown key or a bad line is an error
 * that names file and line. */
enum err config_load(struct config *c, struct error *e);
void config_done(struct config *c);

/* Where the user's own themes are. */
void config_theme_dir(struct buf *path);
/* The file sessions are cached in; its directory is made, 0700. */
enum err config_cache_path(struct buf *path, struct error *e);
/* What of it is kept: texts as in the rc file and of options, NULL for what that says or the defaults,
 * 30 days and 1 GiB. */
enum err config_cache_limits(const struct config *c, const char *days, const char *size,
    struct store_limits *out, struct error *e);

/* Where private files go that do not outlive the program. */
const char *config_temp_dir(void);

#endif
