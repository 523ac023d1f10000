#include "wire/sse.h"

#include <string.h>

#include "base/utf8.h"

static const char bom[] = { '\xEF', '\xBB', '\xBF' };

enum {
	BOM_SETTLED = sizeof bom,
	KEEP = 64 << 10		/* bytes of room a block leaves for the next one */
};

void
sse_init(struct sse *s, const struct sse_handler *h, struct sse_limits limits)
{
	*s = (struct sse){ .handler = *h, .limits = limits };
}

void
sse_done(struct sse *s)
{
	buf_done(&s->line);
	buf_done(&s->data);
	buf_done(&s->type);
	buf_done(&s->id);
	buf_done(&s->last_id);
}

/* Empties `b`; what one huge line needed is given back. */
static void
forget(struct buf *b)
{
	if (b->cap > KEEP)
		buf_done(b);
	else
		buf_clear(b);
}

static void
forget_block(struct sse *s)
{
	forget(&s->data);
	forget(&s->type);
	forget(&s->id);
	s->has_id = false;
}

void
sse_restart(struct sse *s)
{
	forget(&s->line);
	forget_block(s);
	s->bom = 0;
	s->skip_lf = false;
	s->result = SSE_OK;
}

void
sse_seed_id(struct sse *s, struct str id)
{
	buf_set(&s->last_id, id);
}

struct str
sse_last_id(const struct sse *s)
{
	return buf_view(&s->last_id);
}

static void
dispatch(struct sse *s)
{
	if (s->has_id)
		buf_set(&s->last_id, buf_view(&s->id));
	if (s->data.n > 0) {
		struct sse_message m = {
			.type = s->type.n > 0 ? buf_view(&s->type) : STR("message"),
			.data = str_of(s->data.p, s->data.n - 1),
			.id = buf_view(&s->last_id),
		};

		s->handler.message(s->handler.ctx, &m);
	}
	forget_block(s);
}

/* Digits only; a value no uint64_t holds is the largest one. */
static void
retry(struct sse *s, struct str value)
{
	uint64_t ms;

	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return;
	if (value.n == 0 || s->handler.retry == NULL)
		return;
	if (!str_to_u64(value, &ms))
		ms = UINT64_MAX;
	s->handler.retry(s->handler.ctx, ms);
}

static void
set_text(struct buf *b, struct str value)
{
	buf_clear(b);
	utf8_add_str(b, value);
}

static void
field(struct sse *s, struct str name, struct str value)
{
	if (str_eq(name, STR("data"))) {
		utf8_add_str(&s->data, value);
		buf_byte(&s->data, '\n');
		if (s->data.n - 1 > s->limits.event)
			s->result = SSE_EVENT_TOO_LONG;
	} else if (str_eq(name, STR("event"))) {
		set_text(&s->type, value);
	} else if (str_eq(name, STR("id"))) {
		if (str_find_byte(value, '\0') < value.n)
			return;
		set_text(&s->id, value);
		s->has_id = true;
	} else if (str_eq(name, STR("retry"))) {
		retry(s, value);
	}
}

static void
process(struct sse *s, struct str line)
{
	struct str name, value;

	if (line.n == 0) {
		dispatch(s);
		return;
	}
	name = str_cut(line, ':', &value);
	if (name.n > 0)
		field(s, name, str_skip(value, str_starts(value, STR(" "))));
	else if (s->handler.comment != NULL)
		s->handler.comment(s->handler.ctx, value);
}

/* Takes a leading BOM, however it is cut; what only began like one is part of the first line. */
static struct str
settle_bom(struct sse *s, struct str bytes)
{
	while (s->bom < BOM_SETTLED && bytes.n > 0) {
		if (bytes.p[0] != bom[s->bom]) {
			buf_add(&s->line, bom, s->bom);
			s->bom = BOM_SETTLED;
			break;
		}
		bytes = str_skip(bytes, 1);
		s->bom++;
	}
	return bytes;
}

static const char *
find(const char *p, const char *end, char c)
{
	const char *at = memchr(p, c, (size_t)(end - p));

	return at != NULL ? at : end;
}

/* The rest of a line, or more of one whose end has not come. */
static void
take_line(struct sse *s, struct str piece, bool ended)
{
	if (s->line.n + piece.n > s->limits.line) {
		s->result = SSE_LINE_TOO_LONG;
	} else if (ended && s->line.n == 0) {
		process(s, piece);
	} else {
		buf_str(&s->line, piece);
		if (!ended)
			return;
		process(s, buf_view(&s->line));
		forget(&s->line);
	}
}

enum sse_result
sse_feed(struct sse *s, struct str bytes)
{
	struct str rest = settle_bom(s, bytes);
	const char *p = rest.p, *end, *lf = NULL, *cr = NULL;

	if (rest.n == 0)
		return s->result;
	end = p + rest.n;
	while (p < end && s->result == SSE_OK) {
		bool rest_of_crlf = s->skip_lf && *p == '\n';
		const char *at;

		s->skip_lf = false;
		if (rest_of_crlf) {
			p++;
			continue;
		}
		/* Looked for again only when passed: linear for any mixture of line ends. */
		if (lf == NULL || lf < p)
			lf = find(p, end, '\n');
		if (cr == NULL || cr < p)
			cr = find(p, end, '\r');
		at = lf < cr ? lf : cr;
		take_line(s, str_of(p, (size_t)(at - p)), at < end);
		s->skip_lf = at < end && at == cr;
		p = at < end ? at + 1 : end;
	}
	return s->result;
}
