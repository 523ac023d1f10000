/* Following sessions as text on standard output: weir tail, and weir demo without a terminal. */
#ifndef APP_TAIL_H
#define APP_TAIL_H

#include "app/client.h"

enum tail_format { TAIL_PLAIN, TAIL_ANSI, TAIL_JSON, TAIL_RAW };

/* What ends it; each at most once. */
enum tail_until { TAIL_TURN, TAIL_APPROVAL, TAIL_ERROR, TAIL_CLOSED, TAIL_UNTILS };

struct tail_options {
	enum tail_format format;
	bool once;			/* end when all there is was printed */
	const char *from;		/* a position of the dialect, NULL: from the start */
	const char *state;		/* file of app/tail_state.h, NULL for none */
	enum tail_until until[TAIL_UNTILS];
	size_t nuntil;
	int64_t timeout;		/* ms, 0: none */
	int source;			/* an error when it hangs up: who writes the session has failed */
	bool has_source;
};

/*
 * Prints until the streams are closed, or as the options say. *hit is the index of what of `until`
 * came, -1: nothing of it.
 */
enum err tail_run(const struct client_options *clients, size_t n, const struct tail_options *options,
    int *hit, struct error *e);

/* Whether the link has come to its end, and how: ERR_OK or the reason a user reads. */
enum err tail_ended(struct client *c, bool follow, bool *over, struct error *e);

#endif
