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
	if (op[1].flags != 0 || !(op[0].kind == MD_HTML_BLOCK ? op[1].kind == MD_HTML
	    : op[0].kind == MD_CODE_BLOCK && op[0].arg != 0 && op[1].kind == MD_TEXT))
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

static struct str
bare(struct str line)
{
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = str_skip(line, 1);
	return line;
}

/* ---- HTML */

static bool
starts_with(struct str s, const char *lower)
{
	size_t n = 0;

	while (lower[n] != '\0' && n < s.n && (s.p[n] | 0x20) == lower[n])
		n++;
	return lower[n] == '\0';
}

/* What ends a block that begins with this line; of that which ends with a tag, all that may. */
static const char *
end_of(struct str line)
{
	static const char *const starts[][2] = { { "<!--", "-->" }, { "<?", "?>" }, { "<![CDATA[", "]]>" },
		{ "<!", ">" } };
	static const char *const tags[] = { "script", "pre", "style" };

	line = bare(line);
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (str_starts(line, str_from(starts[i][0])))
			return starts[i][1];
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (starts_with(str_skip(line, 1), tags[i]))
			return "</";
	return "";
}

static bool
ends(const char *end, struct str line, bool whole)
{
	if (end[0] == '\0')
		return bare(line).n == 0 && (whole || line.n > 0);
	return str_find(line, str_from(end)) < line.n;
}

/*
 * Goes through the lines of HTML. One that ends is followed by another at once, when the block goes on; its
 * first line has to be there to tell how it ends.
 */
static bool
find_html(struct md_fence *f, struct str text)
{
	const char *end = NULL;

	for (f->seen = 0; f->seen < text.n;) {
		struct str rest = str_skip(text, f->seen), line = str_head(rest, str_find_byte(rest, '\n'));
		bool whole = line.n < rest.n;

		if (end == NULL)
			end = whole ? end_of(line) : NULL;
		if (end == NULL || (ends(end, line, whole) && str_eq(str_from(end), STR("</"))))
			return false;
		if (ends(end, line, whole))
			end = NULL;
		if (!whole)
			break;
		f->seen += line.n + 1;
	}
	f->end = end;
	return end != NULL;
}

/* ---- fences */

static bool
find_mark(struct md_fence *f, const struct md_op *op, struct str source)
{
	struct str opening;

	if (op->at == 0 || source.p[op->at - 1] != '\n')
		return false;
	f->mark = (char)op[-1].arg;
	opening = line_before(source, op->at);
	f->length = run_of(opening, f->mark);
	f->seen = op->at + (op->len > 0 && source.p[source.n - 1] == '\n' ? op->len : 0);
	return f->length >= 3;
}

void
fence_find(struct md_fence *f, const struct md_doc *d, struct str source)
{
	const struct md_op *op = content(d);
	struct str text;

	f->on = false;
	if (op == NULL || op->at + op->len != source.n)
		return;
	if (op->kind == MD_TEXT) {
		f->on = find_mark(f, op, source);
		return;
	}
	text = str_skip(source, op->at);
	f->mark = '<';
	f->on = str_find_byte(text, '\r') == text.n && find_html(f, text);
	f->seen += op->at;
}

static bool
may_close(const struct md_fence *f, struct str line, bool whole)
{
	return f->mark == '<' ? ends(f->end, line, whole) : run_of(bare(line), f->mark) >= f->length;
}

/* False when one of the lines that came may close the fence. */
static bool
look(struct md_fence *f, struct str source)
{
	for (;;) {
		struct str rest = str_skip(source, f->seen), line = str_head(rest, str_find_byte(rest, '\n'));

		if (may_close(f, line, line.n < rest.n))
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
	uint8_t kind = op->kind, block = op[-1].kind;

	op->len = (uint32_t)(to - op->at);
	d->made.n = b->made + made;
	if (source.p[to - 1] != '\n') {
		buf_byte(&d->made, '\n');
		d->ops[last++] = (struct md_op){ .kind = kind, .flags = MD_MADE, .src = (uint32_t)to,
			.at = made, .len = 1 };
	}
	d->ops = mem_grow(d->ops, last, &d->cap_ops, sizeof *d->ops);
	d->ops[last++] = (struct md_op){ .kind = block, .flags = MD_CLOSE, .src = (uint32_t)to };
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
	f->on = look(f, str_head(source, to)) && str_find_byte(more, '\r') == more.n;
	if (!f->on || (hold && hold_is_fence(str_skip(source, f->seen), true)))
		return false;
	set_end(d, op, source, to);
	return true;
}
