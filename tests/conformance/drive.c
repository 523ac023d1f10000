#include "tests/conformance/drive.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/follow.h"
#include "wire/http.h"
#include "wire/json.h"

/* ---- the adapter */

static void
spawn(struct drive *d)
{
	const char *build = getenv("top_builddir");
	pid_t parent = getpid();
	char program[4096];
	int in[2], out[2];

	snprintf(program, sizeof program, "%s/tests/conformance/durable-adapter",
	    build != NULL ? build : ".");
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	d->pid = fork();
	assert_true(d->pid >= 0);
	if (d->pid == 0) {
		follow_parent(parent);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	d->in = fdopen(in[1], "w");
	d->out = fdopen(out[0], "r");
}

void
drive_give(struct drive *d, const char *type, const char *members)
{
	fprintf(d->in, "{\"type\":\"%s\",\"path\":\"%s\"%s", type, d->path, *members ? "," : "");
	for (const char *p = members; *p != '\0'; p++)
		fputc(*p == '\'' ? '"' : *p, d->in);
	fprintf(d->in, "}\n");
	fflush(d->in);
}

void
drive_take(struct drive *d)
{
	ssize_t n = getline(&d->line, &d->cap, d->out);

	assert_true(n > 0);
	d->answer = str_trim(str_of(d->line, (size_t)n));
}

void
drive_ask(struct drive *d, const char *type, const char *members)
{
	drive_give(d, type, members);
	drive_take(d);
}

void
drive_has(struct drive *d, const char *key, const char *want)
{
	struct str got = STR_NONE;
	struct buf json = { 0 };

	for (const char *p = want; *p != '\0'; p++)
		buf_byte(&json, *p == '\'' ? '"' : *p);
	json_get(d->answer, key, &got);
	if (!str_eq(got, buf_view(&json)))
		fail_msg("%s is %.*s, not %s: %.*s", key, STR_ARG(got), want, STR_ARG(d->answer));
	buf_done(&json);
}

void
drive_says(struct drive *d, const char *key, const char *words)
{
	struct buf got = { 0 };

	if (!json_get_text(d->answer, key, &got) ||
	    str_find(buf_view(&got), str_from(words)) == got.n)
		fail_msg("%s does not say \"%s\": %.*s", key, words, STR_ARG(d->answer));
	buf_done(&got);
}

/* The data of all chunks; how many they are. */
static size_t
chunks(struct drive *d, struct buf *data)
{
	struct str all, chunk;
	struct json j;
	size_t n = 0;

	drive_has(d, "success", "true");
	assert_true(json_get(d->answer, "chunks", &all));
	json_init(&j, all);
	json_array(&j);
	while (json_element(&j) && json_value(&j, &chunk)) {
		assert_true(json_get_text(chunk, "data", data));
		n++;
	}
	assert_true(json_end(&j));
	return n;
}

void
drive_has_data(struct drive *d, const char *want)
{
	struct buf data = { 0 };

	chunks(d, &data);
	assert_str(buf_view(&data), str_from(want));
	buf_done(&data);
}

void
drive_fails(struct drive *d, const char *code, const char *status)
{
	struct buf quoted = { 0 };

	drive_has(d, "success", "false");
	buf_printf(&quoted, "'%s'", code);
	drive_has(d, "errorCode", buf_cstr(&quoted));
	drive_has(d, "status", status);
	drive_says(d, "message", d->path);
	buf_done(&quoted);
}

/* ", 'offset':'…'" of the last answer, behind other members. */
const char *
drive_at_offset(struct drive *d, char out[256], const char *members)
{
	struct buf offset = { 0 };

	assert_true(json_get_text(d->answer, "offset", &offset));
	snprintf(out, 256, "'offset':'%s'%s%s", buf_cstr(&offset), *members ? "," : "", members);
	buf_done(&offset);
	return out;
}

/* ---- the server */

static int
post(struct drive *d, const char *url, const char *type, const char *body, bool closes)
{
	struct http_request r;
	struct http_message m;
	uint64_t id;

	http_request_init(&r, "POST", str_from(url));
	http_request_body(&r, type, str_from(body));
	if (closes)
		http_request_header(&r, "Stream-Closed", STR("true"));
	id = http_send(d->http, &r);
	http_request_done(&r);
	for (;;) {
		while (!http_next(d->http, &m))
			usleep(1000);
		if (m.request == id && m.kind == HTTP_END)
			return m.status;
	}
}

/* What another appends meanwhile. */
void
drive_others(struct drive *d, const char *type, const char *body, bool closes)
{
	struct buf url = { 0 };

	buf_printf(&url, "%s%s", buf_cstr(&d->server), d->path);
	assert_int_equal(post(d, buf_cstr(&url), type, body, closes), 204);
	buf_done(&url);
}

/* The reference server does wrong with the stream of the test; `what` is JSON with ' for ". */
void
drive_inject(struct drive *d, const char *what)
{
	struct buf url = { 0 }, body = { 0 };

	buf_printf(&url, "%s/_test/inject-error", buf_cstr(&d->server));
	buf_printf(&body, "{\"path\":\"%s\",", d->path);
	for (const char *p = what; *p != '\0'; p++)
		buf_byte(&body, *p == '\'' ? '"' : *p);
	buf_byte(&body, '}');
	assert_int_equal(post(d, buf_cstr(&url), "application/json", buf_cstr(&body), false),
	    200);
	buf_done(&url);
	buf_done(&body);
}

static void
our_server(struct drive *d)
{
	static const char *const options[] = { "--long-poll-timeout", "0.5", NULL };

	serving_start(&d->serving, options);
	d->proxy = proxy_open(NULL, buf_cstr(&d->serving.socket));
	buf_printf(&d->server, "http://127.0.0.1:%d/v1/stream", proxy_port(d->proxy));
}

int
drive_open(void **state)
{
	struct drive *d = calloc(1, sizeof *d);
	const char *reference = getenv("DURABLE_URL");
	char members[256];

	if (reference != NULL && *reference != '\0')
		buf_str(&d->server, str_from(reference));
	else
		our_server(d);
	d->http = http_new(NULL);
	assert_non_null(d->http);
	spawn(d);
	snprintf(members, sizeof members, "'serverUrl':'%s','timeoutMs':30000", buf_cstr(&d->server));
	drive_ask(d, "init", members);
	drive_has(d, "success", "true");
	drive_has(d, "clientName", "'weir'");
	*state = d;
	return 0;
}

int
drive_close(void **state)
{
	struct drive *d = *state;
	int status;

	drive_ask(d, "shutdown", "");
	drive_has(d, "type", "'shutdown'");
	assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
	assert_int_equal(status, 0);
	fclose(d->in);
	fclose(d->out);
	free(d->line);
	http_free(d->http);
	if (d->proxy != NULL) {
		proxy_close(d->proxy);
		serving_end(&d->serving);
	}
	buf_done(&d->server);
	free(d);
	return 0;
}

/* A stream of its own for each test. */
struct drive *
drive_fresh(void **state, const char *type)
{
	static int counter;
	struct drive *d = *state;
	char members[64];

	snprintf(d->path, sizeof d->path, "/t%d-%d", (int)getpid(), ++counter);
	snprintf(members, sizeof members, "'contentType':'%s'", type);
	drive_ask(d, "create", members);
	drive_has(d, "status", "201");
	return d;
}

void
drive_append(struct drive *d, const char *data)
{
	char members[256];

	snprintf(members, sizeof members, "'data':'%s'", data);
	drive_ask(d, "append", members);
	drive_has(d, "success", "true");
	drive_has(d, "status", "200");
}
