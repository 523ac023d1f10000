/*
 * How weir gets at a server and is let in: where it is, which way, and with which secret. The one
 * place for all commands that connect. Such a command has `.connects = true` and options that begin
 * with a struct access_settings; it loads the config, calls access_open with both and with the address
 * it was given, and hands the result to client_open, or uses access_endpoint itself:
 *
 *	struct options { struct access_settings access; const char *json; };
 *	...
 *	err = access_open(&access, &config, &o.access, argv[first], e);
 *	options.access = access;		(of a struct client_options; or)
 *	err = access_wait(access, e);		and then endpoint_request(access_endpoint(access), …)
 *
 * Secrets never stand in arguments: options and the rc file say where they are.
 */
#ifndef APP_ACCESS_H
#define APP_ACCESS_H

#include "app/subcommand.h"
#include "model/link.h"
#include "wire/endpoint.h"

/* As written by the user, NULL where nothing is; borrowed. */
struct access_settings {
	const char *token_file, *token_env, *token_command, *auth;
	struct subcommand_list header;
	const char *header_file;
	const char *ca_file, *cert_file, *key_file, *pin, *proxy, *redirects, *allow_plaintext;
	const char *backoff_initial, *backoff_maximum, *backoff_multiplier;
	const char *dialect;
};

/* The options, and with the same names the keys of a server in the rc file. */
extern const struct subcommand_option access_options[];

struct access;
struct config;

/*
 * `address` is a URL or, with the servers of `config`, NAME or NAME/PATH. A URL below that of a server
 * is let in as that server says; what `given` says goes first. Both may be NULL. No secret is fetched
 * yet. Everything is copied.
 */
enum err access_open(struct access **out, const struct config *config,
    const struct access_settings *given, const char *address, struct error *e);
void access_close(struct access *a);

/* With the secrets that were fetched last. Lives as long as `a`; its address never changes. */
const struct endpoint *access_endpoint(const struct access *a);
/* Another place on the same server: a path, which begins with a slash, and may have a query. */
void access_go_to(struct access *a, struct str target);
/* How its server speaks, NULL when nobody said. */
const struct dialect *access_dialect(const struct access *a);
/* The back-off that was asked for. */
void access_link_options(const struct access *a, struct link_options *out);

/* Fetches the secrets, again when there are some. While access_busy: poll access_fd until
 * access_deadline, then access_work. ERR_DENIED says what is wrong with them. */
enum err access_fetch(struct access *a, struct error *e);
bool access_busy(const struct access *a);
int access_fd(const struct access *a);			/* -1 unless busy */
int64_t access_deadline(const struct access *a);	/* clock_mono, INT64_MAX unless busy */
enum err access_work(struct access *a, struct error *e);
/* The same for a command that has nothing else to do: returns when they are there. */
enum err access_wait(struct access *a, struct error *e);

/* Another fetch may give other secrets. */
bool access_renewable(const struct access *a);
/* What a person can do when the server does not let weir in, one sentence; `basic`: it asked for a
 * user and a password. */
void access_advice(const struct access *a, bool basic, struct buf *out);

#endif
