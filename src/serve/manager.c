#include "serve/manager.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCKETS_MAX = 8 };

/* A number of the environment, 0 when it is none. */
static uint64_t
number(const char *name)
{
	uint64_t v;

	return str_to_u64(str_from(getenv(name)), &v) ? v : 0;
}

/* Variables that are meant for another process tell whose they are. */
static bool
is_ours(const char *name)
{
	return getenv(name) == NULL || number(name) == (uint64_t)getpid();
}

void
manager_open(struct manager *m)
{
	uint64_t sockets = number("LISTEN_FDS"), usec = number("WATCHDOG_USEC");

	*m = (struct manager){ 0 };
	buf_set(&m->address, str_from(getenv("NOTIFY_SOCKET")));
	if (getenv("LISTEN_PID") != NULL && is_ours("LISTEN_PID") && sockets <= SOCKETS_MAX)
		m->sockets = (int)sockets;
	if (is_ours("WATCHDOG_PID"))
		m->watchdog = (int64_t)(usec / 1000 <= INT32_MAX ? usec / 1000 : 0);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
manager_close(struct manager *m)
{
	buf_done(&m->address);
}

void
manager_tell(const struct manager *m, const char *state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct str at = buf_view(&m->address);
	int fd;

	if (at.n == 0 || at.n >= sizeof sa.sun_path || (at.p[0] != '/' && at.p[0] != '@'))
		return;
	memcpy(sa.sun_path, at.p, at.n);
	/* One that is no file begins with a NUL. */
	if (at.p[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at.n));
	close(fd);
}
