/* weir tail: follows sessions as text on stdout. */

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/subcommand.h"
#include "app/tail.h"
#include "base/mem.h"

/* The exit status when the second of several events of --until came; the first is success. */
enum { SECOND_UNTIL = 10 };

struct options {
	struct access_settings access;
	const char *ansi, *from, *json, *no_follow, *plain, *raw, *state, *timeout, *until;
};

static enum err
read_format(const struct options *o, struct tail_options *t, struct error *e)
{
	t->format = o->json != NULL ? TAIL_JSON : o->raw != NULL ? TAIL_RAW :
	    o->ansi != NULL ? TAIL_ANSI : TAIL_PLAIN;
	if ((o->json != NULL) + (o->raw != NULL) + (o->ansi != NULL) + (o->plain != NULL) > 1)
		return error_set(e, ERR_USAGE, "give one of --plain, --ansi, --json and --raw");
	return ERR_OK;
}

static enum err
read_until(const char *value, struct tail_options *t, struct error *e)
{
	static const char *const names[] = {
		[TAIL_TURN] = "turn", [TAIL_APPROVAL] = "approval", [TAIL_ERROR] = "error",
		[TAIL_CLOSED] = "closed",
	};
	struct str rest = str_from(value);

	while (rest.n > 0) {
		struct str name = str_cut(rest, ',', &rest);
		size_t i = 0;

		while (i < TAIL_UNTILS && !str_eq(name, str_from(names[i])))
			i++;
		if (i == TAIL_UNTILS || t->nuntil == TAIL_UNTILS)
			return error_set(e, ERR_USAGE, "--until %s: give turn, approval, error, closed, or several "
			    "with commas between", value);
		t->until[t->nuntil++] = (enum tail_until)i;
	}
	return ERR_OK;
}

static enum err
read_options(const struct options *o, size_t n, struct tail_options *t, struct error *e)
{
	double seconds = 0;

	t->once = o->no_follow != NULL;
	t->from = o->from;
	t->state = o->state;
	if (read_format(o, t, e) != ERR_OK || (o->until != NULL && read_until(o->until, t, e) != ERR_OK))
		return e->code;
	if (o->timeout != NULL && subcommand_number("timeout", o->timeout, 0.01, 1e9, &seconds, e) != ERR_OK)
		return e->code;
	t->timeout = (int64_t)(seconds * 1000);
	if (n > 1 && (o->state != NULL || o->from != NULL || o->raw != NULL))
		return error_set(e, ERR_USAGE, "--state, --from and --raw are for one session");
	return ERR_OK;
}

static enum err
follow_all(const struct config *config, const struct options *o, char **urls, size_t n,
    const struct tail_options *t, int *hit, struct error *e)
{
	struct client_options *clients = mem_zalloc(mem_mul(n, sizeof *clients));
	struct access **access = mem_zalloc(mem_mul(n, sizeof *access));
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		err = access_open(&access[i], config, &o->access, urls[i], e);
		clients[i] = (struct client_options){ .access = access[i], .user = "tail", .read_only = true };
	}
	if (err == ERR_OK)
		err = tail_run(clients, n, t, hit, e);
	for (size_t i = 0; i < n; i++)
		access_close(access[i]);
	free(access);
	free(clients);
	return err;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct tail_options t = { 0 };
	struct config config;
	enum err err;
	int first, hit = -1;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc == first)
		return error_set(e, ERR_USAGE, "weir tail wants an address; see weir tail --help");
	if (read_options(&o, (size_t)(argc - first), &t, e) != ERR_OK)
		return e->code;
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = follow_all(&config, &o, argv + first, (size_t)(argc - first), &t, &hit, e);
	config_done(&config);
	if (err == ERR_OK && t.nuntil > 0 && hit < 0 && !t.once)
		return error_set(e, ERR_FAILED, "the stream ended before %s came", o.until);
	/* Beyond the table of exit codes: it is the answer to a question that was asked. */
	if (err == ERR_OK && hit > 0)
		exit(SECOND_UNTIL + hit - 1);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "plain", 0, NULL, "labelled lines, the default", offsetof(struct options, plain) },
	{ "ansi", 0, NULL, "the same with colours", offsetof(struct options, ansi) },
	{ "json", 0, NULL, "events, one JSON object a line", offsetof(struct options, json) },
	{ "raw", 0, NULL, "the items of the stream in their own bytes", offsetof(struct options, raw) },
	{ "no-follow", 0, NULL, "end when everything that is there was printed",
	    offsetof(struct options, no_follow) },
	{ "from", 0, "OFFSET", "begin behind this offset, or \"now\"", offsetof(struct options, from) },
	{ "state", 0, "FILE", "go on where the last run with this file ended",
	    offsetof(struct options, state) },
	{ "until", 0, "EVENT", "end with it: turn, approval, error, closed, or several with commas",
	    offsetof(struct options, until) },
	{ "timeout", 0, "SECONDS", "end with an error after this time", offsetof(struct options, timeout) },
	{ 0 }
};

const struct subcommand subcommand_tail = {
	.name = "tail",
	.synopsis = "[--ansi | --json | --raw] [--no-follow] [--state FILE] [--until EVENT] URL ...",
	.summary = "Follow sessions as text on stdout",
	.options = option_table,
	.connects = true,
	.run = run,
};
