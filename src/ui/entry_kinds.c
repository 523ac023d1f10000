#include "base/clock.h"
#include "base/width.h"
#include "ui/entry_parts.h"
#include "ui/terminal.h"

enum {
	FOLDED_ROWS = 3,	/* of output seen while folded */
	FOLDED_TERM = 6,
	FOLDED_DIFF = 8,
	WIDE = 60,
	TAIL_BYTES = 8192,	/* that are looked at for them */
};

bool
entry_folds(const struct item *it)
{
	return it->kind == ITEM_REASON || it->kind == ITEM_TOOL || it->kind == ITEM_TERM ||
	    it->kind == ITEM_RAW || it->kind == ITEM_ASK;
}

bool
entry_is_small(const struct item *it)
{
	return it->kind == ITEM_NOTE || it->kind == ITEM_FLOW || it->kind == ITEM_RAW;
}

/* ---- sections */

/* The rows said since the last section; behind others of the same sort they are of that section. */
void
part_end(struct entry *e, enum gutter gutter)
{
	struct section *last = e->nsections > 0 ? &e->sections[e->nsections - 1] : NULL;
	size_t n = rows_count(&e->said) - e->claimed;

	if (n > 0 && last != NULL && last->layout == NULL && last->gutter == gutter)
		last->n += n;
	else if (n > 0)
		e->sections[e->nsections++] = (struct section){ .from = e->claimed, .n = n,
			.gutter = gutter };
	e->claimed += n;
}

unsigned
part_width(const struct entry *e)
{
	return e->look.width > 3 ? e->look.width - 2 : 1;
}

static struct layout *
layout_at(struct entry *e, size_t i, enum layout_kind kind, bool tail)
{
	if (e->layouts[i] != NULL && e->tail[i] != tail) {
		layout_free(e->layouts[i]);
		e->layouts[i] = NULL;
	}
	if (e->layouts[i] == NULL)
		e->layouts[i] = layout_new(kind, STR_NONE);
	e->tail[i] = tail;
	return e->layouts[i];
}

/* Of a text that is not known to have only grown. */
static unsigned
generation_of(struct str text)
{
	return (unsigned)str_hash(text, (const uint64_t[2]){ 0 });
}

void
part_text(struct entry *e, size_t i, enum layout_kind kind, const struct item *it,
    const struct buf *text, enum gutter gutter)
{
	unsigned generation = text == &it->text ? it->generation : generation_of(buf_view(text));
	struct layout *l;

	if (text->n == 0)
		return;
	l = layout_at(e, i, kind, false);
	layout_update(l, buf_view(text), generation, it->open, part_width(e));
	e->sections[e->nsections++] = (struct section){ l, .whole = true, .gutter = gutter };
}

/* The last complete lines in TAIL_BYTES of a text. */
static struct str
tail_of(struct str text)
{
	struct str tail = str_skip(text, text.n > TAIL_BYTES ? text.n - TAIL_BYTES : 0);
	size_t first = tail.n < text.n ? str_find_byte(tail, '\n') + 1 : 0;

	return first < tail.n ? str_skip(tail, first) : tail;
}

/* Only the end of a text is laid out for its last rows, however long it is. */
static void
last_rows(struct entry *e, size_t i, enum layout_kind kind, const struct item *it,
    const struct buf *text, size_t max, enum gutter gutter)
{
	struct str tail = tail_of(buf_view(text));
	struct layout *l;
	size_t n;

	if (text->n == 0)
		return;
	l = layout_at(e, i, kind, true);
	layout_update(l, tail, generation_of(tail), it->open, part_width(e));
	n = layout_count(l);
	e->sections[e->nsections++] = (struct section){ l, .from = n > max ? n - max : 0,
		.n = n > max ? max : n, .gutter = gutter };
}

/* A row as it is, up to the edge; returns the columns behind it. */
static unsigned
cut_row(struct entry *e, struct line l)
{
	unsigned width = part_width(e);

	if (l.cols <= width) {
		rows_add_line(&e->said, l);
		rows_end(&e->said, 0);
		return 0;
	}
	rows_add_cols(&e->said, l, 0, width - 1);
	rows_say(&e->said, STYLE(ROLE_WARN), part_pick(e, "»", ">"));
	rows_end(&e->said, 0);
	return l.cols - width + 1;
}

/* What stands on the screen of a program that moves its cursor. */
static void
emulated(struct entry *e, size_t max)
{
	bool picture = terminal_is_picture(e->terminal);
	struct rows screen = { 0 };
	unsigned hidden = 0;
	size_t n;

	terminal_rows(e->terminal, STYLE(ROLE_TEXT), &screen);
	n = rows_count(&screen);
	for (size_t i = !e->look.full && n > max ? n - max : 0; i < n; i++) {
		unsigned behind = picture ? cut_row(e, rows_line(&screen, i)) : 0;

		hidden = behind > hidden ? behind : hidden;
		if (!picture)
			rows_wrap(&e->said, rows_line(&screen, i), part_width(e), 0);
	}
	if (hidden > 0) {
		rows_printf(&e->said, STYLE(ROLE_DIM), "%u column%s more than fit here", hidden,
		    hidden == 1 ? "" : "s");
		rows_end(&e->said, 0);
	}
	part_end(e, GUTTER_TOOL);
	rows_done(&screen);
}

/* What a program printed: all of it, or the last `max` rows. */
static void
output(struct entry *e, size_t i, const struct item *it, size_t max)
{
	if (e->terminal == NULL)
		e->terminal = terminal_new();
	if (terminal_update(e->terminal, buf_view(&it->text), it->generation))
		emulated(e, max);
	else if (e->look.full)
		part_text(e, i, LAYOUT_TERMINAL, it, &it->text, GUTTER_TOOL);
	else
		last_rows(e, i, LAYOUT_TERMINAL, it, &it->text, max, GUTTER_TOOL);
}

/* A paragraph of weir's words or of a short text, content wide. */
void
part_paragraph(struct entry *e, struct style style, struct str text, enum gutter gutter)
{
	struct flow f;

	flow_init(&f, &e->said, part_width(e), (struct line){ 0 }, (struct line){ 0 });
	flow_add(&f, style, text, LINE_NO_SRC);
	flow_end(&f);
	part_end(e, gutter);
}

void
part_error(struct entry *e, const struct item *it, enum gutter gutter)
{
	if (it->error.n > 0)
		part_paragraph(e, STYLE(ROLE_ERROR), buf_view(&it->error), gutter);
}

/* ---- head rows */

const char *
part_pick(const struct entry *e, const char *glyph, const char *ascii)
{
	return e->look.ascii ? ascii : glyph;
}

/*
 * Ends the head row of an item: `left` is cut so that `right` has its place. The open row holds the
 * two columns of the gutter.
 */
void
part_head(struct entry *e, struct line left, struct line right)
{
	unsigned room = e->look.width > right.cols + 6 ? e->look.width - right.cols - 5 : 1;

	if (left.cols > room) {
		rows_add_cols(&e->said, left, 0, room - 1);
		rows_say(&e->said, STYLE(ROLE_DIM), part_pick(e, "…", "~"));
	} else {
		rows_add_line(&e->said, left);
	}
	if (right.cols > 0) {
		rows_say(&e->said, STYLE(ROLE_DIM), part_pick(e, " · ", " - "));
		rows_add_line(&e->said, right);
	}
	rows_end(&e->said, 0);
	part_end(e, GUTTER_OWN);
}

static void
add_time(struct rows *r, int64_t time)
{
	char hms[9];

	if (time <= 0)
		return;
	clock_hms(time, hms);
	rows_printf(r, STYLE(ROLE_DIM), " %.5s", hms);
}

static void
add_lines(struct rows *r, struct str text)
{
	size_t lines = 0;

	for (struct str rest = text; rest.n > 0; lines++)
		str_cut(rest, '\n', &rest);
	if (lines > 0)
		rows_printf(r, STYLE(ROLE_DIM), "%zu line%s", lines, lines == 1 ? "" : "s");
}

static const char *
fold_mark(const struct entry *e)
{
	return e->look.full ? part_pick(e, "▾ ", "- ") : part_pick(e, "▸ ", "+ ");
}

/* ---- the kinds */

/* An offset is opaque, but the zeros many servers pad its numbers with tell a reader nothing. */
static void
add_offset(struct rows *right, struct str offset)
{
	struct buf text = { 0 };
	bool leading = true;

	for (size_t i = 0; i < offset.n; i++) {
		char next = i + 1 < offset.n ? offset.p[i + 1] : '\0';

		if (leading && offset.p[i] == '0' && next >= '0' && next <= '9')
			continue;
		leading = offset.p[i] < '0' || offset.p[i] > '9';
		buf_byte(&text, offset.p[i]);
	}
	rows_add(right, STYLE(ROLE_DIM), buf_view(&text), LINE_NO_SRC);
	buf_done(&text);
}

static void
send_state(struct entry *e, const struct item *it, struct rows *right)
{
	switch (it->user.send) {
	case SEND_PENDING:
		rows_say(right, STYLE(ROLE_PENDING), part_pick(e, "…", "..."));
		break;
	case SEND_CONFIRMED:
		rows_say(right, STYLE(ROLE_OK), part_pick(e, "✓ ", "ok "));
		add_offset(right, buf_view(&it->user.offset));
		break;
	case SEND_UNSURE:
		rows_say(right, STYLE(ROLE_WARN), "? not confirmed");
		break;
	case SEND_REJECTED:
		rows_say(right, STYLE(ROLE_ERROR), part_pick(e, "✗ rejected", "x rejected"));
		break;
	case SEND_NONE:
		break;
	}
}

static struct str
speaker(const struct item *it)
{
	return it->agent.n > 0 ? buf_view(&it->agent) : str_from(item_label(it));
}

static void
build_user(struct entry *e, const struct item *it)
{
	struct rows left = { 0 }, right = { 0 };

	rows_add(&left, STYLE(ROLE_USER), speaker(it), LINE_NO_SRC);
	add_time(&left, it->time);
	send_state(e, it, &right);
	rows_say(&e->said, STYLE(ROLE_USER), part_pick(e, "▌ ", "| "));
	part_head(e, rows_open(&left), rows_open(&right));
	rows_done(&left);
	rows_done(&right);
	part_text(e, 0, LAYOUT_PLAIN, it, &it->text, GUTTER_USER);
	part_error(e, it, GUTTER_USER);
}

static void
ending(struct entry *e, const struct item *it)
{
	if (it->msg.state == MSG_CUT)
		part_paragraph(e, STYLE(ROLE_WARN), STR("(cut off here)"), GUTTER_BLANK);
	part_error(e, it, GUTTER_BLANK);
}

static void
build_text(struct entry *e, const struct item *it)
{
	struct rows left = { 0 };

	if (!e->look.named && it->text.n == 0 && it->error.n == 0 && it->msg.state != MSG_CUT)
		return;
	if (e->look.named) {
		rows_add(&left, STYLE(ROLE_AGENT), speaker(it), LINE_NO_SRC);
		add_time(&left, it->time);
		rows_say(&e->said, STYLE(ROLE_AGENT), part_pick(e, "● ", "* "));
		part_head(e, rows_open(&left), (struct line){ 0 });
		rows_done(&left);
	} else {
		part_end(e, GUTTER_BLANK);
	}
	if (it->msg.gap && it->text.n > 0)
		part_paragraph(e, STYLE(ROLE_WARN), STR("(something is missing here)"), GUTTER_BLANK);
	part_text(e, 0, LAYOUT_MARKDOWN, it, &it->text, GUTTER_BLANK);
	ending(e, it);
}

static void
build_reason(struct entry *e, const struct item *it)
{
	struct rows left = { 0 }, right = { 0 };

	rows_say(&left, STYLE(ROLE_REASON), it->open ? "thinking" : "reasoning");
	add_lines(&right, buf_view(&it->text));
	rows_say(&e->said, STYLE(ROLE_REASON), fold_mark(e));
	part_head(e, rows_open(&left), rows_open(&right));
	rows_done(&left);
	rows_done(&right);
	if (e->look.full)
		part_text(e, 0, LAYOUT_MARKDOWN, it, &it->text, GUTTER_REASON);
	else if (it->open)
		last_rows(e, 0, LAYOUT_PLAIN, it, &it->text, FOLDED_ROWS, GUTTER_REASON);
	part_error(e, it, GUTTER_REASON);
}

static void
add_duration(struct rows *r, int64_t ms)
{
	struct style dim = STYLE(ROLE_DIM);

	if (ms < 0)
		return;
	if (ms < 1000)
		rows_printf(r, dim, ", %lld ms", (long long)ms);
	else if (ms < 60000)
		rows_printf(r, dim, ", %lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
	else
		rows_printf(r, dim, ", %lld:%02lld min", (long long)(ms / 60000),
		    (long long)(ms / 1000 % 60));
}

static void
tool_state(const struct item *it, struct rows *r)
{
	static const struct {
		const char *word;
		enum role role;
	} states[] = {
		[TOOL_UNSAID] = { "", ROLE_DIM },
		[TOOL_PENDING] = { "pending", ROLE_PENDING },
		[TOOL_RUNNING] = { "running", ROLE_STATUS_WAIT },
		[TOOL_OK] = { "ok", ROLE_OK },
		[TOOL_ERROR] = { "failed", ROLE_ERROR },
		[TOOL_DENIED] = { "denied", ROLE_WARN },
	};

	if (it->tool.state == TOOL_RUNNING && !it->open)
		rows_say(r, STYLE(ROLE_WARN), "unknown");
	else
		rows_say(r, STYLE(states[it->tool.state].role), states[it->tool.state].word);
	if (it->tool.exit_code > 0)
		rows_printf(r, STYLE(ROLE_ERROR), " exit %d", it->tool.exit_code);
	add_duration(r, it->tool.ms);
}

/* On a wide screen also how much it said. */
static void
tool_facts(const struct entry *e, const struct item *it, struct rows *r)
{
	tool_state(it, r);
	if (it->diff.n > 0)
		entry_count_diff(buf_view(&it->diff), r);
	if (it->text.n == 0 || e->look.width < WIDE)
		return;
	rows_say(r, STYLE(ROLE_DIM), ", ");
	add_lines(r, buf_view(&it->text));
}

/* The session it began, which is a transcript of its own. */
static void
began(struct entry *e, const struct item *it)
{
	struct buf words = { 0 };

	if (it->tool.child.n == 0)
		return;
	part_with(&words, "session ", &it->tool.child);
	buf_str(&words, str_from(part_pick(e, " · :go opens it", " - :go opens it")));
	part_paragraph(e, STYLE(ROLE_DIM), buf_view(&words), GUTTER_TOOL);
	buf_done(&words);
}

static void
build_tool(struct entry *e, const struct item *it)
{
	struct rows left = { 0 }, right = { 0 };
	struct str rest;
	struct str input = str_cut(str_trim(buf_view(&it->input)), '\n', &rest);
	struct str label = it->tool.label.n > 0 ? buf_view(&it->tool.label) : input;
	bool more = rest.n > 0 || it->tool.label.n > 0;

	rows_add(&left, STYLE_WITH(ROLE_TOOL, ATTR_BOLD), it->title.n > 0 ? buf_view(&it->title) :
	    STR("tool"), LINE_NO_SRC);
	rows_say(&left, STYLE(ROLE_TOOL), " ");
	rows_add(&left, STYLE(ROLE_TOOL), label, LINE_NO_SRC);
	tool_facts(e, it, &right);
	rows_say(&e->said, STYLE(ROLE_TOOL), fold_mark(e));
	part_head(e, rows_open(&left), rows_open(&right));
	more |= rows_open(&left).cols + rows_open(&right).cols + 5 > e->look.width;
	rows_done(&left);
	rows_done(&right);
	began(e, it);
	if (e->look.full && more)
		part_text(e, 0, LAYOUT_PLAIN, it, &it->input, GUTTER_TOOL);
	if (e->look.full || it->diff.n == 0)
		output(e, 1, it, FOLDED_ROWS);
	if (it->diff.n > 0) {
		struct section *s = &e->sections[e->nsections];

		part_text(e, 2, LAYOUT_DIFF, it, &it->diff, GUTTER_TOOL);
		if (!e->look.full)
			entry_fold_diff(s, FOLDED_DIFF);
	}
	part_error(e, it, GUTTER_TOOL);
}

/* What one by itself is called and runs. */
static void
term_name(const struct item *it, struct rows *r)
{
	if (it->title.n > 0)
		rows_add(r, STYLE_WITH(ROLE_TERMINAL, ATTR_BOLD), buf_view(&it->title), LINE_NO_SRC);
	if (it->title.n > 0 && it->input.n > 0)
		rows_say(r, STYLE(ROLE_TERMINAL), " ");
	rows_add(r, STYLE(ROLE_TERMINAL), buf_view(&it->input), LINE_NO_SRC);
}

static void
term_state(const struct item *it, struct rows *r)
{
	if (it->open)
		rows_say(r, STYLE(ROLE_TOOL), "running");
	else if (it->term.exit_code > 0)
		rows_printf(r, STYLE(ROLE_ERROR), "exit %d", it->term.exit_code);
	else
		rows_say(r, STYLE(ROLE_DIM), it->term.exit_code == 0 ? "exit 0" : "ended");
	if (it->text.n > 0)
		rows_say(r, STYLE(ROLE_DIM), ", ");
}

static void
build_term(struct entry *e, const struct item *it)
{
	struct rows left = { 0 }, right = { 0 };

	rows_say(&left, STYLE(ROLE_TERMINAL), "terminal ");
	if (it->term.own) {
		term_name(it, &left);
		term_state(it, &right);
	} else {
		rows_add(&left, STYLE(ROLE_TERMINAL), buf_view(&it->agent), LINE_NO_SRC);
	}
	if (it->text.n > 0 || !it->term.own)
		add_lines(&right, buf_view(&it->text));
	rows_say(&e->said, STYLE(ROLE_TERMINAL), fold_mark(e));
	part_head(e, rows_open(&left), rows_open(&right));
	rows_done(&left);
	rows_done(&right);
	if (it->term.gap)
		part_paragraph(e, STYLE(ROLE_WARN), STR("(something is missing here)"), GUTTER_TOOL);
	output(e, 0, it, FOLDED_TERM);
	if (it->term.lost)
		part_paragraph(e, STYLE(ROLE_WARN), STR("(what else it printed could not be read)"), GUTTER_TOOL);
}

void
part_with(struct buf *words, const char *before, const struct buf *text)
{
	if (text->n == 0)
		return;
	buf_str(words, str_from(before));
	buf_str(words, buf_view(text));
}

static void
build_flow(struct entry *e, const struct item *it)
{
	struct buf words = { 0 };

	part_end(e, GUTTER_BLANK);
	part_with(&words, part_pick(e, "◆ ", "# "), it->text.n > 0 ? &it->text : &it->title);
	part_with(&words, ": ", &it->flow.state);
	part_paragraph(e, STYLE(ROLE_NOTE), buf_view(&words), GUTTER_BLANK);
	buf_done(&words);
}

static void
build_note(struct entry *e, const struct item *it)
{
	static const enum role roles[] = {
		[NOTE_RAW] = ROLE_DIM, [NOTE_INFO] = ROLE_NOTE, [NOTE_WARN] = ROLE_WARN,
		[NOTE_ERROR] = ROLE_ERROR,
	};
	struct buf words = { 0 };

	part_end(e, GUTTER_BLANK);
	part_with(&words, part_pick(e, "— ", "-- "), &it->text);
	buf_str(&words, str_from(part_pick(e, " —", " --")));
	part_paragraph(e, STYLE(roles[it->note.level]), buf_view(&words), GUTTER_BLANK);
	buf_done(&words);
}

static void
build_raw(struct entry *e, const struct item *it)
{
	struct rows left = { 0 };

	rows_say(&left, STYLE(ROLE_DIM), "raw ");
	rows_add(&left, STYLE(ROLE_DIM), str_head(buf_view(&it->text), e->look.width), LINE_NO_SRC);
	rows_say(&e->said, STYLE(ROLE_DIM), fold_mark(e));
	part_head(e, rows_open(&left), (struct line){ 0 });
	rows_done(&left);
	if (e->look.full)
		part_text(e, 0, LAYOUT_PLAIN, it, &it->text, GUTTER_TOOL);
}

void
entry_build(struct entry *e, const struct item *it)
{
	static void (*const builders[])(struct entry *, const struct item *) = {
		[ITEM_USER] = build_user, [ITEM_TEXT] = build_text, [ITEM_REASON] = build_reason,
		[ITEM_TOOL] = build_tool, [ITEM_ASK] = part_ask, [ITEM_TERM] = build_term,
		[ITEM_FLOW] = build_flow, [ITEM_NOTE] = build_note, [ITEM_RAW] = build_raw,
	};

	if (it->back != ITEM_STANDS && (it->text.n > 0 || it->title.n > 0 || it->error.n > 0)) {
		rows_say(&e->said, STYLE(ROLE_WARN), part_pick(e, "↶ taken back", "< taken back"));
		rows_end(&e->said, 0);
		part_end(e, GUTTER_BLANK);
	}
	builders[it->kind](e, it);
}
