#include "text/inline.h"

#include "text/link.h"

enum {
	NESTED_MAX = 8,		/* pictures in links in pictures */
	TARGET_COLS = 80	/* of a destination that is no link */
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
	struct style base;
	unsigned emphasis, strong, strike, code;
	struct anchor anchors[NESTED_MAX];
	size_t n, deeper;
	struct buf shown;	/* the text of the open anchors */
};

static struct style
style_now(const struct run *r)
{
	struct style s = r->base;

	for (size_t i = 0; i < r->n; i++) {
		if (r->anchors[i].op->kind == MD_LINK && r->anchors[i].link.kind != LINK_INERT) {
			s.role = ROLE_LINK;
			s.attr |= ATTR_UNDERLINE;
		}
	}
	if (r->code > 0)
		s.role = ROLE_CODE;
	s.attr |= (uint8_t)((r->emphasis > 0 ? ATTR_ITALIC : 0) | (r->strong > 0 ? ATTR_BOLD : 0) |
	    (r->strike > 0 ? ATTR_STRIKE : 0));
	return s;
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
	*a = (struct anchor){ .op = op, .text = r->shown.n };
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

static void
add_text(struct run *r, const struct md_op *op)
{
	struct str text = md_text(r->v, op);

	if (r->n > 0 && r->shown.n < LINK_URL_MAX)
		buf_str(&r->shown, str_head(text, LINK_URL_MAX));
	if (op->kind == MD_HTML)
		flow_add(r->flow, STYLE_WITH(ROLE_DIM, style_now(r).attr), text, op->src);
	else
		flow_add(r->flow, style_now(r), text, op->src);
}

/* False when `op` is not inline. */
static bool
step(struct run *r, const struct md_op *op)
{
	unsigned one = op->flags & MD_CLOSE ? -1u : 1u;

	switch (op->kind) {
	case MD_EMPHASIS:
		r->emphasis += one;
		break;
	case MD_STRONG:
		r->strong += one;
		break;
	case MD_STRIKE:
		r->strike += one;
		break;
	case MD_CODE:
		r->code += one;
		break;
	case MD_LINK:
	case MD_IMAGE:
		if (op->flags & MD_CLOSE)
			close_anchor(r);
		else
			open_anchor(r, op);
		break;
	case MD_TEXT:
	case MD_HTML:
		add_text(r, op);
		break;
	case MD_SOFT_BREAK:
		flow_add(r->flow, style_now(r), STR(" "), op->src);
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
inline_lay(struct flow *f, const struct md_view *v, size_t i, struct style base)
{
	struct run r = { .flow = f, .v = v, .base = base };

	while (i < v->n && step(&r, &v->op[i]))
		i++;
	buf_done(&r.shown);
	return i;
}
