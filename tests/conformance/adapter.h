/*
 * The parts of durable-adapter. A suite from outside gives it one command at a time, a JSON object a
 * line, and judges what it answers: so weir's own parts do the work (http, the link, the producer,
 * back-off), and what is here only says in the suite's words what they did.
 */
#ifndef TESTS_ADAPTER_H
#define TESTS_ADAPTER_H

#include "base/map.h"
#include "model/link.h"
#include "model/producer.h"
#include "wire/json.h"

/* In vain, in a row, until a command has failed; first and longest pause between them, in ms. */
enum { ADAPTER_TRIES = 6, ADAPTER_FIRST = 100, ADAPTER_MAX = 2000 };

/* A header or parameter whose value is made anew for each command. */
struct dynamic {
	char *name, *initial;
	enum { DYNAMIC_COUNTER, DYNAMIC_TIMESTAMP, DYNAMIC_TOKEN } kind;
	bool param;
	int64_t count;
	struct buf value;
};

struct adapter {
	struct http *http;
	struct buf server;		/* URL */
	struct map types;		/* path to content type */
	struct map writers;		/* idempotent producers */
	struct dynamic *dynamics;
	size_t ndynamics, cap_dynamics;
	bool ended;
};

struct command {
	struct str json;
	struct buf type, path;
};

/* Members of the answer go into `json`, unless something went wrong: then `code` says what. */
struct reply {
	struct json_writer json;
	const char *code;
	int status;
	struct buf message;
};

/* ---- adapter.c: commands, replies, waiting */

void reply_error(struct reply *r, const char *code, int status, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* `headers` are those of the answer, they may tell one 409 from another. */
void reply_status(struct reply *r, const struct command *c, int status, struct str headers);
void reply_offset(struct reply *r, const char *key, struct str offset);

bool command_bool(const struct command *c, const char *key);
int64_t command_i64(const struct command *c, const char *key, int64_t otherwise);
/* A member's text, made from base64 when the command says "binary"; false when there is none. */
bool command_data(const struct command *c, struct buf *out);

void adapter_url(const struct adapter *a, const struct command *c, struct buf *out);
/* Waits for the network, at most until this time of clock_mono. */
void adapter_wait(struct adapter *a, int64_t until);
/* Of this path; asks the server when it is not known yet. */
const char *adapter_type(struct adapter *a, const struct command *c);
void adapter_set_type(struct adapter *a, struct str path, struct str type);

/* New values for this command; puts them on a request; says what they were. */
void dynamic_step(struct adapter *a);
void dynamic_put(const struct adapter *a, struct http_request *r);
void dynamic_report(const struct adapter *a, struct reply *r);
void dynamic_set(struct adapter *a, const struct command *c, bool param);
void dynamic_clear(struct adapter *a);
/* The command's own "headers". */
void command_headers(const struct command *c, struct http_request *r);

/* ---- adapter_call.c: one request and its answer */

struct call {
	struct http_request request;
	int status;		/* 0: none came */
	struct buf headers, body;
	enum http_end end;
};

void call_init(struct call *call, const struct adapter *a, const struct command *c,
    const char *method);
void call_done(struct call *call);
/* Again and again until there is an answer that lasts. */
void call_send(struct adapter *a, struct call *call);
/* The same; false when the answer is not 2xx, which is then in the reply. */
bool call_run(struct adapter *a, struct call *call, const struct command *c, struct reply *r);
void call_body(struct call *call, const char *type, struct str data);

void do_create(struct adapter *a, const struct command *c, struct reply *r);
void do_connect(struct adapter *a, const struct command *c, struct reply *r);
void do_head(struct adapter *a, const struct command *c, struct reply *r);
void do_delete(struct adapter *a, const struct command *c, struct reply *r);
void do_append(struct adapter *a, const struct command *c, struct reply *r);
void do_close(struct adapter *a, const struct command *c, struct reply *r);

/* ---- adapter_read.c */

void do_read(struct adapter *a, const struct command *c, struct reply *r);

/* What one reads, without a command: to the end of what is there, or with `live` until something
 * has come. `ready` (may be NULL) is called when all that was there before is read. */
struct reading {
	struct str url;
	struct str offset;
	bool live, polls;
	void (*ready)(void *ctx);
	void *ctx;
	uint64_t records, bytes;
};
bool reading_run(struct adapter *a, struct reading *what, struct error *e);

/* ---- adapter_write.c: idempotent producers */

void do_idempotent_append(struct adapter *a, const struct command *c, struct reply *r);
void do_idempotent_batch(struct adapter *a, const struct command *c, struct reply *r);
void do_idempotent_close(struct adapter *a, const struct command *c, struct reply *r);
void do_idempotent_detach(struct adapter *a, const struct command *c, struct reply *r);
void writers_drop(struct adapter *a);
/* `count` items of `size` bytes through a producer that has many batches under way. */
bool writer_flood(struct adapter *a, const struct command *c, struct str item, int64_t count,
    struct error *e);

/* ---- adapter_bench.c */

void do_benchmark(struct adapter *a, const struct command *c, struct reply *r);

#endif
