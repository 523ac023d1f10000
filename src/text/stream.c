#include "text/stream.h"

#include <string.h>

#include "base/utf8.h"
#include "text/hold.h"

/* A word: behind clean text it is a paragraph. */
#define SENTINEL STR("x\n")

void
md_stream_done(struct md_stream *m)
{
	md_doc_done(&m->settled);
	md_doc_done(&m->now);
	md_doc_done(&m->before);
	*m = (struct md_stream){ 0 };
}

/* Everything is open again. */
static void
unsettle(struct md_stream *m)
{
	md_doc_clear(&m->settled);
	m->open = m->seen = m->failed = 0;
	m->spent = 0;
	m->blank = true;
}

void
md_stream_clear(struct md_stream *m)
{
	unsettle(m);
	md_doc_clear(&m->now);
	m->definitions = false;
	m->fence.on = false;
}

size_t
md_stream_count(const struct md_stream *m)
{
	return m->settled.n + m->now.n;
}

struct md_view
md_stream_view(const struct md_stream *m, size_t i, struct str source)
{
	if (i < m->settled.n)
		return md_view(&m->settled, i, source);
	return md_view(&m->now, i - m->settled.n, source);
}

static void
parse(struct md_stream *m, struct str source, size_t to, struct str tail)
{
	struct md_run run = {
		.source = source, .from = m->open, .to = to, .tail = tail, .spent = m->spent
	};

	md_doc_clear(&m->now);
	md_doc_parse(&m->now, &run);
	m->definitions = m->definitions || run.definitions;
}

static bool
is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

/*
 * Behind a blank line such a line closes every container; a fence or a list it could belong to
 * begins otherwise.
 */
static bool
may_start(struct str line)
{
	return line.n > 0 && strchr(" \t>`~-+*0123456789\r", line.p[0]) == NULL;
}

/* The last place where a clean start can be in what came; 0 when there is none. */
static size_t
find_start(struct md_stream *m, struct str source)
{
	size_t found = 0;

	for (;;) {
		struct str rest = str_skip(source, m->seen), line = str_head(rest, str_find_byte(rest, '\n'));

		if (m->blank && m->seen > m->open && may_start(line))
			found = m->seen;
		if (line.n == rest.n)
			return found;
		m->blank = is_blank(line);
		m->seen += line.n + 1;
	}
}

/* Settles what stands before `at` if the parser is in no block there. */
static bool
try_settle(struct md_stream *m, struct str source, size_t at, size_t *block)
{
	struct md_run run = { .source = source, .from = m->open, .to = at, .tail = SENTINEL,
		.spent = m->spent };
	size_t n = m->settled.n;

	md_doc_parse(&m->settled, &run);
	m->definitions = run.definitions;
	if (run.definitions || !run.clean) {
		*block = m->settled.n > n ? m->settled.blocks[m->settled.n - 1].src : 0;
		md_doc_truncate(&m->settled, n);
		return false;
	}
	md_doc_truncate(&m->settled, m->settled.n - 1);
	m->open = at;
	m->failed = 0;
	m->spent = run.spent;
	return true;
}

/*
 * Where it does not work the text stands in a block that is open, a fence most often: then what is
 * before that block. A text that cannot be settled is tried again when it has grown by a quarter.
 */
static void
settle(struct md_stream *m, struct str source)
{
	size_t at, block;

	if (m->definitions)
		return;
	at = find_start(m, source);
	if (at == 0 || (at - m->open) * 4 <= m->failed * 5 || try_settle(m, source, at, &block))
		return;
	m->failed = at - m->open;
	if (m->definitions || block <= m->open)
		return;
	m->blank = false;
	m->seen = m->open;
	at = find_start(m, str_head(source, block + 1));
	if (at > 0 && try_settle(m, source, at, &block))
		m->failed = 0;
}

static const struct md_doc *
locate(const struct md_stream *m, size_t i, size_t *at)
{
	*at = i < m->settled.n ? i : i - m->settled.n;
	return i < m->settled.n ? &m->settled : &m->now;
}

/* Compares with the last blocks, which began behind the first `base`. */
static struct md_kept
compare(const struct md_stream *m, size_t base)
{
	struct md_kept kept = { 0 };
	size_t n = md_stream_count(m) - base, old = m->before.n, most = n < old ? n : old, at;
	const struct md_doc *d;

	for (; kept.head < most; kept.head++) {
		d = locate(m, base + kept.head, &at);
		if (!md_block_eq(d, at, &m->before, kept.head))
			break;
	}
	for (; kept.tail < most - kept.head; kept.tail++) {
		d = locate(m, base + n - 1 - kept.tail, &at);
		if (!md_block_eq(d, at, &m->before, old - 1 - kept.tail))
			break;
	}
	if (kept.head < old && kept.head < n) {
		d = locate(m, base + kept.head, &at);
		kept.ops = md_block_common(d, at, &m->before, kept.head);
	}
	kept.head += base;
	return kept;
}

/* What was settled is parsed again with the rest, and compared with what it was. */
static void
reopen(struct md_stream *m)
{
	struct md_doc was = m->before;

	md_doc_append(&m->settled, &was);
	m->before = m->settled;
	m->settled = was;
	unsettle(m);
}

static bool
is_same(const struct md_stream *m, const struct md_doc *whole)
{
	if (whole->n != md_stream_count(m))
		return false;
	for (size_t i = 0; i < whole->n; i++) {
		size_t at;
		const struct md_doc *d = locate(m, i, &at);

		if (!md_block_eq(d, at, whole, i))
			return false;
	}
	return true;
}

/* At the end of a text: one parse of all of it has the last word. */
static bool
prove(struct md_stream *m, struct str source)
{
	struct md_doc whole = { 0 };
	struct md_run run = { .source = source, .to = source.n };
	bool same;

	md_doc_parse(&whole, &run);
	same = is_same(m, &whole);
	if (!same) {
		m->mismatches++;
		md_doc_done(&m->now);
		m->now = whole;
	} else {
		md_doc_done(&whole);
	}
	return same;
}

struct md_kept
md_stream_update(struct md_stream *m, struct str source, bool growing, bool hold)
{
	struct md_doc was = m->before;
	size_t base = m->settled.n;
	struct hold held;

	if (growing && fence_grow(&m->fence, &m->now, source, hold)) {
		m->held = hold && utf8_partial_tail(source) > 0;
		return (struct md_kept){ .head = base + m->now.n - 1, .ops = 1 };
	}
	m->before = m->now;
	m->now = was;
	if (growing)
		settle(m, source);
	parse(m, source, source.n, STR_NONE);
	if (m->definitions && m->settled.n > 0) {
		md_doc_truncate(&m->settled, base);
		reopen(m);
		base = 0;
		parse(m, source, source.n, STR_NONE);
	}
	fence_find(&m->fence, &m->now, source);
	m->held = hold && hold_back(&held, &m->now, source, m->open);
	if (m->held)
		parse(m, source, held.shown, str_of(held.tail, held.ntail));
	if (!growing && m->settled.n > 0 && !prove(m, source)) {
		reopen(m);
		base = 0;
	}
	return compare(m, base);
}
