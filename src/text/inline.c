#include "text/inline.h"

#include "text/link.h"

enum {
	NESTED_MAX = 8,		/* pictures in links in pictures */
	TARGET_COLS = 80,	/* of a destination that is no link */
	SLICE = 1024,		/* bytes of text between two marks */
	SLICE_MORE = 512,	/* and those in which a good place for one is looked for */
	WORD_OPS = 24,		/* operations of the word a row begins with */
	SURE_COLS = 3		/* so many behind a row has begun, more text does not change where */
};

/* A link or picture that is open. */
struct anchor {
	const struct md_op *op;
	struct link link;
	size_t text;		/* where its text starts in `shown` */
};

struct run {
	struct flow *flow;
	const struct md_view *v;
	struct style base, style;
	unsigned emphasis, strong, strike, code;
	struct anchor *anchors;	/* NESTED_MAX of them: large, so not cleared each time */
	size_t n, deeper;
	struct buf shown;	/* the text of the open anchors */
	struct inline_marks *marks;	/* NULL: none are left */
	size_t rows;			/* before the row that was looked at for that */
};

/* Something was opened or closed: what text looks like now. */
static void
restyle(struct run *r)
{
	enum role role = r->base.role;
	unsigned attr = r->base.attr;

	for (size_t i = 0; i < r->n; i++) {
		if (r->anchors[i].op->kind == MD_LINK && r->anchors[i].link.kind != LINK_INERT) {
			role = ROLE_LINK;
			attr |= ATTR_UNDERLINE;
		}
	}
	if (r->code > 0)
		role = ROLE_CODE;
	attr |= (r->emphasis > 0 ? ATTR_ITALIC : 0) | (r->strong > 0 ? ATTR_BOLD : 0) |
	    (r->strike > 0 ? ATTR_STRIKE : 0);
	r->style = style_make(role, attr);
}

/* The spans that are open as a mark has them; false when there are too many. */
static bool
pack_spans(const struct run *r, unsigned *spans)
{
	*spans = r->emphasis | r->strong << 8 | r->strike << 16 | r->code << 24;
	return (r->emphasis | r->strong | r->strike | r->code) < 256;
}

static void
open_spans(struct run *r, unsigned spans)
{
	r->emphasis = spans & 255;
	r->strong = spans >> 8 & 255;
	r->strike = spans >> 16 & 255;
	r->code = spans >> 24;
}

static void
say(struct run *r, struct style style, const char *words)
{
	flow_add(r->flow, style, str_from(words), LINE_NO_SRC);
}

/* A destination that leads nowhere weir goes is shown as the text it is. */
static void
say_target(struct run *r, struct str target)
{
	bool cut = target.n > TARGET_COLS;

	flow_add(r->flow, STYLE(ROLE_DIM), str_head(target, TARGET_COLS), LINE_NO_SRC);
	if (cut)
		say(r, STYLE(ROLE_DIM), "…");
}

static void
open_anchor(struct run *r, const struct md_op *op)
{
	struct anchor *a;

	if (r->n == NESTED_MAX) {
		r->deeper++;
		return;
	}
	a = &r->anchors[r->n++];
	a->op = op;
	a->text = r->shown.n;
	link_read(&a->link, md_text(r->v, op));
	if (op->kind == MD_IMAGE)
		say(r, STYLE(ROLE_DIM), "[image: ");
}

static void
close_image(struct run *r, const struct anchor *a)
{
	say(r, STYLE(ROLE_DIM), " → ");
	if (a->link.nhost > 0)
		flow_add(r->flow, STYLE(ROLE_HOST), link_host(&a->link), LINE_NO_SRC);
	else
		say_target(r, md_text(r->v, a->op));
	say(r, STYLE(ROLE_DIM), "]");
}

static void
close_link(struct run *r, const struct anchor *a)
{
	struct str text = str_skip(buf_view(&r->shown), a->text), target = md_text(r->v, a->op);
	bool lies;

	if (a->link.nhost > 0) {
		if (!link_needs_host(&a->link, text, &lies))
			return;
		say(r, STYLE(ROLE_DIM), " (");
		flow_add(r->flow, STYLE(lies || a->link.userinfo ? ROLE_WARN : ROLE_HOST),
		    link_host(&a->link), LINE_NO_SRC);
	} else if (target.n == 0 || str_eq(text, target)) {
		return;
	} else {
		say(r, STYLE(ROLE_DIM), " (");
		say_target(r, target);
	}
	say(r, STYLE(ROLE_DIM), ")");
}

static void
close_anchor(struct run *r)
{
	struct anchor *a;

	if (r->deeper > 0) {
		r->deeper--;
		return;
	}
	if (r->n == 0)
		return;
	a = &r->anchors[--r->n];
	if (a->op->kind == MD_IMAGE)
		close_image(r, a);
	else
		close_link(r, a);
	if (r->n == 0)
		buf_clear(&r->shown);
}

static bool
is_visible(char c)
{
	return c > ' ' && c < 0x7F;
}

/* The lead byte of an ideograph. */
static bool
is_ideograph(char c)
{
	return (unsigned char)c >= 0xE4 && (unsigned char)c <= 0xE9;
}

/* Whether the text may be laid out in two parts here: what stands on either side is not joined. */
static bool
is_joint(struct str text, size_t at)
{
	char before = text.p[at - 1], c = text.p[at];

	if (at >= 3 && is_ideograph(c) && is_ideograph(text.p[at - 3]))
		return true;
	return is_visible(c) && (is_visible(before) || before == ' ');
}

/* Whether a row begins in the text of the operation, and where. */
static bool
row_start(const struct run *r, size_t i, struct line l, size_t *at)
{
	const struct md_op *op = &r->v->op[i];
	uint32_t src = LINE_NO_SRC;
	unsigned cols = 0;

	/* Behind what containers put in front of it. */
	for (size_t k = 0; k < l.n && src == LINE_NO_SRC && cols <= r->flow->indent; k++) {
		src = cols == r->flow->indent ? l.spans[k].src : LINE_NO_SRC;
		cols += l.spans[k].cols;
	}
	if (src == LINE_NO_SRC || src < op->src)
		return false;
	*at = src - op->src;
	if (*at == 0)
		return true;
	return op->flags == 0 && *at < op->len && is_joint(md_text(r->v, op), *at);
}

static bool
is_span(const struct md_op *op)
{
	return op->kind >= MD_EMPHASIS && op->kind <= MD_IMAGE;
}

/* A picture says that it is one: that may stand in the row before. */
static bool
opens_silently(const struct md_op *op)
{
	return is_span(op) && op->kind != MD_IMAGE && !(op->flags & MD_CLOSE);
}

/* The place where the open row begins, when it is in text in the spans the i-th is in, or in front of others. */
static bool
find_start(const struct run *r, size_t i, size_t *op, size_t *at)
{
	struct line l = rows_open(r->flow->out);
	int depth = 0;

	for (size_t k = i; k > 0 && i - k < WORD_OPS; k--) {
		const struct md_op *o = &r->v->op[k];

		if (is_span(o)) {
			depth += o->flags & MD_CLOSE ? 1 : -1;
			if (depth < 0)
				return false;
		} else if (o->kind == MD_TEXT && row_start(r, k, l, at)) {
			for (*op = k; *at == 0 && opens_silently(o - 1); --*op, o--)
				depth--;
			return depth == 0;
		}
	}
	return false;
}

/*
 * Text of the i-th operation was added, all of it or up to `end`: marks a row that has begun. The last character
 * may be another when more of it comes, and then have made the row begin elsewhere.
 */
static void
mark_row(struct run *r, size_t i, size_t end)
{
	struct rows *out = r->flow->out;
	struct inline_mark m = { .rows = rows_count(out), .until = i, .need = end };

	if (m.rows == r->rows || out->open_cols < r->flow->begun + SURE_COLS)
		return;
	r->rows = m.rows;
	if (!pack_spans(r, &m.spans) || !find_start(r, i, &m.op, &m.at))
		return;
	r->marks->prior = r->marks->last;
	r->marks->last = m;
}

/* The end of a slice: between words or ideographs. */
static size_t
slice(struct str text)
{
	if (text.n <= SLICE + SLICE_MORE)
		return text.n;
	for (size_t i = SLICE; i < SLICE + SLICE_MORE; i++)
		if (is_joint(text, i))
			return i;
	return text.n;
}

static void
add_marked(struct run *r, size_t i, size_t at)
{
	const struct md_op *op = &r->v->op[i];
	struct str text = md_text(r->v, op);

	while (at < text.n) {
		size_t n = op->flags == 0 ? slice(str_skip(text, at)) : text.n;

		flow_add(r->flow, r->style, str_head(str_skip(text, at), n), op->src + (uint32_t)at);
		at += n;
		mark_row(r, i, at);
	}
}

static void
add_text(struct run *r, size_t i, size_t at)
{
	const struct md_op *op = &r->v->op[i];
	struct str text = str_skip(md_text(r->v, op), at);

	if (r->marks != NULL && r->n == 0 && op->kind == MD_TEXT) {
		add_marked(r, i, at);
		return;
	}
	if (r->n > 0 && r->shown.n < LINK_URL_MAX)
		buf_str(&r->shown, str_head(text, LINK_URL_MAX));
	if (op->kind == MD_HTML)
		flow_add(r->flow, STYLE_WITH(ROLE_DIM, r->style.attr), text, op->src);
	else
		flow_add(r->flow, r->style, text, op->src);
}

/* md4c 0.4.8 may end what did not begin: where an address covers the start of emphasis. */
static void
count(unsigned *open, const struct md_op *op)
{
	if (!(op->flags & MD_CLOSE))
		++*open;
	else if (*open > 0)
		--*open;
}

static void
step_span(struct run *r, const struct md_op *op)
{
	if (op->kind == MD_EMPHASIS)
		count(&r->emphasis, op);
	else if (op->kind == MD_STRONG)
		count(&r->strong, op);
	else if (op->kind == MD_STRIKE)
		count(&r->strike, op);
	else if (op->kind == MD_CODE)
		count(&r->code, op);
	else if (op->flags & MD_CLOSE)
		close_anchor(r);
	else
		open_anchor(r, op);
	restyle(r);
}

/* False when the i-th operation is not inline. */
static bool
step(struct run *r, size_t i, size_t at)
{
	const struct md_op *op = &r->v->op[i];

	/* Most are text, most others spans. */
	if (op->kind == MD_TEXT || op->kind == MD_HTML) {
		add_text(r, i, at);
		return true;
	}
	if (is_span(op)) {
		step_span(r, op);
		return true;
	}
	switch (op->kind) {
	case MD_SOFT_BREAK:
		flow_add(r->flow, r->style, STR(" "), op->src);
		break;
	case MD_HARD_BREAK:
		flow_break(r->flow);
		break;
	case MD_NOTE:
		say(r, STYLE(ROLE_NOTE), "[markup left as it is: too much of it in one place]");
		flow_break(r->flow);
		break;
	default:
		return false;
	}
	return true;
}

size_t
inline_lay(struct flow *f, const struct md_view *v, size_t i, struct style base, struct inline_marks *marks)
{
	struct anchor anchors[NESTED_MAX];
	struct run r = { .flow = f, .v = v, .base = base, .anchors = anchors, .marks = marks };
	size_t at = 0;

	if (marks != NULL) {
		/* The first row may begin otherwise than the others. */
		r.rows = rows_count(f->out);
		open_spans(&r, marks->last.spans);
		at = marks->last.at;
	}
	restyle(&r);
	for (; i < v->n && step(&r, i, at); i++)
		at = 0;
	buf_done(&r.shown);
	return i;
}
