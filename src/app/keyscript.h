/*
 * Keys that press themselves: a text file of steps, one a line, for replays without a person.
 *	wait "text"	until the text stands on the screen
 *	at 2500		until so many ms have passed since the start
 *	key j		a key as the help calls it
 *	type "hello"	these characters, \n is Enter
 *	resize 100x30	columns and rows
 *	dump NAME	the screen as it is now
 *	quit
 */
#ifndef APP_KEYSCRIPT_H
#define APP_KEYSCRIPT_H

#include "base/err.h"
#include "base/mem.h"
#include "ui/keys.h"

enum keyscript_op { SCRIPT_WAIT, SCRIPT_AT, SCRIPT_KEY, SCRIPT_TYPE, SCRIPT_RESIZE, SCRIPT_DUMP, SCRIPT_QUIT };

struct keyscript_step {
	enum keyscript_op op;
	unsigned line;			/* of the file */
	struct str text;		/* SCRIPT_WAIT, SCRIPT_TYPE, SCRIPT_DUMP */
	struct key key;			/* SCRIPT_KEY */
	int64_t ms;			/* SCRIPT_AT */
	unsigned rows, cols;		/* SCRIPT_RESIZE */
};

struct keyscript {
	struct keyscript_step *steps;
	size_t n, cap;
	struct arena texts;
};

/* Zero-initialised is empty. Errors name `name` and the line. */
enum err keyscript_parse(struct keyscript *s, struct str text, const char *name, struct error *e);
void keyscript_done(struct keyscript *s);

/* "100x30". */
bool keyscript_size(struct str text, unsigned *rows, unsigned *cols);

#endif
