/*
 * The collections of hostile texts: the one that is part of the distribution, and a larger one that
 * may lie beside the source tree (one JSON object a line).
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit.h"

#define HOSTILE_OWN "tests/data/hostile.tsv"
#define HOSTILE_MORE "../shared/data/escape-payloads.jsonl"

static inline void
hostile_unhex(struct str hex, struct buf *out)
{
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		const char two[] = { hex.p[i], hex.p[i + 1], '\0' };

		buf_byte(out, (char)strtoul(two, NULL, 16));
	}
}

/* The path of a collection into `out`; false when it is not there. */
static inline bool
hostile_there(const char *name, struct buf *out)
{
	buf_printf(out, "%s/%s", getenv("top_srcdir"), name);
	return access(buf_cstr(out), R_OK) == 0;
}

/* The hexadecimal digits of a line of either kind. */
static inline struct str
hostile_digits(struct str line)
{
	const struct str member = STR("\"hex\": \"");
	size_t at = str_find(line, member);

	if (at < line.n) {
		line = str_skip(line, at + member.n);
		return str_head(line, str_find_byte(line, '"'));
	}
	str_cut(line, '\t', &line);
	return str_cut(line, '\t', &line);
}

/* Calls `each` with every text of a collection; the test is skipped when it is not there. */
static inline void
hostile_each(const char *name, void (*each)(struct str text, void *ctx), void *ctx)
{
	struct buf path = { 0 }, file = { 0 }, text = { 0 };
	struct str rest, line;
	int fd;

	if (!hostile_there(name, &path)) {
		buf_done(&path);
		skip();
	}
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	buf_done(&path);
	assert_true(fd >= 0 && buf_read_fd(&file, fd, 1 << 24));
	close(fd);
	rest = buf_view(&file);
	while (line = str_cut(rest, '\n', &rest), rest.p != NULL) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		buf_clear(&text);
		hostile_unhex(hostile_digits(line), &text);
		each(buf_view(&text), ctx);
	}
	buf_done(&file);
	buf_done(&text);
}

#endif
