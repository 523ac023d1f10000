#include "tests/conformance/drive.h"

#include "wire/json.h"

/* Every command of durable-adapter; tests/conformance/drive.h says against what. */

/* ---- commands */

static void
test_life(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	drive_ask(d, "create", "'contentType':'text/plain'");
	drive_has(d, "status", "200");
	drive_ask(d, "create", "'contentType':'application/json'");
	drive_fails(d, "CONFLICT", "409");
	drive_append(d, "hello");
	drive_append(d, " world");
	drive_ask(d, "connect", "");
	drive_has(d, "type", "'connect'");
	drive_has(d, "status", "200");
	drive_ask(d, "head", "");
	drive_has(d, "contentType", "'text/plain'");
	drive_has(d, "streamClosed", "false");
	drive_ask(d, "read", "");
	drive_has_data(d, "hello world");
	drive_has(d, "upToDate", "true");
	drive_has(d, "streamClosed", "false");
	drive_ask(d, "append", "'data':'x','seq':2");
	drive_has(d, "status", "200");
	drive_ask(d, "append", "'data':'x','seq':1");
	drive_fails(d, "SEQUENCE_CONFLICT", "409");
	drive_ask(d, "delete", "");
	drive_has(d, "status", "200");
	drive_ask(d, "head", "");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "append", "'data':'x'");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "delete", "");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "connect", "");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "close", "");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "fly", "");
	drive_has(d, "errorCode", "'NOT_SUPPORTED'");
}

static void
test_create(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	strncat(d->path, "x", 2);
	drive_ask(d, "create", "'contentType':'text/plain','ttlSeconds':60,'closed':true,'data':'all'");
	drive_has(d, "status", "201");
	drive_ask(d, "head", "");
	drive_has(d, "ttlSeconds", "60");
	drive_has(d, "streamClosed", "true");
	drive_ask(d, "read", "");
	drive_has_data(d, "all");
	drive_has(d, "streamClosed", "true");
	strncat(d->path, "x", 2);
	drive_ask(d, "create", "'expiresAt':'2099-01-01T00:00:00Z'");
	drive_has(d, "status", "201");
	drive_ask(d, "head", "");
	drive_says(d, "expiresAt", "2099-01-01");
	drive_says(d, "contentType", "application/octet-stream");
	strncat(d->path, "x", 2);
	drive_ask(d, "create", "'ttlSeconds':60,'expiresAt':'2099-01-01T00:00:00Z'");
	drive_fails(d, "UNEXPECTED_STATUS", "400");
}

static void
test_offsets(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");
	char first[256], second[256];

	drive_append(d, "part1");
	drive_at_offset(d, first, "");
	drive_append(d, "part2");
	drive_at_offset(d, second, "");
	drive_append(d, "part3");
	drive_ask(d, "read", first);
	drive_has_data(d, "part2part3");
	drive_ask(d, "read", second);
	drive_has_data(d, "part3");
	drive_ask(d, "read", "'offset':'-1'");
	drive_has_data(d, "part1part2part3");
	drive_ask(d, "read", "'offset':'now'");
	drive_has(d, "chunks", "[]");
	drive_has(d, "upToDate", "true");
	drive_at_offset(d, first, "");
	drive_append(d, "more");
	drive_ask(d, "read", first);
	drive_has_data(d, "more");
	drive_ask(d, "read", "'offset':'not,an offset'");
	drive_fails(d, "INVALID_OFFSET", "400");
	strncat(d->path, "x", 2);
	drive_ask(d, "read", "");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "read", "'live':'long-poll','timeoutMs':1000");
	drive_fails(d, "NOT_FOUND", "404");
	drive_ask(d, "read", "'live':'sse','timeoutMs':1000");
	drive_fails(d, "NOT_FOUND", "404");
}

/* What comes while a reader waits, in each way of waiting. */
static void
live(void **state, const char *mode)
{
	struct drive *d = drive_fresh(state, "text/plain");
	char members[512], at[256];

	drive_append(d, "old");
	drive_at_offset(d, at, "");
	snprintf(members, sizeof members, "%s,'live':%s,'timeoutMs':20000,'maxChunks':1", at, mode);
	drive_give(d, "read", members);
	drive_others(d, "text/plain", "new", false);
	drive_take(d);
	drive_has_data(d, "new");
	snprintf(members, sizeof members, "'live':%s,'timeoutMs':20000,'waitForUpToDate':true", mode);
	drive_ask(d, "read", members);
	drive_has_data(d, "oldnew");
	drive_has(d, "upToDate", "true");
	snprintf(members, sizeof members, "'offset':'now','live':%s,'timeoutMs':300", mode);
	drive_ask(d, "read", members);
	drive_has(d, "chunks", "[]");
	drive_has(d, "upToDate", "true");
	drive_has(d, "streamClosed", "false");
	snprintf(members, sizeof members, "%s,'live':%s,'timeoutMs':20000", at, mode);
	drive_give(d, "read", members);
	drive_others(d, "text/plain", "end", true);
	drive_take(d);
	drive_has_data(d, "newend");
	drive_has(d, "streamClosed", "true");
}

static void
test_live(void **state)
{
	live(state, "'sse'");
	live(state, "'long-poll'");
	live(state, "true");
}

static void
test_bytes(void **state)
{
	static const char all[] = "AAABm/WLZTs=";
	const char *text;
	struct drive *d = drive_fresh(state, "application/octet-stream");
	char at[256];

	drive_ask(d, "read", "");
	drive_at_offset(d, at, "'live':'sse','maxChunks':1,'timeoutMs':20000");
	drive_ask(d, "append", "'data':'AAABm/WLZTs=','binary':true");
	drive_has(d, "status", "200");
	drive_ask(d, "read", "");
	drive_has_data(d, all);
	assert_true(str_find(d->answer, STR("\"binary\":true")) < d->answer.n);
	drive_ask(d, "read", at);
	drive_has_data(d, all);
	drive_give(d, "read", drive_at_offset(d, at, "'live':'sse','maxChunks':1,'timeoutMs':20000"));
	drive_others(d, "application/octet-stream", "\377\376", false);
	drive_take(d);
	drive_has_data(d, "//4=");

	/* Line ends of other worlds are none; the reference server loses a first blank. */
	text = d->proxy != NULL ? "  a\302\205b\342\200\250c\342\200\251 d  " :
	    "a\302\205b\342\200\250c\342\200\251 d  ";
	d = drive_fresh(state, "text/plain");
	drive_give(d, "read", "'live':'sse','maxChunks':1,'timeoutMs':20000");
	drive_others(d, "text/plain", text, false);
	drive_take(d);
	drive_has_data(d, text);
}

static void
test_json(void **state)
{
	struct drive *d = drive_fresh(state, "application/json");

	drive_append(d, "[1,2]");
	drive_ask(d, "append", "'data':'{\\'a\\':1}'");
	drive_ask(d, "idempotent-append-batch", "'producerId':'p','epoch':0,'autoClaim':false,"
	    "'items':['1','null','[3]']");
	drive_has(d, "status", "200");
	drive_has(d, "producerSeq", "0");
	drive_ask(d, "read", "");
	drive_has_data(d, "[[1,2],{\"a\":1},1,null,[3]]");
	drive_ask(d, "append", "'data':'no json'");
	drive_fails(d, "UNEXPECTED_STATUS", "400");
	drive_ask(d, "read", "'live':'sse','waitForUpToDate':true");
	drive_has_data(d, "[[1,2],{\"a\":1},1,null,[3]]");
}

static void
test_closing(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	drive_append(d, "some ");
	drive_ask(d, "close", "'data':'end'");
	drive_has(d, "status", "200");
	assert_true(str_find(d->answer, STR("finalOffset")) < d->answer.n);
	drive_ask(d, "close", "");
	drive_has(d, "status", "200");
	drive_ask(d, "append", "'data':'x'");
	drive_fails(d, "STREAM_CLOSED", "409");
	drive_ask(d, "read", "");
	drive_has_data(d, "some end");
	drive_has(d, "streamClosed", "true");
	drive_ask(d, "read", "'live':'long-poll','offset':'now','timeoutMs':20000");
	drive_has(d, "chunks", "[]");
	drive_has(d, "streamClosed", "true");
}

#define PRODUCER "'producerId':'p','epoch':0,'autoClaim':false"

static void
test_producer(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");
	struct buf want = { 0 }, items = { 0 };

	drive_ask(d, "idempotent-append", PRODUCER ",'data':'0;'");
	drive_has(d, "status", "200");
	drive_has(d, "duplicate", "false");
	drive_has(d, "producerSeq", "0");
	buf_str(&want, STR("0;"));
	buf_str(&items, STR(PRODUCER ",'maxInFlight':5,'items':["));
	for (int i = 1; i <= 40; i++) {
		buf_printf(&want, "%d;", i);
		buf_printf(&items, "%s'%d;'", i > 1 ? "," : "", i);
	}
	buf_byte(&items, ']');
	drive_ask(d, "idempotent-append-batch", buf_cstr(&items));
	drive_has(d, "status", "200");
	drive_ask(d, "read", "");
	drive_has_data(d, buf_cstr(&want));
	/* The same again by hand is recognised. */
	drive_ask(d, "append", "'data':'0;','producerId':'p','producerEpoch':0,'producerSeq':0");
	drive_has(d, "status", "204");
	drive_has(d, "duplicate", "true");
	drive_ask(d, "idempotent-close", PRODUCER ",'data':'end'");
	drive_has(d, "status", "200");
	drive_ask(d, "idempotent-close", PRODUCER ",'data':'end'");
	drive_has(d, "status", "200");
	drive_ask(d, "idempotent-close", "'producerId':'q','epoch':0,'autoClaim':false");
	drive_has(d, "errorCode", "'STREAM_CLOSED'");
	drive_has(d, "status", "409");
	buf_str(&want, STR("end"));
	drive_ask(d, "read", "");
	drive_has_data(d, buf_cstr(&want));
	drive_has(d, "streamClosed", "true");
	buf_done(&want);
	buf_done(&items);
}

static void
test_claiming(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	drive_ask(d, "append", "'data':'a','producerId':'p','producerEpoch':5,'producerSeq':0");
	drive_has(d, "status", "200");
	drive_has(d, "producerEpoch", "5");
	drive_ask(d, "idempotent-append", PRODUCER ",'data':'x'");
	drive_has(d, "success", "false");
	drive_has(d, "status", "403");
	drive_ask(d, "idempotent-append", "'producerId':'p','epoch':0,'autoClaim':true,'data':'b'");
	drive_has(d, "status", "200");
	drive_ask(d, "idempotent-append-batch",
	    "'producerId':'p','epoch':1,'autoClaim':true,'maxInFlight':5,'items':['c','d','e','f']");
	drive_has(d, "status", "200");
	drive_ask(d, "idempotent-detach", "'producerId':'p','epoch':1");
	drive_has(d, "status", "200");
	/* Another used this very name and epoch. */
	drive_ask(d, "append", "'data':'g','producerId':'r','producerEpoch':0,'producerSeq':0");
	drive_ask(d, "idempotent-append", "'producerId':'r','epoch':0,'autoClaim':true,'data':'h'");
	drive_has(d, "status", "200");
	drive_ask(d, "read", "");
	drive_has_data(d, "abcdefgh");
}

static void
test_dynamic(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	drive_ask(d, "set-dynamic-header", "'name':'X-Count','valueType':'counter'");
	drive_has(d, "success", "true");
	drive_ask(d, "set-dynamic-header", "'name':'X-Token','valueType':'token','initialValue':'t1'");
	drive_ask(d, "set-dynamic-param", "'name':'n','valueType':'counter'");
	drive_append(d, "a");
	drive_has(d, "headersSent", "{'X-Count':'1','X-Token':'t1'}");
	drive_has(d, "paramsSent", "{'n':'1'}");
	drive_ask(d, "read", "");
	drive_has_data(d, "a");
	drive_has(d, "headersSent", "{'X-Count':'2','X-Token':'t1'}");
	drive_has(d, "paramsSent", "{'n':'2'}");
	drive_ask(d, "clear-dynamic", "");
	/* Headers of a command's own, whoever sends. */
	drive_ask(d, "idempotent-append", PRODUCER ",'data':'p','headers':{'Stream-Seq':'5'}");
	drive_has(d, "status", "200");
	drive_ask(d, "append", "'data':'x','headers':{'Stream-Seq':'4'}");
	drive_fails(d, "CONFLICT", "409");
	drive_append(d, "b");
	drive_has(d, "headersSent", "");
	drive_has(d, "paramsSent", "");
}

static void
test_validate(void **state)
{
	static const char *const wrong[][2] = {
		{ "'retry-options','maxRetries':-1", "maxRetries" },
		{ "'retry-options','initialDelayMs':0", "initialDelayMs" },
		{ "'retry-options','initialDelayMs':1000,'maxDelayMs':500", "maxDelayMs" },
		{ "'retry-options','multiplier':0.5", "multiplier" },
		{ "'idempotent-producer','producerId':'p','epoch':-1", "epoch" },
		{ "'idempotent-producer','producerId':'p','maxBatchBytes':0", "maxBatchBytes" },
		{ "'idempotent-producer','producerId':'p','maxBatchItems':-1", "maxBatchItems" },
	};
	static const char *const right[] = {
		"'retry-options','maxRetries':3,'initialDelayMs':100,'maxDelayMs':5000,'multiplier':2.0",
		"'idempotent-producer','producerId':'p','epoch':0,'maxBatchBytes':1048576",
	};
	struct drive *d = *state;
	char members[256];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(members, sizeof members, "'target':{'target':%s}", wrong[i][0]);
		drive_ask(d, "validate", members);
		drive_has(d, "errorCode", "'INVALID_ARGUMENT'");
		drive_says(d, "message", wrong[i][1]);
	}
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		snprintf(members, sizeof members, "'target':{'target':%s}", right[i]);
		drive_ask(d, "validate", members);
		drive_has(d, "success", "true");
	}
}

static void
test_benchmarks(void **state)
{
	static const char *const ops[][3] = {
		{ "append", "'size':100", "100" },
		{ "throughput_append", "'size':100,'count':1000,'concurrency':5", "100000" },
		{ "read", "'offset':'-1'", "100100" },
		{ "throughput_read", "'expectedCount':1001", "100100" },
	};
	struct drive *d = drive_fresh(state, "text/plain");
	char members[256], path[sizeof d->path];
	struct str metrics, bytes;

	memcpy(path, d->path, sizeof path);
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
		snprintf(members, sizeof members, "'iterationId':'i','operation':{'op':'%s','path':'%s',%s}",
		    ops[i][0], path, ops[i][1]);
		drive_ask(d, "benchmark", members);
		drive_has(d, "iterationId", "'i'");
		assert_true(json_get(d->answer, "metrics", &metrics));
		assert_true(json_get(metrics, "bytesTransferred", &bytes));
		/* Text comes in pieces that are records, each behind a mark. */
		assert_true(bytes.n == strlen(ops[i][2]) && memcmp(bytes.p, ops[i][2], bytes.n - 1) == 0);
	}
	for (int i = 0; i < 2; i++) {
		snprintf(members, sizeof members, "'iterationId':'i','operation':{'op':'roundtrip',"
		    "'path':'%s-%d','size':100,'live':'%s'}", path, i, i == 0 ? "sse" : "long-poll");
		drive_ask(d, "benchmark", members);
		drive_has(d, "success", "true");
		drive_says(d, "durationNs", "");
	}
}

/* ---- when things go wrong */

/* The next request of this kind is answered by the end of its connection. */
static void
cut(struct drive *d, const char *method, enum proxy_how how, size_t after)
{
	proxy_cut(d->proxy, PROXY_FIN);
	proxy_fault(d->proxy, &(struct proxy_fault){ method, PROXY_FROM_SERVER, after, how });
}

static void
test_cuts(void **state)
{
	struct drive *d = drive_fresh(state, "text/plain");

	if (d->proxy == NULL)
		skip();
	drive_append(d, "0123456789");
	for (size_t after = 0; after < 300; after += 30) {
		cut(d, "GET ", after % 20 == 0 ? PROXY_FIN : PROXY_RESET, after);
		drive_ask(d, "read", "");
		drive_has_data(d, "0123456789");
	}
	cut(d, "GET ", PROXY_RESET, 0);
	drive_ask(d, "read", "'live':'sse','waitForUpToDate':true,'timeoutMs':20000");
	drive_has_data(d, "0123456789");
	/* What was taken and not answered is recognised, by a producer. */
	for (int i = 0; i < 3; i++) {
		cut(d, "POST ", i % 2 == 0 ? PROXY_FIN : PROXY_RESET, 0);
		drive_ask(d, "idempotent-append", PRODUCER ",'data':'+'");
		drive_has(d, "status", "200");
	}
	drive_ask(d, "read", "");
	drive_has_data(d, "0123456789+++");
	proxy_down(d->proxy, true);
	proxy_cut(d->proxy, PROXY_RESET);
	drive_ask(d, "read", "");
	drive_fails(d, "NETWORK_ERROR", "");
	drive_ask(d, "append", "'data':'x'");
	drive_fails(d, "NETWORK_ERROR", "");
	proxy_down(d->proxy, false);
	drive_ask(d, "read", "");
	drive_has_data(d, "0123456789+++");
}

/* Faults that only the reference server knows how to make. */
static void
test_faults(void **state)
{
	static const char *const passing[] = { "'status':500", "'status':503,'count':2",
		"'status':429,'retryAfter':1", "'delayMs':300,'jitterMs':200",
		"'dropConnection':true,'count':2", "'delayMs':200,'status':503" };
	struct drive *d = drive_fresh(state, "text/plain");
	struct buf want = { 0 };

	if (d->proxy != NULL)
		skip();
	drive_append(d, "data");
	buf_str(&want, STR("data"));
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
		drive_inject(d, passing[i]);
		drive_ask(d, "read", "");
		drive_has_data(d, buf_cstr(&want));
		drive_inject(d, passing[i]);
		drive_ask(d, "read", "'live':'sse','waitForUpToDate':true,'timeoutMs':20000");
		drive_has_data(d, buf_cstr(&want));
		drive_inject(d, passing[i]);
		drive_append(d, "+");
		buf_byte(&want, '+');
	}
	drive_inject(d, "'status':400");
	drive_ask(d, "read", "");
	drive_fails(d, "INVALID_OFFSET", "400");
	drive_inject(d, "'status':500,'count':20");
	drive_ask(d, "read", "");
	drive_fails(d, "UNEXPECTED_STATUS", "500");
	drive_inject(d, "'status':500,'count':20");
	drive_ask(d, "append", "'data':'x'");
	drive_fails(d, "UNEXPECTED_STATUS", "500");
	buf_done(&want);
}

static void
test_broken_answers(void **state)
{
	static const char *const broken[] = { "'corruptBody':true", "'truncateBodyBytes':5" };
	static const char *const controls[] = { "{invalid", "" };
	struct drive *d = drive_fresh(state, "application/json");
	char at[256], members[256];

	if (d->proxy != NULL)
		skip();
	drive_append(d, "[1,2,3,4,5,6,7,8]");
	for (size_t i = 0; i < 2; i++) {
		drive_inject(d, broken[i]);
		drive_ask(d, "read", "");
		drive_fails(d, "PARSE_ERROR", "");
	}
	drive_ask(d, "read", "");
	drive_at_offset(d, at, "'live':'sse','maxChunks':1,'timeoutMs':20000");
	/* The first request, which catches up, knows no such fault. */
	for (size_t i = 0; i < 2; i++) {
		snprintf(members, sizeof members,
		    "'count':2,'injectSseEvent':{'eventType':'control','data':'%s'}", controls[i]);
		drive_inject(d, members);
		drive_ask(d, "read", at);
		drive_fails(d, "PARSE_ERROR", "");
	}
	drive_inject(d, "'count':2,'injectSseEvent':{'eventType':'unknown','data':'x'}");
	drive_give(d, "read", at);
	drive_others(d, "application/json", "9", false);
	drive_take(d);
	drive_has_data(d, "[9]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_closing),
		cmocka_unit_test(test_producer),
		cmocka_unit_test(test_claiming),
		cmocka_unit_test(test_dynamic),
		cmocka_unit_test(test_validate),
		cmocka_unit_test(test_benchmarks),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_broken_answers),
	};

	return cmocka_run_group_tests(tests, drive_open, drive_close);
}
