#include "app/subcommand.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/access.h"
#include "app/config.h"
#include "app/sessions.h"
#include "base/buf.h"
#include "base/mem.h"
#include "text/safe.h"

const struct subcommand *const subcommands[] = {
	&subcommand_attach,
	&subcommand_tail,
	&subcommand_send,
	&subcommand_status,
	&subcommand_record,
	&subcommand_replay,
	&subcommand_check,
	&subcommand_ls,
	&subcommand_cache,
	&subcommand_serve,
	&subcommand_copy,
	&subcommand_demo,
	NULL
};

enum { OPT_HELP = 1000, OPT_FIRST };

enum err
subcommand_set(const struct subcommand_option *o, void *options, const char *value, struct error *e)
{
	void *field = (char *)options + o->field;
	struct subcommand_list *list = field;

	if (!o->repeats) {
		*(const char **)field = value;
		return ERR_OK;
	}
	if (list->n == SUBCOMMAND_LIST)
		return error_set(e, ERR_USAGE, "%s is given more than %d times", o->name, SUBCOMMAND_LIST);
	list->v[list->n++] = value;
	return ERR_OK;
}

static size_t
count(const struct subcommand_option *o)
{
	size_t n = 0;

	while (o != NULL && o[n].name != NULL)
		n++;
	return n;
}

/* What getopt_long wants, made from a command's options and those all clients have. */
struct getopt_tables {
	struct option *longs;
	const struct subcommand_option **rows;
	size_t n;
	struct buf letters;
};

static void
add_row(struct getopt_tables *t, const struct subcommand_option *o)
{
	t->rows[t->n] = o;
	t->longs[t->n] = (struct option){ o->name, o->value != NULL ? required_argument : no_argument,
	    NULL, OPT_FIRST + (int)t->n };
	t->n++;
	if (o->letter == 0)
		return;
	buf_byte(&t->letters, o->letter);
	if (o->value != NULL)
		buf_byte(&t->letters, ':');
}

static struct getopt_tables
make_tables(const struct subcommand *c)
{
	size_t own = count(c->options), shared = c->connects ? count(access_options) : 0;
	struct getopt_tables t = { 0 };

	t.longs = mem_zalloc((own + shared + 2) * sizeof *t.longs);
	t.rows = mem_zalloc((own + shared + 1) * sizeof *t.rows);
	buf_str(&t.letters, STR(":h"));
	for (size_t i = 0; i < own; i++)
		add_row(&t, &c->options[i]);
	for (size_t i = 0; i < shared; i++)
		add_row(&t, &access_options[i]);
	t.longs[t.n] = (struct option){ "help", no_argument, NULL, OPT_HELP };
	return t;
}

static const struct subcommand_option *
find_option(const struct getopt_tables *t, int code)
{
	for (size_t i = 0; i < t->n; i++)
		if (code == OPT_FIRST + (int)i || (t->rows[i]->letter != 0 && code == t->rows[i]->letter))
			return t->rows[i];
	return NULL;
}

enum err
subcommand_options(const struct subcommand *c, void *options, int argc, char **argv, int *first,
    struct error *e)
{
	struct getopt_tables t = make_tables(c);
	enum err err = ERR_OK;
	int code;

	optind = 1;
	opterr = 0;
	while (err == ERR_OK &&
	    (code = getopt_long(argc, argv, buf_cstr(&t.letters), t.longs, NULL)) != -1) {
		const struct subcommand_option *o = find_option(&t, code);

		if (o != NULL)
			err = subcommand_set(o, options, o->value != NULL ? optarg : "", e);
		else if (code == OPT_HELP || code == 'h') {
			subcommand_help(c);
			exit(0);
		} else
			err = error_set(e, ERR_USAGE, "%s %s; see weir %s --help", argv[optind - 1],
			    code == ':' ? "wants a value" : "is not an option here", c->name);
	}
	*first = optind;
	free(t.longs);
	free(t.rows);
	buf_done(&t.letters);
	return err;
}

enum err
subcommand_number(const char *name, const char *value, double min, double max, double *out,
    struct error *e)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end != '\0' || !(v >= min && v <= max))
		return error_set(e, ERR_USAGE, "--%s %s: give a number from %g to %g", name, value, min,
		    max);
	*out = v;
	return ERR_OK;
}

static void
print_option(const char *name, char letter, const char *value, const char *help)
{
	char left[64];

	snprintf(left, sizeof left, "%c%c%s--%s%s%s", letter != 0 ? '-' : ' ',
	    letter != 0 ? letter : ' ', letter != 0 ? ", " : "  ", name, value != NULL ? " " : "",
	    value != NULL ? value : "");
	printf("  %-28s %s\n", left, help);
}

static void
print_options(const struct subcommand_option *o)
{
	for (; o != NULL && o->name != NULL; o++)
		print_option(o->name, o->letter, o->value, o->help);
}

void
subcommand_help(const struct subcommand *c)
{
	printf("usage: weir %s%s%s\n\n%s.\n\n", c->name, *c->synopsis != '\0' ? " " : "", c->synopsis,
	    c->summary);
	print_options(c->options);
	print_option("help", 'h', NULL, "show this");
	if (!c->connects)
		return;
	puts("\nHow to reach the server and to be let in; a [server NAME] of weirrc says it for good:");
	print_options(access_options);
}

static void
print_overview(FILE *f)
{
	fputs("weir: a terminal client for agent sessions that live elsewhere\n\n"
	    "usage: weir [COMMAND] [OPTION…] [URL]\n\n"
	    "  weir          The sessions of your servers, to choose from\n", f);
	for (size_t i = 0; subcommands[i] != NULL; i++)
		fprintf(f, "  weir %-8s %s\n", subcommands[i]->name, subcommands[i]->summary);
	fputs("\nweir URL is weir attach URL. Each command has --help; weir(1) has the rest.\n"
	    "Nothing set up? weir demo\n", f);
}

static const struct subcommand *
find_subcommand(const char *name)
{
	for (size_t i = 0; subcommands[i] != NULL; i++)
		if (strcmp(subcommands[i]->name, name) == 0)
			return subcommands[i];
	return NULL;
}

static int
report(const struct error *e)
{
	struct buf out = { 0 };

	if (e->code == ERR_OK)
		return 0;
	buf_str(&out, STR("weir: "));
	safe_add(&out, str_from(e->text));
	buf_byte(&out, '\n');
	fwrite(out.p, 1, out.n, stderr);
	buf_done(&out);
	return err_exit_code(e->code);
}

/* The list of sessions; what weir is, where there is no screen for one. */
static int
without_arguments(void)
{
	struct config config;
	struct error e = { 0 };

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		print_overview(stderr);
		return err_exit_code(ERR_USAGE);
	}
	if (config_load(&config, &e) == ERR_OK)
		sessions_run(&config, &e);
	config_done(&config);
	return report(&e);
}

int
subcommand_main(int argc, char **argv)
{
	struct error e = { 0 };
	const struct subcommand *c;

	if (argc < 2)
		return without_arguments();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(PACKAGE_STRING);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_overview(stdout);
		return 0;
	}
	c = find_subcommand(argv[1]);
	if (c != NULL)
		e.code = c->run(c, argc - 1, argv + 1, &e);
	else
		e.code = subcommand_attach.run(&subcommand_attach, argc, argv, &e);
	return report(&e);
}
