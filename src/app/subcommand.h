/*
 * The commands of weir, one row each. A command parses its own options with subcommand_options, prints
 * results to stdout, and returns ERR_OK or fills the error that main prints as one line.
 */
#ifndef APP_SUBCOMMAND_H
#define APP_SUBCOMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct subcommand {
	const char *name;
	const char *synopsis;		/* what follows "weir NAME" in the usage line */
	const char *summary;		/* one line, no full stop */
	const struct subcommand_option *options;
	/* It talks to servers: its options begin with a struct access_settings, which is filled from the
	 * table in app/access.c besides its own. */
	bool connects;
	enum err (*run)(const struct subcommand *self, int argc, char **argv, struct error *e);
};

/* An option of a command; the table ends with a NULL name. */
struct subcommand_option {
	const char *name;		/* without the dashes */
	char letter;			/* 0 for none */
	const char *value;		/* name of its value in the help, NULL for none */
	const char *help;
	size_t field;			/* offset of a const char * in the command's options */
	bool repeats;			/* it is of a struct subcommand_list */
};

/* The values of an option that may be given more than once. */
enum { SUBCOMMAND_LIST = 16 };
struct subcommand_list {
	const char *v[SUBCOMMAND_LIST];
	size_t n;
};

extern const struct subcommand subcommand_attach, subcommand_cache, subcommand_check,
    subcommand_copy, subcommand_demo, subcommand_ls, subcommand_record, subcommand_replay,
    subcommand_send, subcommand_serve, subcommand_status, subcommand_tail;
extern const struct subcommand *const subcommands[];	/* NULL at the end */

/*
 * Fills the const char * fields of `options` (value or "" when given, NULL when not). The arguments
 * that are no options are argv[*first] to argv[argc - 1]. ERR_USAGE with a text when it does not fit.
 */
enum err subcommand_options(const struct subcommand *c, void *options, int argc, char **argv, int *first,
    struct error *e);
/* A decimal number between min and max from an option's value. */
enum err subcommand_number(const char *name, const char *value, double min, double max, double *out,
    struct error *e);

/* Sets one field of `options` as described by its row. ERR_USAGE when a list is full. */
enum err subcommand_set(const struct subcommand_option *o, void *options, const char *value,
    struct error *e);

void subcommand_help(const struct subcommand *c);
/* Finds the command in argv, prints --help and --version itself, returns the exit code. */
int subcommand_main(int argc, char **argv);

#endif
