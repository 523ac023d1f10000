/*
 * How roles look: colours and attributes a role, from a file or built in. A theme knows no
 * terminal; theme_look says what a style is at the colour depth a terminal has. The terminal's own
 * background is never painted over unless a role asks for one.
 */
#ifndef TEXT_THEME_H
#define TEXT_THEME_H

#include "base/err.h"
#include "base/str.h"
#include "text/style.h"

enum depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };

enum colour_kind { COLOUR_DEFAULT, COLOUR_PALETTE, COLOUR_RGB };

/* A palette number 0 to 255, or 0xRRGGBB. */
struct colour {
	uint8_t kind;
	uint32_t value;
};

/* `exact` where the terminal has 256 colours or more, `plain` (0 to 15) where it has fewer. */
struct paint {
	struct colour exact, plain;
};

struct theme_role {
	struct paint fg, bg;
	uint8_t attr;
	bool given;
};

struct theme {
	char name[32];
	bool light;
	uint32_t ground;	/* 0xRRGGBB, the background contrast is judged against */
	struct theme_role roles[ROLE_COUNT];
};

/* -1 is the terminal's default; a palette number, at DEPTH_RGB 0xRRGGBB + LOOK_RGB or a number. */
struct look {
	int32_t fg, bg;
	uint8_t attr;
};

enum { LOOK_RGB = 1 << 24 };

/* Always there: readable on dark and light backgrounds with 8 colours. */
const struct theme *theme_builtin(void);
/*
 * A theme file (see themes/dark.theme): lines `role = [attributes] [colour] [on colour]`, `;`
 * begins a comment. What it leaves out is as the role it is a kind of. Errors name the line.
 */
enum err theme_parse(struct theme *t, struct str text, struct error *e);
/*
 * By name: "default" is built in, else NAME.theme in `user_dir` (may be NULL) or in the installed
 * themes; a name with a slash is a path.
 */
enum err theme_load(struct theme *t, const char *name, const char *user_dir, struct error *e);

/* Palette colours a text asks for give way where they could not be read. */
struct look theme_look(const struct theme *t, struct style style, enum depth depth);

/* "user", "status-live", …: the names of the files. */
const char *role_name(enum role role);
bool role_by_name(struct str name, enum role *out);
/* The role whose look it has where a theme gives it none; itself for ROLE_TEXT. */
enum role role_parent(enum role role);
/* WCAG contrast of two 0xRRGGBB, 1 to 21. */
double theme_contrast(uint32_t a, uint32_t b);
/* What a colour is in a terminal with the usual palette; false for COLOUR_DEFAULT. */
bool colour_rgb(struct colour c, uint32_t *out);

#endif
