/* weir serve: becomes weir-serve. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/child.h"
#include "app/subcommand.h"

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct buf path = { 0 };

	(void)self;
	(void)argc;
	child_serve_path(&path);
	execv(path.p, argv);
	error_set(e, ERR_FAILED, "run %s: %s; is weir installed whole?", path.p, strerror(errno));
	buf_done(&path);
	return e->code;
}

const struct subcommand subcommand_serve = {
	.name = "serve",
	.synopsis = "[OPTION…]",
	.summary = "The local session server (Durable Streams protocol, SQLite behind it)",
	.run = run,
};
