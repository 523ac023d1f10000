/*
 * One followed session: network, cache, model and outbox put together, without a screen. The owner
 * polls client_fd until client_deadline and calls client_work, which never blocks and handles at
 * most a few milliseconds of what has arrived.
 */
#ifndef APP_CLIENT_H
#define APP_CLIENT_H

#include "app/access.h"
#include "app/cached.h"
#include "model/link.h"
#include "model/router.h"

/* Who listens to what comes, besides the session; any of these may be NULL. */
struct client_tap {
	void (*record)(void *ctx, struct str record);		/* before its events */
	/* All before it was folded; reading goes on from here. Empty: the history begins anew. */
	void (*moved)(void *ctx, const struct position *at);
	void (*acted)(void *ctx, enum act_kind kind, bool ok, struct str detail);
	void *ctx;
};

struct client_options {
	const char *url;		/* when there is no `access`: without any secret */
	struct access *access;		/* borrowed, longer than the client lives; NULL: by the URL */
	const char *user;		/* the name that goes with what is sent */
	const char *cache;		/* file; NULL: in memory only */
	const char *from;		/* without a cache: read on behind this offset, or from "now"; NULL:
					 * from the start */
	const struct store_limits *cache_limits;	/* NULL: nothing is dropped from it */
	const struct position *at;	/* the same, from exactly where a tap was told */
	const struct client_tap *tap;	/* borrowed for the call; NULL: nobody */
	/* Hears all events from the first one on, after the session had it; borrowed for the call, NULL:
	 * nobody. Others may join later, see client_router. */
	const struct listener *listener;
	bool announce;			/* the others in the session are told that somebody is here */
	bool read_only;			/* no outbox, nothing can be sent */
	bool glance;			/* how it stands is all that matters: terminals are not read */
	bool prove;			/* client_proof has a chain, which costs a hash of every record */
	uint64_t proof_at;		/* keep the proof of the first so many records; 0: of all */
	/* Told when the session is followed no more, and when all that was missed is here; may be NULL.
	 * Called from within client_work. */
	void (*cut)(void *ctx, const char *why);
	void (*whole)(void *ctx, const struct link_outage *outage);
	void *ctx;
};

struct client;

/* Opens the cache and folds what it holds, or a part of it when that takes long: client_work goes on
 * with it. Does not connect. */
enum err client_open(struct client **out, const struct client_options *options, struct error *e);
void client_close(struct client *c);

/* Starts the network; the token may still be on its way. */
enum err client_connect(struct client *c, struct error *e);

int client_fd(const struct client *c);		/* -1 before client_connect */
int64_t client_deadline(const struct client *c);	/* clock_mono */
/* True when something changed that may be seen. An error of the cache is final: nothing was lost,
 * but nothing more can be kept. */
enum err client_work(struct client *c, bool *changed, struct error *e);

/* The last client_work took all that had arrived. */
bool client_drained(const struct client *c);

/* Tries at once, with secrets that are fetched anew. */
void client_reconnect(struct client *c);
/* The server did not let weir in, and other secrets are on their way. */
bool client_renewing(const struct client *c);
/* The connection in words. */
void client_words(const struct client *c, struct buf *out);
/* What to do while the state is LINK_NEEDS_TOKEN, one sentence. */
void client_advice(const struct client *c, struct buf *out);

struct session *client_session(struct client *c);
struct link *client_link(struct client *c);
/* Those who hear the events of the session, the session itself among them. */
struct router *client_router(struct client *c);
const struct dialect *client_dialect(const struct client *c);
const char *client_name(const struct client *c);	/* the address as shown */
/* Milliseconds since 1970 of the last record that says more than who is here, 0 for none. */
int64_t client_last_record(const struct client *c);
/* How many such records there are. */
uint64_t client_news(const struct client *c);
struct cached_proof client_proof(const struct client *c);
/* Tokens a second over the last seconds, -1 when nothing streams. */
double client_rate(const struct client *c);
/* Ms from the last input to the first word of its answer, -1 unknown. */
int64_t client_first_word(const struct client *c);
size_t client_unsent(const struct client *c);

/* Shown at once, durable when it returns ERR_OK. */
enum err client_input(struct client *c, struct str text, struct error *e);
enum err client_answer(struct client *c, struct str ask, enum ask_answer answer, struct str text,
    struct error *e);
/*
 * What is done at once and not kept: ACT_STOP, ACT_COMMAND (a slash command's name, its arguments),
 * ACT_SHELL, ACT_RENAME, ACT_NEW (a title), ACT_FORK, ACT_DELETE; and ACT_AGENTS, ACT_MODELS,
 * ACT_COMMANDS, for client_offered. Only what is in the `acts` of client_dialect. A failure becomes a
 * note.
 */
enum err client_do(struct client *c, enum act_kind kind, struct str name, struct str text,
    struct error *e);
/* Where the person's cursor is, for the others to see: x is 1 while something is written, else 0, y the
 * item that is read. See client_options.announce. */
void client_move(struct client *c, int64_t x, int64_t y);
/* Who answers from now on; empty: as the server has it. A model is PROVIDER/MODEL. */
void client_choose(struct client *c, struct str agent, struct str model);
struct str client_agent(const struct client *c);
struct str client_model(const struct client *c);
/* What client_choose was given: of ACT_AGENTS an agent, of ACT_MODELS a model. */
struct str client_chosen(const struct client *c, enum act_kind kind);
/* Once for each answer: what there is to choose from; nothing when the server could not tell. */
bool client_offered(struct client *c, enum act_kind *kind, const struct offer_sink *sink);
/* The id of the session the last ACT_NEW or ACT_FORK made, once, and its path on the server. */
bool client_made(struct client *c, struct buf *id, struct buf *target);
/* The path of a session on the server; false: there is no id, or nobody can tell. */
bool client_place(const struct client *c, struct str id, struct buf *target);
enum err client_stop_agent(struct client *c, struct error *e);
/* Text of an input the server refused, to go back to the composer; false when there is none. */
bool client_rejected(struct client *c, struct buf *text);

#endif
