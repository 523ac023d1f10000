#include "app/plain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/question.h"
#include "text/ansi.h"
#include "text/paint.h"
#include "text/safe.h"

enum { BACK_WORDS = 60 };	/* bytes that tell what was taken back */

struct plain_mark {
	size_t text;		/* bytes of the item's text that were printed */
	unsigned generation;
	bool head, tail;	/* its first and last lines were printed */
	bool answered;
	enum item_back back;	/* as was told last */
	unsigned version;	/* of the item when it was last printed, where that matters */
};

void
plain_done(struct plain *p)
{
	free(p->marks);
	free(p->late);
	*p = (struct plain){ .theme = p->theme };
}

typedef void print_line(struct plain *p, const struct item *it, struct str text, struct buf *out);

/* As line, in colours: the label in that of its kind. */
static void
painted_line(const struct theme *theme, const struct item *it, bool first, struct str text,
    struct buf *out)
{
	static const enum role roles[] = {
		[ITEM_USER] = ROLE_USER, [ITEM_TEXT] = ROLE_AGENT, [ITEM_REASON] = ROLE_REASON,
		[ITEM_TOOL] = ROLE_TOOL, [ITEM_ASK] = ROLE_ASK, [ITEM_TERM] = ROLE_TERMINAL,
		[ITEM_FLOW] = ROLE_STATUS, [ITEM_NOTE] = ROLE_NOTE, [ITEM_RAW] = ROLE_DIM,
	};
	struct rows rows = { 0 };

	if (first)
		rows_printf(&rows, STYLE(roles[it->kind]), "%s: ", item_label(it));
	else
		rows_say(&rows, STYLE(ROLE_TEXT), "  ");
	rows_add(&rows, STYLE(it->kind == ITEM_REASON ? ROLE_REASON : ROLE_TEXT), text, LINE_NO_SRC);
	paint_line(theme, DEPTH_256, rows_open(&rows), out);
	buf_byte(out, '\n');
	rows_done(&rows);
}

/* "label: text"; a line of an item that is not its first is indented. */
static void
line(struct plain *p, const struct item *it, struct str text, struct buf *out)
{
	bool first = p->last != it->number;

	p->last = it->number;
	if (p->theme != NULL) {
		painted_line(p->theme, it, first, text, out);
		return;
	}
	if (first)
		buf_printf(out, "%s: ", item_label(it));
	else
		buf_str(out, STR("  "));
	safe_add(out, text);
	buf_byte(out, '\n');
}

/* A line of what a program printed, as a terminal would show it: no colours, a progress bar at its
 * end. */
static void
terminal_line(struct plain *p, const struct item *it, struct str text, struct buf *out)
{
	struct rows rows = { 0 };
	struct buf shown = { 0 };
	struct ansi a;

	ansi_init(&a, &rows, STYLE(ROLE_TEXT));
	ansi_update(&a, text);
	for (size_t i = 0; i < rows_count(&rows); i++)
		line_text(rows_line(&rows, i), &shown);
	line_text(rows_open(&rows), &shown);
	line(p, it, buf_view(&shown), out);
	ansi_done(&a);
	rows_done(&rows);
	buf_done(&shown);
}

/* `print` on every complete line of `text` from *at on; on the rest too when it is final. */
static void
lines(struct plain *p, const struct item *it, print_line *print, struct str text, size_t *at,
    bool final, struct buf *out)
{
	while (*at < text.n) {
		struct str rest = str_skip(text, *at);
		size_t n = str_find_byte(rest, '\n');

		if (n == rest.n && !final)
			return;
		print(p, it, str_head(rest, n), out);
		*at += n < rest.n ? n + 1 : n;
	}
}

static void
all_lines(struct plain *p, const struct item *it, print_line *print, const struct buf *text,
    struct buf *out)
{
	size_t at = 0;

	lines(p, it, print, buf_view(text), &at, true, out);
}

static void
sentence(struct plain *p, const struct item *it, struct buf *out, struct buf *text)
{
	line(p, it, buf_view(text), out);
	buf_done(text);
}

/* Replaced text cannot be taken back: what follows the common length is all that can be added. */
static void
text_item(struct plain *p, struct plain_mark *m, const struct item *it, bool final, struct buf *out)
{
	bool complete = !it->open || final;

	if (m->generation != it->generation && m->text > it->text.n)
		m->text = it->text.n;
	m->generation = it->generation;
	if (it->kind != ITEM_USER && it->msg.gap && it->text.n > 0 && !m->head) {
		m->head = true;
		line(p, it, STR("(something is missing here)"), out);
	}
	lines(p, it, line, buf_view(&it->text), &m->text, complete, out);
	if (it->kind != ITEM_USER && it->msg.state == MSG_CUT && complete && !m->tail) {
		m->tail = true;
		line(p, it, STR("(interrupted)"), out);
	}
}

static void
tool_item(struct plain *p, struct plain_mark *m, const struct item *it, bool final, struct buf *out)
{
	static const char *const states[] = {
		[TOOL_UNSAID] = "", [TOOL_PENDING] = "pending", [TOOL_RUNNING] = "running",
		[TOOL_OK] = "ok", [TOOL_ERROR] = "failed", [TOOL_DENIED] = "denied",
	};
	struct buf head = { 0 };

	/* Its output may still be replaced as a whole until it ends. */
	if (m->head || (it->open && !final))
		return;
	m->head = true;
	buf_printf(&head, "%.*s [%s] ", STR_ARG(buf_view(&it->title)), states[it->tool.state]);
	buf_str(&head, buf_view(&it->input));
	sentence(p, it, out, &head);
	all_lines(p, it, terminal_line, &it->text, out);
	all_lines(p, it, line, &it->diff, out);
	all_lines(p, it, line, &it->error, out);
}

/* What can be chosen, a line each; a question that has no text of its own is the item's. */
static void
choices(struct plain *p, const struct item *it, struct buf *out)
{
	struct questions all = { 0 };
	struct buf text = { 0 };

	questions_of(&all, it);
	for (size_t i = 0; i < all.n; i++) {
		const struct question *q = &all.v[i];

		if (all.n > 1)
			buf_printf(&text, "%.*s\n", STR_ARG(buf_view(&q->text)));
		for (size_t k = 0; k < q->n; k++)
			buf_printf(&text, "- %.*s%s%.*s\n", STR_ARG(buf_view(&q->choices[k].label)),
			    q->choices[k].about.n > 0 ? ": " : "", STR_ARG(buf_view(&q->choices[k].about)));
	}
	if (text.n > 0)
		text.n--;
	all_lines(p, it, line, &text, out);
	buf_done(&text);
	questions_done(&all);
}

static void
ask_item(struct plain *p, struct plain_mark *m, const struct item *it, struct buf *out)
{
	static const char *const answers[] = {
		[ANSWER_ONCE] = "approved", [ANSWER_ALWAYS] = "approved always",
		[ANSWER_REJECT] = "rejected", [ANSWER_TEXT] = "answered", [ANSWER_EXPIRED] = "expired",
		[ANSWER_CHOICES] = "answered",
	};
	struct buf text = { 0 };

	if (!m->head) {
		m->head = true;
		buf_str(&text, buf_view(&it->title));
		sentence(p, it, out, &text);
		all_lines(p, it, line, &it->input, out);
		all_lines(p, it, line, &it->text, out);
		choices(p, it, out);
	}
	if (it->ask.answered && !m->answered) {
		m->answered = true;
		buf_printf(&text, "%s by %.*s", answers[it->ask.answer],
		    STR_ARG(it->ask.by.n > 0 ? buf_view(&it->ask.by) : STR("somebody")));
		buf_str(&text, it->ask.reply.n > 0 ? STR(": ") : STR_NONE);
		buf_str(&text, buf_view(&it->ask.reply));
		sentence(p, it, out, &text);
	}
}

static void
flow_item(struct plain *p, struct plain_mark *m, const struct item *it, struct buf *out)
{
	struct buf text = { 0 };

	/* A step is one item that changes: each of its states is a line. */
	if (m->version == it->version)
		return;
	m->version = it->version;
	if (it->flow.state.n > 0)
		buf_printf(&text, "[%.*s] ", STR_ARG(buf_view(&it->flow.state)));
	buf_str(&text, buf_view(&it->text));
	sentence(p, it, out, &text);
}

/* A terminal by itself says what it runs before, and what became of that behind what it printed. */
static void
term_item(struct plain *p, struct plain_mark *m, const struct item *it, bool final, struct buf *out)
{
	struct buf text = { 0 };

	if (it->term.own && !m->head) {
		buf_printf(&text, "%.*s%s", STR_ARG(buf_view(&it->title)), it->title.n > 0 ? ": " : "");
		buf_str(&text, buf_view(&it->input));
		sentence(p, it, out, &text);
		buf_clear(&text);
		if (it->term.gap)
			buf_str(&text, STR("(something is missing here)"));
		if (text.n > 0)
			sentence(p, it, out, &text);
		m->head = true;
	}
	lines(p, it, terminal_line, buf_view(&it->text), &m->text, !it->open || final, out);
	if (!it->term.own || it->open || m->answered)
		return;
	m->answered = true;
	buf_clear(&text);
	if (it->term.lost)
		buf_str(&text, STR("(what else it printed could not be read) "));
	if (it->term.exit_code >= 0)
		buf_printf(&text, "[exit %d]", it->term.exit_code);
	else
		buf_str(&text, STR("[ended]"));
	sentence(p, it, out, &text);
}

static void
add_item(struct plain *p, struct plain_mark *m, const struct item *it, bool final, struct buf *out)
{
	switch (it->kind) {
	case ITEM_TOOL:
		tool_item(p, m, it, final, out);
		break;
	case ITEM_ASK:
		ask_item(p, m, it, out);
		break;
	case ITEM_FLOW:
		flow_item(p, m, it, out);
		break;
	case ITEM_TERM:
		term_item(p, m, it, final, out);
		break;
	case ITEM_USER:
	case ITEM_TEXT:
	case ITEM_REASON:
		text_item(p, m, it, final, out);
		break;
	case ITEM_NOTE:
	case ITEM_RAW:
		lines(p, it, line, buf_view(&it->text), &m->text, true, out);
		break;
	}
}

/* What was said and is printed stays; that it counts no more is told behind it. */
static void
tell_back(struct plain *p, struct plain_mark *m, const struct item *it, struct buf *out)
{
	const struct buf *said = it->text.n > 0 ? &it->text : it->title.n > 0 ? &it->title : &it->error;
	struct str rest, first = str_head(str_cut(buf_view(said), '\n', &rest), BACK_WORDS);
	struct buf text = { 0 };

	if (m->back == it->back)
		return;
	m->back = it->back;
	if (first.n == 0)
		return;
	buf_str(&text, it->back == ITEM_STANDS ? STR("(stands again: ") : STR("(taken back: "));
	first.n -= utf8_partial_tail(first);
	buf_str(&text, first);
	buf_str(&text, first.n < said->n ? STR(" …)") : STR(")"));
	sentence(p, it, out, &text);
}

static void
tell_backs(struct plain *p, const struct session *s, struct buf *out)
{
	if (p->backs == s->backs + 1)
		return;
	p->backs = s->backs + 1;
	for (size_t i = 0; i < s->nitems; i++)
		tell_back(p, &p->marks[i], session_item(s, i), out);
}

/* Nothing more can come of it. */
static bool
is_over(const struct plain_mark *m, const struct item *it)
{
	return !it->open && (it->kind != ITEM_ASK || m->answered);
}

void
plain_add(struct plain *p, const struct session *s, bool final, struct buf *out)
{
	uint64_t start = s->nitems > 0 ? s->first : 0;

	if (p->start != start) {
		p->n = p->first = p->nlate = 0;
		p->start = start;
	}
	while (p->n < s->nitems) {
		p->marks = mem_grow(p->marks, p->n, &p->cap, sizeof *p->marks);
		p->marks[p->n++] = (struct plain_mark){ 0 };
	}
	for (size_t i = 0; i < p->nlate; i++)
		flow_item(p, &p->marks[p->late[i]], session_item(s, p->late[i]), out);
	for (size_t i = p->first; i < s->nitems; i++) {
		const struct item *it = session_item(s, i);

		add_item(p, &p->marks[i], it, final, out);
		if (i != p->first || !is_over(&p->marks[i], it))
			continue;
		p->first++;
		if (it->kind == ITEM_FLOW) {
			p->late = mem_grow(p->late, p->nlate, &p->cap_late, sizeof *p->late);
			p->late[p->nlate++] = i;
		}
	}
	tell_backs(p, s, out);
}
