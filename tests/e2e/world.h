/*
 * What an end-to-end test lives in: a directory of its own, a real weir-serve on a socket in it,
 * the demo's player, and weir in terminals. Failing to set it up aborts the test.
 */
#ifndef E2E_WORLD_H
#define E2E_WORLD_H

#include <sys/types.h>

#include "base/buf.h"
#include "tests/tempdir.h"
#include "tests/harness/term.h"

#define SOON 20000	/* ms within which a state comes, or it never does */

struct world {
	char dir[TEMPDIR_NAME];
	struct buf weir, serve;		/* the programs */
	struct buf socket;
	struct buf home[3];		/* XDG variables that keep weir inside `dir` */
	pid_t server, player;
};

void world_open(struct world *w);
void world_close(struct world *w);
/* The rc file from here on. */
void world_configure(struct world *w, struct str text);

/* Starts the server, again on the same data, and waits until it is ready. */
void world_serve(struct world *w);
/* SIGKILL: what it had not committed is gone. */
void world_kill_server(struct world *w);

/* The address of the demo stream, through `socket` or the server's own when NULL. Valid until the
 * next call. */
const char *world_url(struct world *w, const char *socket);
/* Sends the server a body of JSON, and wants an answer of 20x. */
void world_request(struct world *w, const char *method, const char *target, struct str body);
/* Makes the stream of the session: nobody can attach to what is not there. */
void world_create(struct world *w);
/* Appends a JSON array of items to it. */
void world_append(struct world *w, struct str items);
/* Starts to play the demo session into the stream, `speed` as in weir demo; makes it if need be. */
void world_play(struct world *w, const char *speed);
/* Waits for the end of the session. */
void world_played(struct world *w);

/* Runs weir with these arguments (NULL at the end, argv[0] is filled in). */
struct term *world_term(struct world *w, const char *const *args, int rows, int cols);
/* What `weir ARGS` writes to a pipe; `status` as from waitpid. */
void world_run(struct world *w, const char *const *args, struct buf *out, int *status);

#endif
