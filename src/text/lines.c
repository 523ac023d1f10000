#include "text/lines.h"

bool
lines_next(struct lines *t)
{
	bool ended = false;

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
