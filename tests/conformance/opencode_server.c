#include "tests/conformance/opencode_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "wire/json.h"

enum { PATH = 256, PROVIDER = -10, RELAY = 1 };	/* the last: ports beside the server's */

struct opencode_server {
	const char *dir;
	int port;
	struct peer *own;
	struct buf answer;
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "opencode: %s: %s\n", what, strerror(errno));
	abort();
}

/* ---- bringing it up */

static bool
is_free(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	bool is;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	is = bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
	close(fd);
	return is;
}

static int
find_port(void)
{
	int port = 21000 + getpid() % 8000;

	while (!is_free(port + PROVIDER) || !is_free(port) || !is_free(port + RELAY))
		port++;
	return port;
}

static void
run_tool(const struct opencode_server *o, const char *what)
{
	char port[16];
	int status;
	pid_t pid;

	snprintf(port, sizeof port, "%d", o->port);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		execl(getenv("OPENCODE_TOOL"), "real-opencode", what, o->dir, port, (char *)NULL);
		_exit(127);
	}
	must(waitpid(pid, &status, 0) == pid && status == 0, what);
}

static void
make_directory(const char *path)
{
	must(mkdir(path, 0700) == 0 || errno == EEXIST, path);
}

/* What the project says beside the provider of the tool. */
static void
configure(const struct opencode_server *o)
{
	char path[PATH];
	FILE *f;

	snprintf(path, sizeof path, "%s/proj", o->dir);
	make_directory(path);
	snprintf(path, sizeof path, "%s/proj/.opencode", o->dir);
	make_directory(path);
	snprintf(path, sizeof path, "%s/proj/.opencode/opencode.json", o->dir);
	f = fopen(path, "we");
	must(f != NULL, path);
	fprintf(f, "{\"enabled_providers\":[\"lab\",\"own\"],\"provider\":{\"own\":{\"npm\":"
	    "\"@ai-sdk/openai-compatible\",\"name\":\"Own\",\"options\":{\"baseURL\":\"%s/v1\","
	    "\"apiKey\":\"none\"},\"models\":{\"m-1\":{\"name\":\"Model One\",\"tool_call\":true},"
	    "\"m-2\":{\"name\":\"Model Two\",\"tool_call\":true}}}}}\n", peer_url(o->own));
	must(fclose(f) == 0, path);
}

struct opencode_server *
opencode_start(void)
{
	struct opencode_server *o = mem_zalloc(sizeof *o);

	o->dir = getenv("OPENCODE_DIR");
	must(o->dir != NULL && getenv("OPENCODE_TOOL") != NULL, "what it is tested with");
	o->own = peer_new(NULL);
	configure(o);
	o->port = find_port();
	run_tool(o, "up");
	return o;
}

void
opencode_end(struct opencode_server *o)
{
	run_tool(o, "down");
	peer_free(o->own);
	buf_done(&o->answer);
	free(o);
}

static pid_t
pid_of(const struct opencode_server *o, const char *name)
{
	char path[PATH];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/run/%s.pid", o->dir, name);
	f = fopen(path, "re");
	must(f != NULL && fscanf(f, "%d", &pid) == 1 && pid > 1, path);
	fclose(f);
	return pid;
}

pid_t
opencode_pid(const struct opencode_server *o)
{
	return pid_of(o, "serve");
}

void
opencode_kill(struct opencode_server *o)
{
	must(kill(opencode_pid(o), SIGKILL) == 0, "kill the server");
}

void
opencode_again(struct opencode_server *o)
{
	run_tool(o, "down");
	run_tool(o, "up");
}

void
opencode_cut(struct opencode_server *o)
{
	must(kill(pid_of(o, "proxy"), SIGUSR1) == 0, "cut the relay");
}

void
opencode_mend(struct opencode_server *o)
{
	must(kill(pid_of(o, "proxy"), SIGUSR2) == 0, "mend the relay");
}

/* ---- asking it */

static struct str
ask(struct opencode_server *o, const char *method, const char *path, struct str body)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)o->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct buf text = { 0 };

	buf_printf(&text, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n", method, path,
	    o->port);
	if (body.n > 0)
		buf_printf(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
	buf_printf(&text, "\r\n%.*s", STR_ARG(body));
	must(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
	must(write(fd, text.p, text.n) == (ssize_t)text.n, "ask");
	buf_clear(&o->answer);
	must(buf_read_fd(&o->answer, fd, 64 << 20), "read the answer");
	must(str_starts(buf_view(&o->answer), STR("HTTP/1.1 20")), buf_cstr(&o->answer));
	close(fd);
	buf_done(&text);
	return buf_view(&o->answer);
}

struct str
opencode_get(struct opencode_server *o, const char *path)
{
	return ask(o, "GET", path, STR_NONE);
}

void
opencode_session(struct opencode_server *o, const char *title, char id[OPENCODE_ID])
{
	struct buf body = { 0 };
	struct json_writer w = { .out = &body };
	struct str answer;
	size_t at;

	jw_object(&w);
	jw_pair(&w, "title", str_from(title));
	jw_end_object(&w);
	answer = ask(o, "POST", "/session", buf_view(&body));
	buf_done(&body);
	at = str_find(answer, STR("\"ses_"));
	must(at < answer.n, "make a session");
	answer = str_skip(answer, at + 1);
	snprintf(id, OPENCODE_ID, "%.*s", (int)str_find_byte(answer, '"'), answer.p);
}

static const char *
url(int port, const char *session)
{
	static char text[PATH];

	snprintf(text, sizeof text, "http://127.0.0.1:%d%s%s", port, session != NULL ? "/session/" : "",
	    session != NULL ? session : "");
	return text;
}

const char *
opencode_url(const struct opencode_server *o, const char *session)
{
	return url(o->port, session);
}

const char *
opencode_relayed_url(const struct opencode_server *o, const char *session)
{
	return url(o->port + RELAY, session);
}

void
opencode_terminal(struct opencode_server *o, const char *title, const char *script)
{
	struct buf body = { 0 };
	struct json_writer w = { .out = &body };

	jw_object(&w);
	jw_pair(&w, "title", str_from(title));
	jw_pair(&w, "command", STR("bash"));
	jw_key(&w, "args");
	jw_array(&w);
	jw_string(&w, STR("-c"));
	jw_string(&w, str_from(script));
	jw_end_array(&w);
	jw_end_object(&w);
	ask(o, "POST", "/pty", buf_view(&body));
	buf_done(&body);
}

void
opencode_prompt(struct opencode_server *o, const char *session, const char *text)
{
	struct buf body = { 0 };
	struct json_writer w = { .out = &body };
	char path[PATH];

	jw_object(&w);
	jw_key(&w, "model");
	jw_raw(&w, STR("{\"providerID\":\"lab\",\"modelID\":\"fake-1\"}"));
	jw_key(&w, "parts");
	jw_array(&w);
	jw_object(&w);
	jw_pair(&w, "type", STR("text"));
	jw_pair(&w, "text", str_from(text));
	jw_end_object(&w);
	jw_end_array(&w);
	jw_end_object(&w);
	snprintf(path, sizeof path, "/session/%s/prompt_async", session);
	ask(o, "POST", path, buf_view(&body));
	buf_done(&body);
}

/* ---- the model of one's own */

struct peer *
opencode_own(struct opencode_server *o)
{
	return o->own;
}

/* One answer, as a stream of three events. */
static void
stream_of(struct str delta, const char *finish, struct buf *out)
{
	static const char begin[] = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
	    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":";

	buf_printf(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
	    "%s%.*s,\"finish_reason\":null}]}\n\n%s{},\"finish_reason\":\"%s\"}]}\n\ndata: [DONE]\n\n",
	    begin, STR_ARG(delta), begin, finish);
}

static void
words_of(const char *words, struct buf *out)
{
	struct buf delta = { 0 };
	struct json_writer w = { .out = &delta };

	jw_object(&w);
	jw_pair(&w, "role", STR("assistant"));
	jw_pair(&w, "content", str_from(words));
	jw_end_object(&w);
	stream_of(buf_view(&delta), "stop", out);
	buf_done(&delta);
}

static void
will(struct opencode_server *o, struct buf *answer, unsigned times)
{
	peer_canned(o->own, "POST /v1/chat/completions", buf_view(answer), PEER_FIN, times);
	buf_done(answer);
}

void
opencode_will_say(struct opencode_server *o, const char *words)
{
	struct buf answer = { 0 };

	words_of(words, &answer);
	will(o, &answer, 1);
}

void
opencode_says(struct opencode_server *o, size_t request, const char *words)
{
	struct buf answer = { 0 };

	words_of(words, &answer);
	peer_write(o->own, request, buf_view(&answer), PEER_FIN);
	buf_done(&answer);
}

void
opencode_will_fail(struct opencode_server *o, int status, const char *message)
{
	struct buf answer = { 0 }, body = { 0 };
	struct json_writer w = { .out = &body };

	jw_object(&w);
	jw_key(&w, "error");
	jw_object(&w);
	jw_pair(&w, "message", str_from(message));
	jw_pair(&w, "type", STR("bad"));
	jw_pair(&w, "code", STR("bad"));
	jw_end_object(&w);
	jw_end_object(&w);
	buf_printf(&answer, "HTTP/1.1 %d No\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s", status, body.n, buf_cstr(&body));
	buf_done(&body);
	will(o, &answer, 0);
}

void
opencode_will_call(struct opencode_server *o, const char *tool, const char *input)
{
	struct buf delta = { 0 }, answer = { 0 };
	struct json_writer w = { .out = &delta };

	buf_printf(&delta, "{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0,\"id\":\"call_%lld\","
	    "\"type\":\"function\",\"function\":{\"name\":\"%s\",\"arguments\":",
	    (long long)clock_mono_ns(), tool);
	jw_string(&w, str_from(input));
	buf_str(&delta, STR("}}]}"));
	stream_of(buf_view(&delta), "tool_calls", &answer);
	buf_done(&delta);
	will(o, &answer, 1);
}
