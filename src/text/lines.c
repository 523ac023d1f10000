#include "text/lines.h"

#include <string.h>

/* A line that is one slice of the operation, as most are. */
static bool
next_slice(struct lines *t)
{
	const struct md_op *op = &t->v->op[t->i];
	struct str text;
	const char *end;

	if (!lines_is_text(t->v, t->i) || t->at == op->len || op->flags & MD_MADE)
		return false;
	text = str_skip(t->v->source, op->at + t->at);
	end = memchr(text.p, '\n', op->len - t->at);
	if (end == NULL)
		return false;
	t->src = op->src + (uint32_t)t->at;
	t->made = 0;
	t->line = str_of(text.p, (size_t)(end - text.p));
	t->at += t->line.n + 1;
	if (t->line.n > 0 && end[-1] == '\r')
		t->line.n--;
	return true;
}

bool
lines_next(struct lines *t)
{
	bool ended = false;

	if (next_slice(t))
		return true;
	buf_clear(&t->joined);
	t->src = LINE_NO_SRC;
	t->made = 0;
	for (size_t pieces = 0; !ended; pieces++) {
		const struct md_op *op;
		struct str rest;

		while (lines_is_text(t->v, t->i) && t->at == t->v->op[t->i].len) {
			t->i++;
			t->at = 0;
		}
		if (!lines_is_text(t->v, t->i))
			return pieces > 0;
		op = &t->v->op[t->i];
		rest = str_skip(md_text(t->v, op), t->at);
		if (t->src == LINE_NO_SRC && !(op->flags & MD_MADE)) {
			t->src = op->src + (uint32_t)t->at;
			t->made = (uint32_t)t->joined.n;
		}
		t->line = str_head(rest, str_find_byte(rest, '\n'));
		ended = t->line.n < rest.n;
		t->at += t->line.n + ended;
		if (ended && t->line.n > 0 && t->line.p[t->line.n - 1] == '\r')
			t->line.n--;
		if (pieces > 0 || !ended) {
			buf_str(&t->joined, t->line);
			t->line = buf_view(&t->joined);
		}
	}
	return true;
}
