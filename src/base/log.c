#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/width.h"

static int log_fd = -1;
static bool log_owned;
static enum log_level log_max;

enum err
log_open(const char *path, enum log_level level, struct error *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

	if (fd < 0)
		return error_set(e, ERR_FAILED, "open the log file %s: %s", path, strerror(errno));
	log_close();
	log_fd = fd;
	log_owned = true;
	log_max = level;
	return ERR_OK;
}

void
log_to_fd(int fd, enum log_level level)
{
	log_close();
	log_fd = fd;
	log_owned = false;
	log_max = level;
}

void
log_close(void)
{
	if (log_owned)
		close(log_fd);
	log_fd = -1;
	log_owned = false;
}

/* Shows nothing, turns text around or ends a line somewhere. */
static bool
hides(uint32_t cp)
{
	enum width_class class = width_class(cp);

	return class == WIDTH_HIDDEN || class == WIDTH_NONE;
}

static void
add_escaped(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t len;
		bool ok;
		uint32_t cp = utf8_decode(s, &len, &ok);

		if (!ok)
			for (size_t i = 0; i < len; i++)
				buf_printf(out, "\\x%02X", (unsigned char)s.p[i]);
		else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
			buf_printf(out, "\\x%02X", cp);
		else if (cp == '\\')
			buf_str(out, STR("\\\\"));
		else if (hides(cp))
			buf_printf(out, "\\u{%X}", cp);
		else
			buf_add(out, s.p, len);
		s = str_skip(s, len);
	}
}

bool
log_wants(enum log_level level)
{
	return log_fd >= 0 && level <= log_max;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	struct buf raw = { 0 }, line = { 0 };
	int64_t wall = clock_wall();
	time_t t = (time_t)(wall / 1000);
	struct tm tm;
	char stamp[32];
	va_list ap;

	if (!log_wants(level))
		return;
	if (gmtime_r(&t, &tm) == NULL || strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		stamp[0] = '\0';
	buf_printf(&line, "%s.%03dZ %s ", stamp, (int)(wall % 1000), names[level]);
	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	add_escaped(&line, buf_view(&raw));
	buf_byte(&line, '\n');
	/* A log that cannot be written must not stop what it reports on. */
	while (write(log_fd, line.p, line.n) < 0 && errno == EINTR)
		;
	buf_done(&raw);
	buf_done(&line);
}
