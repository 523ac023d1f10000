#include "text/fence.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "text/hold.h"

static size_t
run_of(struct str s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

/* The content, when it is one piece of the source: the second operation. */
static struct md_op *
content(const struct md_doc *d)
{
	const struct md_block *b = d->n > 0 ? &d->blocks[d->n - 1] : NULL;
	struct md_op *op;

	if (b == NULL || b->nops < 3 || b->nops > 4)
		return NULL;
	op = d->ops + b->op;
	if (op[0].kind != MD_CODE_BLOCK || op[0].arg == 0 || op[1].kind != MD_TEXT || op[1].flags != 0)
		return NULL;
	return b->nops == 3 || op[2].flags & MD_MADE ? &op[1] : NULL;
}

/* The line whose newline stands before `end`. */
static struct str
line_before(struct str source, size_t end)
{
	size_t start = end - 1;

	while (start > 0 && source.p[start - 1] != '\n')
		start--;
	return str_of(source.p + start, end - 1 - start);
}

void
fence_find(struct md_fence *f, const struct md_doc *d, struct str source)
{
	const struct md_op *op = content(d);
	struct str opening;

	f->on = false;
	if (op == NULL || op->at + op->len != source.n || op->at == 0 || source.p[op->at - 1] != '\n')
		return;
	f->mark = (char)op[-1].arg;
	opening = line_before(source, op->at);
	f->length = run_of(opening, f->mark);
	f->seen = op->at + (op->len > 0 && source.p[source.n - 1] == '\n' ? op->len : 0);
	f->on = f->length >= 3;
}

static bool
may_close(const struct md_fence *f, struct str line)
{
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	return run_of(line, f->mark) >= f->length;
}

/* False when one of the lines that came may close the fence. */
static bool
look(struct md_fence *f, struct str source)
{
	for (;;) {
		struct str rest = str_skip(source, f->seen), line = str_head(rest, str_find_byte(rest, '\n'));

		if (may_close(f, line))
			return false;
		if (line.n == rest.n)
			return true;
		f->seen += line.n + 1;
	}
}

/* The content ends at `to`, behind what it was; an end of the last line that is not there is made. */
static void
set_end(struct md_doc *d, struct md_op *op, struct str source, size_t to)
{
	struct md_block *b = &d->blocks[d->n - 1];
	uint32_t made = op[-1].flags & MD_MADE ? op[-1].at + op[-1].len : 0;
	size_t last = (size_t)(op - d->ops) + 1;

	op->len = (uint32_t)(to - op->at);
	d->made.n = b->made + made;
	if (source.p[to - 1] != '\n') {
		buf_byte(&d->made, '\n');
		d->ops[last++] = (struct md_op){ .kind = MD_TEXT, .flags = MD_MADE, .src = (uint32_t)to,
			.at = made, .len = 1 };
	}
	d->ops = mem_grow(d->ops, last, &d->cap_ops, sizeof *d->ops);
	d->ops[last++] = (struct md_op){ .kind = MD_CODE_BLOCK, .flags = MD_CLOSE, .src = (uint32_t)to };
	d->nops = last;
	b->nops = (uint32_t)(last - b->op);
	b->nmade = (uint32_t)(d->made.n - b->made);
}

bool
fence_grow(struct md_fence *f, struct md_doc *d, struct str source, bool hold)
{
	struct md_op *op = content(d);
	size_t to = source.n - (hold ? utf8_partial_tail(source) : 0);
	struct str more;

	if (!f->on || op == NULL || to <= op->at + op->len)
		return false;
	more = str_skip(source, op->at + op->len);
	f->on = look(f, source) && str_find_byte(more, '\r') == more.n;
	if (!f->on || (hold && hold_is_fence(str_skip(source, f->seen), true)))
		return false;
	set_end(d, op, source, to);
	return true;
}
