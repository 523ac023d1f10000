/*
 * A real opencode server, with the scripted provider "lab" that makes of a marker in a prompt a turn,
 * a second provider "own" that says what the test lets it say, and a relay that can be cut. What
 * does not work aborts the test.
 */
#ifndef TESTS_OPENCODE_SERVER_H
#define TESTS_OPENCODE_SERVER_H

#include <sys/types.h>

#include "tests/harness/peer.h"

struct opencode_server;

/* OPENCODE_TOOL brings it up in OPENCODE_DIR; who set these takes it down, whatever happens. */
struct opencode_server *opencode_start(void);
void opencode_end(struct opencode_server *o);
/* SIGKILL, and up again on the same data. */
void opencode_kill(struct opencode_server *o);
void opencode_again(struct opencode_server *o);
pid_t opencode_pid(const struct opencode_server *o);
/* The relay: every connection is cut and none accepted; or they are again. */
void opencode_cut(struct opencode_server *o);
void opencode_mend(struct opencode_server *o);

enum { OPENCODE_ID = 64 };
void opencode_session(struct opencode_server *o, const char *title, char id[OPENCODE_ID]);
/* The address of a session, of the server with NULL; valid until the next call. */
const char *opencode_url(const struct opencode_server *o, const char *session);
const char *opencode_relayed_url(const struct opencode_server *o, const char *session);
/* Somebody else's prompt, to lab. */
void opencode_prompt(struct opencode_server *o, const char *session, const char *text);
/* A terminal that runs this in a shell. */
void opencode_terminal(struct opencode_server *o, const char *title, const char *script);
/* What the server says, head and all; valid until the next call. */
struct str opencode_get(struct opencode_server *o, const char *path);

/* What "own/m-1" and "own/m-2" answer next: words, or a call of a tool with its input as JSON. */
void opencode_will_say(struct opencode_server *o, const char *words);
void opencode_will_call(struct opencode_server *o, const char *tool, const char *input);
void opencode_will_fail(struct opencode_server *o, int status, const char *message);
/* At once, to a request it has got. */
void opencode_says(struct opencode_server *o, size_t request, const char *words);
struct peer *opencode_own(struct opencode_server *o);
#endif
