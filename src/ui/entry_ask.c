#include "ui/choices.h"
#include "ui/entry_parts.h"

enum {
	FOLDED_ASK = 8,		/* rows of what is to be judged, while folded; of a diff too */
	EXACT_MAX = 2000
};

static void
judged(struct entry *e, const struct item *it)
{
	bool full = e->look.full || e->look.focused;
	struct section *diff;

	if (it->input.n > 0) {
		entry_exact(&e->said, buf_view(&it->input), part_width(e), full ? EXACT_MAX : FOLDED_ASK);
		part_end(e, GUTTER_EXACT);
	}
	if (it->input.n + it->diff.n == 0 && it->ask.what == ASK_PERMISSION)
		part_paragraph(e, STYLE(ROLE_WARN), STR("what it would do was not said"), GUTTER_ASK);
	if (it->diff.n == 0)
		return;
	diff = &e->sections[e->nsections];
	part_text(e, 2, LAYOUT_DIFF, it, &it->diff, GUTTER_EXACT);
	if (!full)
		entry_fold_diff(diff, FOLDED_ASK);
}

static void
add_answer(struct entry *e, const struct item *it, struct buf *words)
{
	static const char *const answers[] = {
		[ANSWER_ONCE] = "allowed once", [ANSWER_ALWAYS] = "allowed always",
		[ANSWER_REJECT] = "rejected", [ANSWER_TEXT] = "answered", [ANSWER_EXPIRED] = "expired",
		[ANSWER_CHOICES] = "answered",
	};
	bool no = it->ask.answer == ANSWER_REJECT || it->ask.answer == ANSWER_EXPIRED;
	const char *mark = no ? part_pick(e, "✗", "x") : part_pick(e, "✓", "ok");

	if (!it->ask.answered && it->ask.send != SEND_CONFIRMED)
		mark = it->ask.send == SEND_PENDING ? part_pick(e, "…", "...") : "?";
	buf_printf(words, "%s %s", mark, answers[it->ask.answer]);
	part_with(words, " by ", &it->ask.by);
	part_with(words, ": ", &it->ask.reply);
	if (!it->ask.answered && it->ask.send == SEND_PENDING)
		buf_str(words, STR(" (being sent)"));
	if (!it->ask.answered && it->ask.send == SEND_UNSURE)
		buf_str(words, STR(" (not confirmed)"));
}

static bool
is_question(const struct item *it)
{
	return it->ask.what == ASK_QUESTION || it->ask.what == ASK_INPUT;
}

/* How to answer, or what the answer was. */
static void
build_answer(struct entry *e, const struct item *it)
{
	bool sent = it->ask.send == SEND_PENDING || it->ask.send == SEND_UNSURE ||
	    it->ask.send == SEND_CONFIRMED;
	struct buf words = { 0 };
	enum role role = ROLE_ASK;

	if (it->ask.answered || sent) {
		add_answer(e, it, &words);
		role = it->ask.answered ? ROLE_DIM : ROLE_PENDING;
	} else if (e->look.read_only) {
		buf_str(&words, STR("read only: it is answered elsewhere"));
	} else if (!e->look.focused) {
		buf_str(&words, it->ask.send == SEND_REJECTED ?
		    STR("this answer was not accepted: press a to give it again") :
		    STR("press a to answer"));
	} else if (!e->look.armed) {
		buf_str(&words, STR("read it first: the keys work in a moment"));
	} else if (e->look.choices != NULL && choices_any(e->look.choices)) {
		buf_str(&words, STR("1-9 choose, Enter goes on and sends, i your own words, n reject, r and say why, "
		    "Esc leave"));
	} else if (is_question(it)) {
		buf_str(&words, STR("Enter write an answer, n reject, r and say why, Esc leave"));
	} else {
		buf_str(&words, STR("y allow once, A allow always, n reject, r and say why, Esc leave"));
	}
	part_paragraph(e, STYLE_WITH(role, e->look.armed ? ATTR_REVERSE : 0), buf_view(&words), GUTTER_ASK);
	buf_done(&words);
}

/* "1 (x) label: what it means"; only the question that has the digits shows them. */
static void
choice_row(struct entry *e, const struct question *q, size_t k, size_t from)
{
	const struct choice *c = &q->choices[k];
	struct buf words = { 0 };

	if (k >= from && k - from < CHOICES_DIGITS)
		buf_printf(&words, "%zu ", k - from + 1);
	else
		buf_str(&words, STR("  "));
	buf_printf(&words, "%c%c%c ", q->several ? '[' : '(', c->chosen ? 'x' : ' ',
	    q->several ? ']' : ')');
	buf_str(&words, buf_view(&c->label));
	part_with(&words, ": ", &c->about);
	part_paragraph(e, STYLE_WITH(ROLE_TEXT, c->chosen ? ATTR_BOLD : 0), buf_view(&words), GUTTER_ASK);
	buf_done(&words);
}

/* Of several each says what it is about; of one alone the first row has said it. */
static void
question_rows(struct entry *e, const struct questions *all, size_t i, const struct choices *c)
{
	const struct question *q = &all->v[i];
	bool active = c != NULL && c->active == i;
	struct buf words = { 0 };

	if (all->n > 1) {
		buf_printf(&words, "%zu/%zu ", i + 1, all->n);
		buf_str(&words, buf_view(&q->header));
		buf_str(&words, q->header.n > 0 ? STR(": ") : STR_NONE);
	}
	buf_str(&words, buf_view(&q->text));
	if (words.n > 0)
		part_paragraph(e, STYLE_WITH(ROLE_TEXT, active && all->n > 1 ? ATTR_BOLD : 0),
		    buf_view(&words), GUTTER_ASK);
	for (size_t k = 0; k < q->n; k++)
		choice_row(e, q, k, active ? c->from : SIZE_MAX);
	if (active && q->n > CHOICES_DIGITS)
		part_paragraph(e, STYLE(ROLE_DIM), STR("0 numbers the next of them"), GUTTER_ASK);
	if (q->typed.n > 0)
		part_paragraph(e, STYLE_WITH(ROLE_TEXT, ATTR_BOLD), buf_view(&q->typed), GUTTER_ASK);
	buf_done(&words);
}

static void
questions(struct entry *e, const struct item *it)
{
	const struct choices *c = e->look.choices;
	struct questions all = { 0 };

	if (!is_question(it) || it->ask.options.n == 0) {
		part_text(e, 0, LAYOUT_PLAIN, it, &it->text, GUTTER_ASK);
		return;
	}
	if (c == NULL)
		questions_of(&all, it);
	for (size_t i = 0; i < (c != NULL ? c->questions.n : all.n); i++)
		question_rows(e, c != NULL ? &c->questions : &all, i, c);
	questions_done(&all);
}

void
part_ask(struct entry *e, const struct item *it)
{
	struct rows left = { 0 };
	struct style style = STYLE_WITH(ROLE_ASK, e->look.focused ? ATTR_REVERSE : 0);

	if (item_tells_nothing(it))
		return;

	rows_say(&left, style, item_label(it));
	rows_say(&left, STYLE(ROLE_ASK), " ");
	rows_add(&left, STYLE(ROLE_TEXT), buf_view(&it->title), LINE_NO_SRC);
	rows_say(&e->said, STYLE(ROLE_ASK), part_pick(e, "┃ ", "! "));
	part_head(e, rows_open(&left), (struct line){ 0 });
	rows_done(&left);
	if (!item_is_unheard(it)) {
		questions(e, it);
		judged(e, it);
	}
	build_answer(e, it);
	part_error(e, it, GUTTER_ASK);
}
