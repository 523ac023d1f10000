#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static int
new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static enum err
make_directory(const char *path, struct error *e)
{
	struct buf dir = { 0 };
	const char *slash = strrchr(path, '/');
	enum err err = ERR_OK;

	if (slash == NULL || slash == path)
		return ERR_OK;
	buf_add(&dir, path, (size_t)(slash - path));
	if (mkdir(buf_cstr(&dir), 0700) < 0 && errno != EEXIST)
		err = error_set(e, ERR_FAILED, "make %s: %s", buf_cstr(&dir), strerror(errno));
	buf_done(&dir);
	return err;
}

static bool
answers(const struct sockaddr_un *sa)
{
	int fd = new_socket(AF_UNIX);
	bool yes = connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 || errno == EAGAIN;

	close(fd);
	return yes;
}

enum err
listen_unix(const char *path, int *fd, struct error *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	bool ok;

	*fd = -1;
	if (strlen(path) >= sizeof sa.sun_path)
		return error_set(e, ERR_USAGE, "socket %s: this path is too long; shorten it",
		    path);
	memcpy(sa.sun_path, path, strlen(path));
	if (make_directory(path, e) != ERR_OK)
		return ERR_FAILED;
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return error_set(e, ERR_FAILED, "socket %s: something else is there",
			    path);
		if (answers(&sa))
			return error_set(e, ERR_FAILED, "socket %s: another server listens there",
			    path);
		unlink(path);
	}
	*fd = new_socket(AF_UNIX);
	mask = umask(0177);
	ok = bind(*fd, (struct sockaddr *)&sa, sizeof sa) == 0 && listen(*fd, BACKLOG) == 0;
	umask(mask);
	return ok ? ERR_OK : error_set(e, ERR_FAILED, "socket %s: %s", path, strerror(errno));
}

/* Fills `sa` from "HOST:PORT", where HOST is an address or localhost. */
static bool
parse_address(struct str address, struct sockaddr_storage *sa, socklen_t *n)
{
	struct sockaddr_in *in = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;
	size_t colon = address.n;
	char host[64];
	uint64_t port;

	memset(sa, 0, sizeof *sa);
	while (colon > 0 && address.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || colon > sizeof host || !str_to_u64(str_skip(address, colon), &port) ||
	    port > 65535)
		return false;
	address = str_head(address, colon - 1);
	if (str_eq(address, STR("localhost")))
		address = STR("127.0.0.1");
	if (address.n > 1 && address.p[0] == '[' && address.p[address.n - 1] == ']') {
		snprintf(host, sizeof host, "%.*s", (int)address.n - 2, address.p + 1);
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		*n = sizeof *in6;
		return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
	}
	snprintf(host, sizeof host, "%.*s", STR_ARG(address));
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	*n = sizeof *in;
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static bool
is_loopback(const struct sockaddr_storage *sa)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

	if (sa->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	return in->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

enum err
listen_tcp(const char *address, bool expose, int *fd, struct error *e)
{
	struct sockaddr_storage sa;
	socklen_t n;
	int one = 1;

	*fd = -1;
	if (!parse_address(str_from(address), &sa, &n))
		return error_set(e, ERR_USAGE, "--listen %s: give 127.0.0.1:PORT or [::1]:PORT",
		    address);
	if (!expose && !is_loopback(&sa))
		return error_set(e, ERR_USAGE, "--listen %s: others could reach this; it needs "
		    "--expose and --token-file", address);
	*fd = new_socket(sa.ss_family);
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(*fd, (struct sockaddr *)&sa, n) < 0 || listen(*fd, BACKLOG) < 0)
		return error_set(e, ERR_FAILED, "listen on %s: %s", address, strerror(errno));
	return ERR_OK;
}

enum err
listen_inherited(int fd, bool expose, bool *local, struct error *e)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof sa, size = sizeof(int);
	int listens = 0;

	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens ||
	    (sa.ss_family != AF_UNIX && sa.ss_family != AF_INET && sa.ss_family != AF_INET6))
		return error_set(e, ERR_FAILED, "descriptor %d: not a stream socket that listens; "
		    "see ListenStream= of the socket unit", fd);
	*local = sa.ss_family == AF_UNIX;
	if (!*local && !expose && !is_loopback(&sa))
		return error_set(e, ERR_USAGE, "descriptor %d: others could reach this address; it "
		    "needs --expose and --token-file", fd);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return ERR_OK;
}

/* "http://host:port" */
static void
tcp_name(const struct sockaddr_storage *sa, struct buf *out)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	char host[INET6_ADDRSTRLEN] = "";

	if (sa->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
		buf_printf(out, "http://[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		buf_printf(out, "http://%s:%u", host, ntohs(in->sin_port));
	}
}

void
listen_name(int fd, struct buf *out)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof sa;

	getsockname(fd, (struct sockaddr *)&sa, &n);
	if (sa.ss_family == AF_UNIX)
		buf_printf(out, "unix:%s", ((struct sockaddr_un *)&sa)->sun_path);
	else
		tcp_name(&sa, out);
}

/* The socket's mode keeps others out already; this holds where a file system ignores it. */
static bool
same_user(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

int
listen_accept(int fd, bool local)
{
	int one = 1, client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (client < 0)
		return -1;
	if (!local) {
		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	} else if (!same_user(client)) {
		close(client);
		errno = EPERM;
		return -1;
	}
	return client;
}
