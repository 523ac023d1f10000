/*
 * The sessions of some servers: those of the rc file and the local one, or one that was named. It asks
 * them all at once, page by page, and keeps what each said last while it asks again. Nothing here
 * waits: the owner polls directory_fd until directory_deadline and calls directory_work.
 */
#ifndef APP_DIRECTORY_H
#define APP_DIRECTORY_H

#include "app/config.h"
#include "wire/listing.h"

/* Borrowed until the next directory_work. Texts are untrusted. */
struct directory_entry {
	struct str address;	/* what weir attach takes */
	struct str place;	/* of the server, as the user calls it */
	struct str id, title, model, directory;
	enum sess_status status;
	bool closed;
	int64_t records, time;	/* -1: not known; ms since 1970 */
};

struct directory;

/*
 * `address` is a server of `config` or a URL on it, NULL for all servers of `config` and the socket of
 * a local weir serve. ERR_USAGE when there is none at all. `config` outlives it.
 */
enum err directory_open(struct directory **out, const struct config *config,
    const struct access_settings *given, const char *address, struct error *e);
void directory_close(struct directory *d);

/* Asks every server that is not being asked. */
void directory_ask(struct directory *d);
/* Some have not answered yet. */
bool directory_busy(const struct directory *d);
int directory_fd(const struct directory *d);
int64_t directory_deadline(const struct directory *d);	/* clock_mono */
/* True when something that can be seen has changed. */
bool directory_work(struct directory *d);

size_t directory_servers(const struct directory *d);
size_t directory_count(const struct directory *d);
/* It is session i < directory_count, whichever way the address leads to it; any of them. */
bool directory_is(const struct directory *d, size_t i, struct str address);
bool directory_has(const struct directory *d, struct str address);
struct directory_entry directory_at(const struct directory *d, size_t i);
/*
 * What is the matter with server i < directory_servers: why it could not be asked the last time, or
 * that it has not answered for long. ERR_OK: nothing.
 */
enum err directory_trouble(const struct directory *d, size_t i, struct error *e);

#endif
