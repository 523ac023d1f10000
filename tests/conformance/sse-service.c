/*
 * sse-service PORT: the HTTP service that SSE contract tests talk to. POST / follows an event
 * stream and says what arrives in POSTs to a callback; POST and DELETE of its Location restart and
 * end it; DELETE / ends the service. Port 0 takes a free one, said on stdout.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/conformance/service_stream.h"
#include "wire/json.h"

static const char capabilities[] = "{\"capabilities\":[\"bom\",\"comments\",\"headers\","
    "\"last-event-id\",\"post\",\"read-timeout\",\"report\",\"restart\","
    "\"server-directed-shutdown-request\"]}";

struct service {
	struct http *http;
	struct MHD_Daemon *daemon;
	struct stream **streams;	/* NULL: ended */
	size_t n, cap;
	bool ended;
};

static enum MHD_Result
answer(struct MHD_Connection *c, unsigned status, const char *location, const char *body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body,
	    MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (location != NULL)
		MHD_add_response_header(r, "Location", location);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
create(struct service *s, struct MHD_Connection *c, struct str json)
{
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host");
	struct stream *stream = stream_new(s->http, json);
	struct buf location = { 0 };
	enum MHD_Result result;

	if (stream == NULL)
		return answer(c, 400, NULL, "no streamUrl\n");
	s->streams = mem_grow(s->streams, s->n, &s->cap, sizeof *s->streams);
	s->streams[s->n++] = stream;
	buf_printf(&location, "http://%s/streams/%zu", host != NULL ? host : "localhost", s->n);
	result = answer(c, 201, buf_cstr(&location), "");
	buf_done(&location);
	return result;
}

/* The place of the stream that the path names, NULL when there is none. */
static struct stream **
place_of(struct service *s, const char *path)
{
	uint64_t id;

	if (!str_starts(str_from(path), STR("/streams/")) ||
	    !str_to_u64(str_skip(str_from(path), 9), &id) || id == 0 || id > s->n)
		return NULL;
	return s->streams[id - 1] != NULL ? &s->streams[id - 1] : NULL;
}

static enum MHD_Result
command(struct service *s, struct MHD_Connection *c, const char *path, struct str json)
{
	struct stream **at = place_of(s, path);
	struct buf what = { 0 };
	bool known;

	if (at == NULL)
		return answer(c, 404, NULL, "no such stream\n");
	json_get_text(json, "command", &what);
	known = str_eq(buf_view(&what), STR("restart"));
	buf_done(&what);
	if (!known)
		return answer(c, 400, NULL, "no such command\n");
	stream_restart(*at);
	return answer(c, 202, NULL, "");
}

static enum MHD_Result
end_stream(struct service *s, struct MHD_Connection *c, const char *path)
{
	struct stream **at = place_of(s, path);

	if (at == NULL)
		return answer(c, 404, NULL, "no such stream\n");
	stream_free(*at);
	*at = NULL;
	return answer(c, 204, NULL, "");
}

static enum MHD_Result
route(struct service *s, struct MHD_Connection *c, const char *path, const char *method,
    struct str body)
{
	bool root = strcmp(path, "/") == 0;

	if (root && strcmp(method, "GET") == 0)
		return answer(c, 200, NULL, capabilities);
	if (strcmp(method, "POST") == 0)
		return root ? create(s, c, body) : command(s, c, path, body);
	if (strcmp(method, "DELETE") != 0)
		return answer(c, 405, NULL, "");
	s->ended |= root;
	return root ? answer(c, 204, NULL, "") : end_stream(s, c, path);
}

/* Called with the head, with each piece of the body, and with nothing left. */
static enum MHD_Result
on_request(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
    const char *version, const char *data, size_t *n, void **memory)
{
	struct buf *body = *memory;

	(void)version;
	if (body == NULL) {
		*memory = mem_zalloc(sizeof(struct buf));
		return MHD_YES;
	}
	if (*n == 0)
		return route(ctx, c, path, method, buf_view(body));
	buf_add(body, data, *n);
	*n = 0;
	return MHD_YES;
}

static void
on_completed(void *ctx, struct MHD_Connection *c, void **memory,
    enum MHD_RequestTerminationCode why)
{
	(void)ctx, (void)c, (void)why;
	if (*memory != NULL)
		buf_done(*memory);
	free(*memory);
}

static int
milliseconds(const struct service *s)
{
	int64_t now = clock_mono(), next = now + 60000;
	MHD_UNSIGNED_LONG_LONG timeout;

	for (size_t i = 0; i < s->n; i++)
		if (s->streams[i] != NULL && stream_deadline(s->streams[i]) < next)
			next = stream_deadline(s->streams[i]);
	if (MHD_get_timeout(s->daemon, &timeout) == MHD_YES && (int64_t)timeout < next - now)
		next = now + (int64_t)timeout;
	return next > now ? (int)(next - now) : 0;
}

static void
turn(struct service *s)
{
	struct pollfd fds[2] = { { .fd = http_fd(s->http), .events = POLLIN }, { .events = POLLIN } };
	struct http_message m;

	fds[1].fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	poll(fds, 2, milliseconds(s));
	while (http_next(s->http, &m))
		for (size_t i = 0; i < s->n; i++)
			if (s->streams[i] != NULL && stream_message(s->streams[i], &m))
				break;
	MHD_run(s->daemon);
	for (size_t i = 0; i < s->n; i++)
		if (s->streams[i] != NULL)
			stream_tick(s->streams[i]);
}

static struct MHD_Daemon *
listen_on(struct service *s, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return MHD_start_daemon(MHD_USE_EPOLL, port, NULL, NULL, on_request, s,
	    MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	    MHD_OPTION_END);
}

int
main(int argc, char **argv)
{
	struct service s = { 0 };
	uint64_t port;
	struct error e;

	if (argc != 2 || !str_to_u64(str_from(argv[1]), &port) || port > 65535) {
		fputs("usage: sse-service PORT\n", stderr);
		return 2;
	}
	s.http = http_new(&e);
	s.daemon = s.http != NULL ? listen_on(&s, (uint16_t)port) : NULL;
	if (s.daemon == NULL) {
		fprintf(stderr, "sse-service: cannot listen on port %s\n", argv[1]);
		return 1;
	}
	printf("%d\n", MHD_get_daemon_info(s.daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (!s.ended)
		turn(&s);
	/* The answer to the one who ended it is still to be sent. */
	MHD_run(s.daemon);
	MHD_stop_daemon(s.daemon);
	for (size_t i = 0; i < s.n; i++)
		if (s.streams[i] != NULL)
			stream_free(s.streams[i]);
	free(s.streams);
	http_free(s.http);
	return 0;
}
