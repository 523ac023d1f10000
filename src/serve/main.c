/* weir-serve: the session server. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "serve/server.h"
#include "serve/token.h"

enum { LIST_MAX = 16, RETENTION_DAYS = 30 };

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct arguments {
	struct server_options o;
	struct buf socket, data, token;
	const char *log, *token_file, *backup;
	const char *origins[LIST_MAX + 1], *hosts[LIST_MAX + 1];
	bool verbose;
};

static const char usage[] =
	"Usage: weir serve [OPTION]...\n"
	"The session server: Durable Streams at /v1/stream/NAME, kept in SQLite.\n"
	"\n"
	"  --socket PATH           listen on this unix socket\n"
	"                          (default: $XDG_RUNTIME_DIR/weir/serve.sock, or --listen)\n"
	"  --listen HOST:PORT      listen on TCP, on loopback; port 0 takes a free one\n"
	"  --token-file FILE       over TCP let in who has the token in FILE, made if need be\n"
	"  --expose                let --listen be reached by others; needs --token-file\n"
	"  --data DIR              keep the log here\n"
	"                          (default: $XDG_DATA_HOME/weir or ~/.local/share/weir)\n"
	"  --backup FILE           copy the log to FILE, also while it is in use, and exit\n"
	"  --cors ORIGIN           let pages of this origin in, '*' for all; may be repeated\n"
	"  --allow-host NAME       answer to this Host too; may be repeated\n"
	"  --long-poll-timeout S   answer an idle long-poll after S seconds (default 30)\n"
	"  --sse-max S             close an event stream after about S seconds (default 60)\n"
	"  --heartbeat S           send a comment after S silent seconds of events (default 15)\n"
	"  --presence-timeout S    who says nothing for S seconds is gone (default 30)\n"
	"  --retention DAYS        forget what is older (default 30; 0: never)\n"
	"  --max-size MIB          forget the oldest when the log is larger (default: never)\n"
	"  --peer-connections N    at most N from one address (default 256 from other machines)\n"
	"  --max-body BYTES        the largest body of a request (default 1048576)\n"
	"  --ready-fd N            write \"ready\" and the addresses to descriptor N\n"
	"  --log FILE              append messages to FILE (default: standard error)\n"
	"  --verbose               log more\n"
	"  --help, --version\n";

enum {
	OPT_SOCKET = 256, OPT_LISTEN, OPT_TOKEN, OPT_EXPOSE, OPT_DATA, OPT_BACKUP, OPT_CORS, OPT_HOST,
	OPT_LONG_POLL, OPT_SSE_MAX, OPT_PRESENCE, OPT_HEARTBEAT, OPT_RETENTION, OPT_SIZE, OPT_PEER, OPT_BODY, OPT_READY, OPT_LOG, OPT_VERBOSE,
	OPT_HELP, OPT_VERSION
};

static const struct option options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "token-file", required_argument, NULL, OPT_TOKEN },
	{ "expose", no_argument, NULL, OPT_EXPOSE },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "backup", required_argument, NULL, OPT_BACKUP },
	{ "cors", required_argument, NULL, OPT_CORS },
	{ "allow-host", required_argument, NULL, OPT_HOST },
	{ "long-poll-timeout", required_argument, NULL, OPT_LONG_POLL },
	{ "sse-max", required_argument, NULL, OPT_SSE_MAX },
	{ "heartbeat", required_argument, NULL, OPT_HEARTBEAT },
	{ "presence-timeout", required_argument, NULL, OPT_PRESENCE },
	{ "retention", required_argument, NULL, OPT_RETENTION },
	{ "max-size", required_argument, NULL, OPT_SIZE },
	{ "peer-connections", required_argument, NULL, OPT_PEER },
	{ "max-body", required_argument, NULL, OPT_BODY },
	{ "ready-fd", required_argument, NULL, OPT_READY },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 }
};

static enum err
number(const char *name, double min, double max, double *out, struct error *e)
{
	char *end;

	errno = 0;
	*out = strtod(optarg, &end);
	if (errno != 0 || end == optarg || *end != '\0' || !(*out >= min && *out <= max))
		return error_set(e, ERR_USAGE, "--%s %s: give a number from %g to %g", name, optarg,
		    min, max);
	return ERR_OK;
}

static enum err
seconds(const char *name, double min, int64_t *ms, struct error *e)
{
	double s;
	enum err err = number(name, min, 3600, &s, e);

	if (err == ERR_OK)
		*ms = (int64_t)(s * 1000);
	return err;
}

static enum err
add(const char *name, const char **list, struct error *e)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	if (n == LIST_MAX)
		return error_set(e, ERR_USAGE, "--%s: at most %d of them", name, LIST_MAX);
	list[n] = optarg;
	return ERR_OK;
}

static enum err
take_option(struct arguments *a, int option, const char *name, struct error *e)
{
	enum err err = ERR_OK;
	double v;

	switch (option) {
	case OPT_SOCKET:
		buf_set(&a->socket, str_from(optarg));
		break;
	case OPT_LISTEN:
		a->o.listen = optarg;
		break;
	case OPT_TOKEN:
		a->token_file = optarg;
		break;
	case OPT_EXPOSE:
		a->o.expose = true;
		break;
	case OPT_DATA:
		buf_set(&a->data, str_from(optarg));
		break;
	case OPT_BACKUP:
		a->backup = optarg;
		break;
	case OPT_CORS:
		return add(name, a->origins, e);
	case OPT_HOST:
		return add(name, a->hosts, e);
	case OPT_LONG_POLL:
		return seconds(name, 0, &a->o.long_poll_ms, e);
	case OPT_SSE_MAX:
		return seconds(name, 1, &a->o.sse_ms, e);
	case OPT_HEARTBEAT:
		return seconds(name, 0.1, &a->o.heartbeat_ms, e);
	case OPT_PRESENCE:
		return seconds(name, 0.1, &a->o.presence_ms, e);
	case OPT_RETENTION:
		if ((err = number(name, 0, 36500, &v, e)) == ERR_OK)
			a->o.keep.age = (int64_t)(v * DAY_MS) + (v > 0 && v * DAY_MS < 1);
		break;
	case OPT_SIZE:
		if ((err = number(name, 1, 1 << 30, &v, e)) == ERR_OK)
			a->o.keep.size = (int64_t)(v * (1 << 20));
		break;
	case OPT_PEER:
		if ((err = number(name, 1, 1 << 20, &v, e)) == ERR_OK)
			a->o.peer_connections = (unsigned)v;
		break;
	case OPT_BODY:
		if ((err = number(name, 1, 64 << 20, &v, e)) == ERR_OK)
			a->o.body_max = (size_t)v;
		break;
	case OPT_READY:
		if ((err = number(name, 0, 1 << 20, &v, e)) == ERR_OK)
			a->o.ready_fd = (int)v;
		break;
	case OPT_LOG:
		a->log = optarg;
		break;
	case OPT_VERBOSE:
		a->verbose = true;
		break;
	default:
		return error_set(e, ERR_USAGE, "see weir serve --help");
	}
	return err;
}

/* `path` ends with a NUL behind it. */
static enum err
make_parents(const struct buf *path, struct error *e)
{
	char *p = path->p;

	for (char *slash = strchr(p + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(p, 0700) < 0 && errno != EEXIST)
			return error_set(e, ERR_FAILED, "make %s: %s", p, strerror(errno));
		*slash = '/';
	}
	return ERR_OK;
}

/* Where things are when nothing was said. */
static enum err
default_data(struct buf *out, struct error *e)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_DATA_HOME");

	if (out->n > 0)
		return ERR_OK;
	if (xdg != NULL && xdg[0] == '/')
		buf_printf(out, "%s/weir", xdg);
	else if (home != NULL && home[0] == '/')
		buf_printf(out, "%s/.local/share/weir", home);
	else
		return error_set(e, ERR_USAGE, "HOME is not set; give --data");
	return ERR_OK;
}

static enum err
default_socket(struct arguments *a, struct error *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (a->socket.n == 0 && a->o.listen == NULL && a->o.manager->sockets == 0) {
		if (runtime == NULL || runtime[0] != '/')
			return error_set(e, ERR_USAGE,
			    "XDG_RUNTIME_DIR is not set; give --socket or --listen");
		buf_printf(&a->socket, "%s/weir/serve.sock", runtime);
	}
	a->o.socket = a->socket.n > 0 ? buf_cstr(&a->socket) : NULL;
	return ERR_OK;
}

static enum err
run(struct arguments *a, struct error *e)
{
	enum log_level level = a->verbose ? LOG_DEBUG : LOG_INFO;
	enum err err = default_data(&a->data, e);

	a->o.data = buf_cstr(&a->data);
	if (err == ERR_OK && a->backup != NULL)
		return streams_backup(a->o.data, a->backup, e);
	if (err != ERR_OK || (err = default_socket(a, e)) != ERR_OK ||
	    (err = make_parents(&a->data, e)) != ERR_OK)
		return err;
	if (a->o.expose && a->token_file == NULL)
		return error_set(e, ERR_USAGE, "--expose lets others in; give --token-file");
	if (a->token_file != NULL && (err = token_read(a->token_file, &a->token, e)) != ERR_OK)
		return err;
	a->o.guard.token = buf_view(&a->token);
	if (a->log == NULL)
		log_to_fd(STDERR_FILENO, level);
	else if ((err = log_open(a->log, level, e)) != ERR_OK)
		return err;
	a->o.log = a->log;
	a->o.log_level = level;
	return server_run(&a->o, e);
}

static bool
parse(struct arguments *a, int argc, char **argv, enum err *err, struct error *e)
{
	int option, index = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (option == OPT_HELP || option == OPT_VERSION) {
			fputs(option == OPT_HELP ? usage : PACKAGE_STRING "\n", stdout);
			return false;
		}
		*err = take_option(a, option, options[index].name, e);
		if (*err != ERR_OK)
			return false;
	}
	if (optind < argc)
		*err = error_set(e, ERR_USAGE, "%s: what is that? see weir serve --help",
		    argv[optind]);
	return *err == ERR_OK;
}

int
main(int argc, char **argv)
{
	struct arguments a = { .o = { .long_poll_ms = 30000, .sse_ms = 60000, .heartbeat_ms = 15000,
		.presence_ms = 30000, .keep.age = RETENTION_DAYS * DAY_MS, .body_max = 1 << 20, .ready_fd = -1 } };
	struct manager manager;
	struct error e = { 0 };
	enum err err = ERR_OK;

	manager_open(&manager);
	a.o.manager = &manager;
	if (parse(&a, argc, argv, &err, &e)) {
		a.o.guard.origins = a.origins[0] != NULL ? a.origins : NULL;
		a.o.guard.hosts = a.hosts;
		err = run(&a, &e);
	}
	if (err != ERR_OK)
		fprintf(stderr, "weir-serve: %s\n", e.text);
	buf_done(&a.socket);
	buf_done(&a.data);
	buf_done(&a.token);
	manager_close(&manager);
	log_close();
	return err_exit_code(err);
}
