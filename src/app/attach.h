/* The full-screen client on one session. */
#ifndef APP_ATTACH_H
#define APP_ATTACH_H

#include "app/client.h"
#include "app/config.h"

/* What is left to say when the screen is gone. */
struct attach_result {
	struct cached_proof proof;
	uint64_t resumes, duplicates;
	int signal;		/* that ended it; 0: the user did */
};

/* Returns when the user leaves; the terminal is as it was. `result` may be NULL. */
enum err attach_run(const struct client_options *options, const struct config *config,
    struct attach_result *result, struct error *e);

#endif
