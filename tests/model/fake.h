/*
 * A link without a network: a small dialect, a server that is a list of records, and the program
 * that keeps what the link gives. Time is set: it moves in fake_run only.
 *
 * The dialect: catch-up and poll bodies are records, a line each; the head says how far they go
 * ("Next: 12 tail"). Event streams have "data" messages of such lines and "control" messages
 * "12 tail". Words behind the number: "tail" for up to date, "closed". With `durable` the same
 * server speaks Durable Streams.
 */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include "model/link.h"

struct fake {
	struct link *l;
	struct store *store;
	struct outbox *outbox;
	struct link_options options;
	const struct dialect *dialect;
	bool durable;			/* that is its own dialect */

	/* The server's log. */
	struct buf *records;
	size_t nrecords;

	/* Requests that are open, and all that were ever made. */
	uint64_t last, reading, sending, acting;
	enum read_mode mode;
	size_t from;
	struct buf asked;		/* "catchup 0", "live 12", "poll 12", "send ID EPOCH/SEQ" */
	unsigned reads, sends, cancels;
	int64_t times[4096];		/* clock_mono of each request */
	size_t ntimes;

	/* What came out. */
	struct buf got;			/* records, a line each */
	struct buf told;		/* what became of inputs, a line each */
	struct position at;
	unsigned resets;
	struct link_outage outage;
	unsigned outages;
	struct buf cuts;		/* why it was followed no more, each with a ';' */
};

extern const struct dialect fake_dialect, fake_dialect_once;

/* `store` NULL: no outbox. The link is not started. */
void fake_init(struct fake *f, const struct dialect *d, struct store *store);
void fake_done(struct fake *f);
/* Another client that has nothing yet, with the same server. */
void fake_anew(struct fake *f);
/* The program ends and begins again from what it stored: position, records, outbox. */
void fake_restart(struct fake *f);
/* The server has JSON strings of about `size` bytes, up to `n` of them. */
void fake_fill(struct fake *f, size_t n, size_t size);

/* Time passes; what is due in it happens. */
void fake_run(struct fake *f, int64_t ms);
/* Takes what was asked since the last time. */
void fake_asked(struct fake *f, const char *want);

/* Parts of an answer, to the request that reads unless said otherwise. */
void fake_head(struct fake *f, int status, const char *next);
void fake_body(struct fake *f, struct str bytes);
void fake_event(struct fake *f, const char *type, const char *data);
void fake_end(struct fake *f, enum http_end end);
void fake_end_after(struct fake *f, enum http_end end, int64_t retry_after);
/* The whole answer to what is sent. */
void fake_answer(struct fake *f, int status, const char *headers, const char *body);
void fake_unanswered(struct fake *f, enum http_end end);

/* What the server has for the request that reads: pages of that many records, bodies in pieces of
 * that many bytes. Each byte of a body and each other message costs one of the budget; false when
 * it did not suffice. */
bool fake_serve(struct fake *f, size_t page, size_t piece, size_t *budget);
/* The client has exactly the server's records. */
void fake_expect_all(const struct fake *f);
void fake_expect_words(const struct fake *f, const char *words);

#endif
