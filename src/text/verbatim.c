#include "text/verbatim.h"

#include "base/width.h"
#include "text/rows.h"

enum {
	PIECE = 512,		/* bytes that are laid out at once: bounds what is moved at a cut */
	MARK_MIN_WIDTH = 8	/* narrower rows have no room for the mark */
};

void
verbatim_init(struct verbatim *v, struct rows *out, unsigned width, struct line first,
    struct line next, struct style style, unsigned flags)
{
	*v = (struct verbatim){
		.out = out, .width = width, .first = first, .next = next, .style = style,
		.flags = flags
	};
}

void
verbatim_done(struct verbatim *v)
{
	rows_done(&v->mark);
}

void
verbatim_begin(struct verbatim *v, struct line first, struct line next)
{
	v->first = first;
	v->next = next;
	rows_clear(&v->mark);
	v->started = false;
}

/* In the open row there are so many columns in front of the text. */
static void
set_indent(struct verbatim *v, unsigned cols)
{
	v->indent = cols;
	v->limit = cols < v->width ? v->width : cols + 1;
}

static void
begin_row(struct verbatim *v)
{
	rows_add_line(v->out, v->started ? v->next : v->first);
	rows_tabs_from_here(v->out);
	set_indent(v, v->out->open_cols);
	v->started = v->open = true;
}

static struct line
mark(struct verbatim *v)
{
	if (v->width < MARK_MIN_WIDTH)
		return v->next;
	if (rows_count(&v->mark) == 0) {
		rows_add_line(&v->mark, v->next);
		rows_say(&v->mark, STYLE_WITH(v->style.role, ATTR_DIM), "↳ ");
		rows_end(&v->mark, 0);
	}
	return rows_line(&v->mark, 0);
}

/* Ends the row where it is full; what does not even fit alone is left out. */
static void
cut(struct verbatim *v)
{
	struct rows_place end = rows_place_at(v->out, v->limit), begin = end;

	if (end.cols <= v->indent)
		begin = rows_place_at(v->out, v->limit + 1);
	rows_split(v->out, end, begin, mark(v), v->flags);
	rows_tabs_from_here(v->out);
	set_indent(v, mark(v).cols);
}

/* Where to end a piece: not in a character, and where it can be seen cheaply not in a cluster. */
static size_t
piece_end(struct str s)
{
	size_t n = PIECE;

	if (s.n <= PIECE)
		return s.n;
	while (n > PIECE / 2 && ((unsigned char)s.p[n] >= 0x80 || (unsigned char)s.p[n - 1] >= 0x80))
		n--;
	return n > PIECE / 2 ? n : width_cluster_before(s, PIECE);
}

/* Adds the start of a part of the line, as far as it is plain and there is room; returns its length. */
static size_t
add_plain(struct verbatim *v, struct style style, struct str part, uint32_t src)
{
	static const struct safe_piece tab = { .kind = SAFE_TAB, .src_len = 1 };
	unsigned room = v->limit > v->out->open_cols ? v->limit - v->out->open_cols : 0;

	if (v->copied == 0 && part.p[0] == '\t' && room >= 8) {
		rows_put(v->out, style, &tab, src);
		return 1;
	}
	if (v->copied == 0)
		v->copied = (uint32_t)rows_copy_ascii(v->out, v->line, room);
	if (part.n > v->copied)
		part.n = v->copied;
	if (part.n > 0)
		rows_take_ascii(v->out, style, (uint32_t)part.n, src);
	v->copied -= (uint32_t)part.n;
	return part.n;
}

/* The start of a text, and what the line is behind it. */
static void
pass(struct verbatim *v, struct str *text, uint32_t *src, size_t n)
{
	*text = str_skip(*text, n);
	v->line = str_skip(v->line, n);
	if (*src != LINE_NO_SRC)
		*src += (uint32_t)n;
}

void
verbatim_add(struct verbatim *v, struct style style, struct str text, uint32_t src)
{
	for (size_t n = 1; n > 0 && text.n > 0 && v->line.n > 0;) {
		if (!v->open)
			begin_row(v);
		n = add_plain(v, style, text, src);
		pass(v, &text, &src, n);
	}
	while (text.n > 0) {
		size_t n = piece_end(text);

		if (!v->open)
			begin_row(v);
		rows_add(v->out, style, str_head(text, n), src);
		while (v->out->open_cols > v->limit)
			cut(v);
		pass(v, &text, &src, n);
		v->copied = 0;
	}
}

void
verbatim_end(struct verbatim *v)
{
	if (!v->open)
		begin_row(v);
	rows_end(v->out, v->flags);
	v->line = STR_NONE;
	v->copied = 0;
	v->open = false;
}

static void
pass_source(struct verbatim *v, size_t n)
{
	size_t made = n < v->made ? n : v->made;

	v->made -= made;
	if (v->src != LINE_NO_SRC)
		v->src += (uint32_t)(n - made);
}

static struct style
run_style(const struct verbatim *v, const struct role_run *run)
{
	return style_make(run->role == ROLE_TEXT ? v->style.role : run->role, 0);
}

/* A run that is not copied as a whole, or has no source. */
static void
put_run(struct verbatim *v, const struct role_run *run)
{
	verbatim_add(v, run_style(v, run), str_head(v->line, run->n), v->made > 0 ? LINE_NO_SRC : v->src);
	pass_source(v, run->n);
}

/* Those at the start of the run, the first of the row, as far as there is room; what is left of it may be empty. */
static void
put_tabs(struct verbatim *v, struct role_run *run)
{
	uint32_t n = 0;

	while (n < run->n && v->line.p[n] == '\t' && v->indent + (n + 1) * 8 <= v->limit)
		n++;
	if (n == 0)
		return;
	rows_put_tabs(v->out, run_style(v, run), n, v->src);
	run->n -= n;
	v->line = str_skip(v->line, n);
	v->src += n;
}

/* The runs that can be copied, from the first on; those that are empty are none. */
static size_t
take_runs(struct verbatim *v, struct role_run *runs, size_t n)
{
	size_t before, taken;

	if (!v->open) {
		begin_row(v);
		put_tabs(v, runs);
	}
	if (runs->n == 0)
		return 1;
	if (v->copied == 0 && v->limit > v->out->open_cols)
		v->copied = (uint32_t)rows_copy_ascii(v->out, v->line, v->limit - v->out->open_cols);
	before = v->out->text.n;
	n = rows_take_runs(v->out, v->style.role, runs, n, v->copied, v->src);
	taken = v->out->text.n - before;
	v->copied -= (uint32_t)taken;
	v->line = str_skip(v->line, taken);
	v->src += (uint32_t)taken;
	return n;
}

static void
put_runs(void *user, struct role_run *runs, size_t n)
{
	struct verbatim *v = user;

	while (n > 0) {
		size_t taken = v->made == 0 && v->src != LINE_NO_SRC ? take_runs(v, runs, n) : 0;

		if (taken == 0) {
			put_run(v, runs);
			taken = 1;
		}
		runs += taken;
		n -= taken;
	}
}

unsigned
verbatim_code(struct verbatim *v, const struct code_lang *lang, unsigned state, struct str line, uint32_t src,
    size_t made)
{
	v->line = line;
	v->copied = 0;
	v->src = src;
	v->made = src == LINE_NO_SRC ? 0 : made;
	state = code_line(lang, state, line, put_runs, v);
	verbatim_end(v);
	return state;
}
