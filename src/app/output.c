#include "app/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum err
output_write(int fd, struct buf *out, const char *what, struct error *e)
{
	size_t at = 0;

	while (at < out->n) {
		ssize_t n = write(fd, out->p + at, out->n - at);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, -1);
			continue;
		}
		if (n < 0 && errno == EPIPE) {
			e->text[0] = '\0';
			return e->code = ERR_INTERRUPTED;
		}
		if (n < 0 && errno != EINTR)
			return error_set(e, ERR_FAILED, "write %s: %s", what, strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	buf_clear(out);
	return ERR_OK;
}
