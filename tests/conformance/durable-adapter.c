/*
 * durable-adapter: reads commands of the Durable Streams client suite on stdin, one a line, and
 * writes one result a line on stdout.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/conformance/adapter.h"

static void
do_init(struct adapter *a, const struct command *c, struct reply *r)
{
	static const char *const features[] = { "batching", "sse", "longPoll", "auto", "streaming",
		"dynamicHeaders", "retryOptions", "batchItems", "strictZeroValidation" };
	struct json_writer *w = &r->json;

	buf_clear(&a->server);
	if (!json_get_text(c->json, "serverUrl", &a->server)) {
		reply_error(r, "INVALID_ARGUMENT", 0, "init without a serverUrl");
		return;
	}
	writers_drop(a);
	map_done(&a->types, free);
	map_init(&a->types);
	dynamic_clear(a);
	jw_pair(w, "clientName", STR("weir"));
	jw_pair(w, "clientVersion", STR(PACKAGE_VERSION));
	jw_key(w, "features");
	jw_object(w);
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		jw_key(w, features[i]);
		jw_bool(w, true);
	}
	jw_end_object(w);
}

static void
do_set_header(struct adapter *a, const struct command *c, struct reply *r)
{
	(void)r;
	dynamic_set(a, c, false);
}

static void
do_set_param(struct adapter *a, const struct command *c, struct reply *r)
{
	(void)r;
	dynamic_set(a, c, true);
}

static void
do_clear(struct adapter *a, const struct command *c, struct reply *r)
{
	(void)c, (void)r;
	dynamic_clear(a);
}

static bool
number_of(struct str object, const char *key, double *out)
{
	struct str raw;
	struct json j;

	if (!json_get(object, key, &raw))
		return false;
	json_init(&j, raw);
	return json_double(&j, out);
}

/* A number of the object that is too small; names it. */
static bool
below(struct str object, const char *key, double least, struct reply *r)
{
	double v;

	if (!number_of(object, key, &v) || v >= least)
		return false;
	reply_error(r, "INVALID_ARGUMENT", 0, "%s: %g is too small", key, v);
	return true;
}

/* The rules of producer_options, link_options and what this program gives them. */
static void
do_validate(struct adapter *a, const struct command *c, struct reply *r)
{
	struct str target;
	struct buf name = { 0 };
	double first = ADAPTER_FIRST;

	(void)a;
	if (!json_get(c->json, "target", &target) || !json_get_text(target, "target", &name)) {
		reply_error(r, "INVALID_ARGUMENT", 0, "validate without a target");
	} else if (str_eq(buf_view(&name), STR("retry-options"))) {
		number_of(target, "initialDelayMs", &first);
		if (!below(target, "maxRetries", 0, r) && !below(target, "initialDelayMs", 1, r) &&
		    !below(target, "maxDelayMs", first, r))
			below(target, "multiplier", 1, r);
	} else if (str_eq(buf_view(&name), STR("idempotent-producer"))) {
		if (!below(target, "epoch", 0, r) && !below(target, "maxBatchBytes", 1, r))
			below(target, "maxBatchItems", 1, r);
	} else {
		reply_error(r, "NOT_SUPPORTED", 0, "validate %.*s", STR_ARG(buf_view(&name)));
	}
	buf_done(&name);
}

static void
do_shutdown(struct adapter *a, const struct command *c, struct reply *r)
{
	(void)c, (void)r;
	a->ended = true;
}

static const struct {
	const char *name;
	void (*run)(struct adapter *a, const struct command *c, struct reply *r);
} commands[] = {
	{ "init", do_init },
	{ "create", do_create },
	{ "connect", do_connect },
	{ "append", do_append },
	{ "read", do_read },
	{ "head", do_head },
	{ "delete", do_delete },
	{ "close", do_close },
	{ "idempotent-append", do_idempotent_append },
	{ "idempotent-append-batch", do_idempotent_batch },
	{ "idempotent-close", do_idempotent_close },
	{ "idempotent-detach", do_idempotent_detach },
	{ "set-dynamic-header", do_set_header },
	{ "set-dynamic-param", do_set_param },
	{ "clear-dynamic", do_clear },
	{ "validate", do_validate },
	{ "benchmark", do_benchmark },
	{ "shutdown", do_shutdown },
};

static void
run(struct adapter *a, const struct command *c, struct reply *r)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (str_eq(buf_view(&c->type), str_from(commands[i].name))) {
			commands[i].run(a, c, r);
			return;
		}
	}
	reply_error(r, "NOT_SUPPORTED", 0, "there is no command \"%.*s\"",
	    STR_ARG(buf_view(&c->type)));
}

static void
begin(struct json_writer *w, struct str type, bool success)
{
	jw_object(w);
	jw_pair(w, "type", type);
	jw_key(w, "success");
	jw_bool(w, success);
}

/* One line in, one line out. */
static void
answer(struct adapter *a, struct str line, struct buf *out)
{
	struct command c = { .json = line };
	struct reply r = { .json.out = out };

	json_get_text(line, "type", &c.type);
	json_get_text(line, "path", &c.path);
	begin(&r.json, buf_view(&c.type), true);
	run(a, &c, &r);
	if (r.code != NULL) {
		buf_clear(out);
		r.json = (struct json_writer){ .out = out };
		begin(&r.json, STR("error"), false);
		jw_pair(&r.json, "commandType", buf_view(&c.type));
		if (r.status != 0)
			jw_pair_i64(&r.json, "status", r.status);
		jw_pair(&r.json, "errorCode", str_from(r.code));
		jw_pair(&r.json, "message", buf_view(&r.message));
	}
	jw_end_object(&r.json);
	buf_byte(out, '\n');
	buf_done(&r.message);
	buf_done(&c.type);
	buf_done(&c.path);
}

int
main(void)
{
	struct adapter a = { 0 };
	struct buf out = { 0 };
	struct error e;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	a.http = http_new(&e);
	if (a.http == NULL) {
		fprintf(stderr, "durable-adapter: %s\n", e.text);
		return 1;
	}
	map_init(&a.types);
	map_init(&a.writers);
	while (!a.ended && (n = getline(&line, &cap, stdin)) > 0) {
		if (str_trim(str_of(line, (size_t)n)).n == 0)
			continue;
		buf_clear(&out);
		answer(&a, str_of(line, (size_t)n), &out);
		fwrite(out.p, 1, out.n, stdout);
		fflush(stdout);
	}
	free(line);
	buf_done(&out);
	writers_drop(&a);
	map_done(&a.writers, NULL);
	map_done(&a.types, free);
	dynamic_clear(&a);
	free(a.dynamics);
	buf_done(&a.server);
	http_free(a.http);
	return 0;
}
