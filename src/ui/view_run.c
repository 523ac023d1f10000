#include "base/utf8.h"
#include "ui/help.h"
#include "ui/view_state.h"

enum command
view_warn(struct view *v, const char *text)
{
	view_say(v, NOTE_WARN, "%s", text);
	return CMD_NONE;
}

bool
view_has_draft(const struct view *v)
{
	return str_trim(edit_text(&v->composer.edit)).n > 0;
}

/* ---- moving */

static void
scroll_page(struct view *v, long rows)
{
	size_t last = v->page_rows > v->page_height ? v->page_rows - v->page_height : 0;
	size_t up = rows < 0 ? (size_t)-rows : 0;

	v->page_top = up > v->page_top ? 0 : v->page_top - up + (rows > 0 ? (size_t)rows : 0);
	if (v->page_top > last)
		v->page_top = last;
}

static void
scroll(struct view *v, long rows)
{
	if (v->mode == MODE_PAGE)
		scroll_page(v, rows);
	else
		transcript_scroll(v->transcript, rows);
}

static bool
run_move(struct view *v, enum command c)
{
	long page = v->page_height > 2 ? (long)v->page_height - 2 : 1;

	switch (c) {
	case CMD_DOWN:
		scroll(v, 1);
		return true;
	case CMD_UP:
		scroll(v, -1);
		return true;
	case CMD_HALF_DOWN:
		scroll(v, page / 2 + 1);
		return true;
	case CMD_HALF_UP:
		scroll(v, -(page / 2 + 1));
		return true;
	case CMD_PAGE_DOWN:
		scroll(v, page);
		return true;
	case CMD_PAGE_UP:
		scroll(v, -page);
		return true;
	case CMD_TOP:
		v->page_top = 0;
		if (v->mode == MODE_ASK)
			transcript_show(v->transcript, v->prompt.number);
		else if (v->mode != MODE_PAGE)
			transcript_top(v->transcript);
		return true;
	case CMD_FOLLOW:
		if (v->mode == MODE_PAGE)
			scroll_page(v, (long)v->page_rows);
		else if (v->mode == MODE_ASK)
			transcript_show_end(v->transcript, v->prompt.number);
		else
			transcript_follow(v->transcript);
		return true;
	default:
		return false;
	}
}

static void
search(struct view *v, int direction)
{
	if (v->needle.n == 0)
		view_warn(v, "nothing was searched yet: / searches");
	else if (!transcript_search(v->transcript, buf_view(&v->needle), direction))
		view_say(v, NOTE_WARN, "not found: %.*s", STR_ARG(buf_view(&v->needle)));
}

static void
go(struct view *v, enum transcript_stop stop, int direction)
{
	static const char *const none[] = {
		[STOP_ITEM] = "no more items", [STOP_TURN] = "no more messages",
		[STOP_ALERT] = "no more errors or approvals",
	};

	if (!transcript_go(v->transcript, stop, direction))
		view_warn(v, none[stop]);
}

static bool
run_transcript(struct view *v, enum command c)
{
	switch (c) {
	case CMD_NEXT_ITEM:
	case CMD_PREV_ITEM:
		go(v, STOP_ITEM, c == CMD_NEXT_ITEM ? 1 : -1);
		return true;
	case CMD_NEXT_TURN:
	case CMD_PREV_TURN:
		go(v, STOP_TURN, c == CMD_NEXT_TURN ? 1 : -1);
		return true;
	case CMD_NEXT_ALERT:
	case CMD_PREV_ALERT:
		go(v, STOP_ALERT, c == CMD_NEXT_ALERT ? 1 : -1);
		return true;
	case CMD_FOLD:
		if (!transcript_fold(v->transcript))
			view_warn(v, "nothing to fold here");
		return true;
	case CMD_FOLD_ALL:
		transcript_fold_all(v->transcript);
		return true;
	case CMD_SEARCH_NEXT:
		search(v, v->direction);
		return true;
	case CMD_SEARCH_PREV:
		search(v, -v->direction);
		return true;
	default:
		return false;
	}
}

/* ---- the composer and the lines */

enum { LOOK_BACK = 2000 };	/* items */

/* What this user sent here before weir was started can be recalled as well. */
static void
remember(struct view *v)
{
	const struct item *sent[HISTORY_MAX];
	size_t items = v->session != NULL ? v->session->nitems : 0, n = 0;

	if (v->remembered || v->user == NULL)
		return;
	v->remembered = true;
	for (size_t back = 1; back <= items && back <= LOOK_BACK && n < HISTORY_MAX; back++) {
		const struct item *it = session_item(v->session, items - back);

		if (it->kind == ITEM_USER && str_eq(buf_view(&it->agent), str_from(v->user)))
			sent[n++] = it;
	}
	while (n > 0)
		history_add(&v->composer.history, buf_view(&sent[--n]->text));
}

static void
begin_writing(struct view *v, int64_t now)
{
	const struct item *it = v->mode == MODE_ASK ? view_asked(v) : NULL;

	if (v->read_only) {
		view_warn(v, "read only: nothing can be sent here");
		return;
	}
	if (v->mode == MODE_ASK && (it == NULL || !view_is_question(it))) {
		prompt_other_key(&v->prompt, now);
		return;
	}
	if (it != NULL)
		view_answer_words(v, it, false);
	prompt_leave(&v->prompt);
	v->mode = MODE_WRITE;
}

static void
begin_line(struct view *v, char kind)
{
	v->line_kind = kind;
	v->mode = MODE_LINE;
	edit_set(&v->line.edit, STR_NONE);
}

static void
take_text(struct view *v, struct composer *c, struct view_request *out)
{
	buf_set(&v->handed, edit_text(&c->edit));
	if (c == &v->composer)
		remember(v);
	history_add(&c->history, buf_view(&v->handed));
	edit_done(&c->edit);
	out->text = buf_view(&v->handed);
}

static enum command
send_text(struct view *v, int64_t now, struct view_request *out)
{
	const struct item *it = view_asked(v);

	if (!view_has_draft(v))
		return CMD_NONE;
	if (!view_words_fit(v, it))
		return CMD_NONE;
	take_text(v, &v->composer, out);
	if (it != NULL && !v->refuses && view_ask_words(v, out->text, now))
		return CMD_NONE;
	transcript_follow(v->transcript);
	if (it == NULL)
		return CMD_SEND;
	v->mode = MODE_READ;
	return view_hand_answer(v, it, v->refuses ? ANSWER_REJECT : ANSWER_TEXT, out);
}

/* The text of the selected item, and where to put it. */
static enum command
save(struct view *v, struct str path, struct view_request *out)
{
	out->text = transcript_selected(v->transcript);
	out->path = str_trim(path);
	if (out->path.n == 0)
		return view_warn(v, "save where? :save FILE");
	return out->text.n > 0 ? CMD_SAVE : view_warn(v, "nothing to save here");
}

static enum command
run_words(struct view *v, int64_t now, struct view_request *out)
{
	struct str rest, line = str_trim(out->text), word = str_cut(line, ' ', &rest);
	enum command c = command_by_name(word);

	if (line.n == 0)
		return CMD_NONE;
	if (c == CMD_SAVE)
		return save(v, rest, out);
	if (c >= CMD_NEW && c <= CMD_SHELL) {
		out->text = str_trim(rest);
		return c;
	}
	if (c == CMD_NONE || rest.p != NULL)
		return CMD_LINE;
	return view_run(v, c, now, out);
}

static enum command
run_line(struct view *v, int64_t now, struct view_request *out)
{
	take_text(v, &v->line, out);
	v->mode = MODE_READ;
	if (v->line_kind != ':') {
		buf_set(&v->needle, out->text);
		v->direction = v->line_kind == '/' ? 1 : -1;
		if (out->text.n > 0)
			search(v, v->direction);
		else
			transcript_search(v->transcript, STR_NONE, 1);
		return CMD_NONE;
	}
	return run_words(v, now, out);
}

static struct composer *
typing(struct view *v)
{
	return v->mode & (MODE_LINE | MODE_PICK) ? &v->line : &v->composer;
}

static void
recall(struct view *v, bool back)
{
	struct composer *c = typing(v);
	struct str text;

	remember(v);
	if (v->mode == MODE_WRITE && edit_apply(&c->edit, back ? EDIT_UP : EDIT_DOWN))
		return;
	if (back ? history_prev(&c->history, edit_text(&c->edit), &text) :
	    history_next(&c->history, &text))
		edit_set(&c->edit, text);
}

static void
insert(struct view *v, struct str text)
{
	struct composer *c = typing(v);

	if (!edit_insert(&c->edit, text))
		view_say(v, NOTE_ERROR, "the text would be longer than %d KB", EDIT_MAX / 1024);
}

/* A paste is text wherever text can be: it never sends, and it never answers. */
static void
paste(struct view *v, struct str text, int64_t now)
{
	if (v->mode == MODE_READ)
		begin_writing(v, now);
	if (v->mode == MODE_WRITE)
		insert(v, text);
	else if (v->mode & (MODE_LINE | MODE_PICK))
		insert(v, str_head(text, str_find_byte(text, '\n')));
	else if (v->mode == MODE_ASK)
		prompt_other_key(&v->prompt, now);
}

/* ---- the rest */

static enum command
stop(struct view *v, int64_t now)
{
	bool again = v->stop_at != 0 && now - v->stop_at < STOP_MS;

	if (v->read_only)
		return view_warn(v, "read only: q leaves");
	v->stop_at = again ? 0 : now;
	return again ? CMD_STOP : view_warn(v, "C-c again interrupts the agent");
}

static enum command
back(struct view *v)
{
	switch (v->mode) {
	case MODE_ASK:
		view_leave_prompt(v);
		break;
	case MODE_READ:
		buf_clear(&v->needle);
		transcript_search(v->transcript, STR_NONE, 1);
		break;
	default:
		view_answer_words(v, NULL, false);
		v->mode = MODE_READ;
		break;
	}
	return CMD_NONE;
}

static void
help(struct view *v)
{
	struct buf text = { 0 };

	help_text(v->bindings, v->mode | (v->replay ? MODE_REPLAY : 0u), &text);
	view_leave_prompt(v);
	view_page(v, "keys", buf_view(&text));
	buf_done(&text);
}

/* Those whose text the program takes over. */
static enum command
hand_over(struct view *v, enum command c, struct view_request *out)
{
	if (c == CMD_GO)
		out->text = transcript_began(v->transcript);
	if (c == CMD_COPY) {
		out->text = transcript_selected(v->transcript);
		return out->text.n > 0 ? c : view_warn(v, "nothing to copy here");
	}
	if (c == CMD_EDITOR) {
		if (v->read_only)
			return view_warn(v, "read only: nothing can be sent here");
		buf_set(&v->handed, edit_text(&v->composer.edit));
		edit_done(&v->composer.edit);
		out->text = buf_view(&v->handed);
		v->mode = MODE_WRITE;
	}
	return c;
}

static enum command
run_text(struct view *v, enum command c, int64_t now, struct view_request *out)
{
	switch (c) {
	case CMD_SEND:
	case CMD_ANSWER:
		return send_text(v, now, out);
	case CMD_ENTER:
		return v->mode == MODE_LINE ? run_line(v, now, out) : send_text(v, now, out);
	case CMD_NEWLINE:
		insert(v, STR("\n"));
		return CMD_NONE;
	case CMD_HISTORY_PREV:
	case CMD_HISTORY_NEXT:
		recall(v, c == CMD_HISTORY_PREV);
		return CMD_NONE;
	default:
		if (c >= CMD_EDIT)
			edit_apply(&typing(v)->edit, (enum edit_op)(c - CMD_EDIT));
		return CMD_NONE;
	}
}

static enum command
run(struct view *v, enum command c, int64_t now, struct view_request *out)
{
	switch (c) {
	case CMD_STOP:
		return stop(v, now);
	case CMD_BACK:
		return back(v);
	case CMD_HELP:
		help(v);
		return CMD_NONE;
	case CMD_REDRAW:
		screen_redraw(v->screen);
		return CMD_NONE;
	case CMD_CONFIRM:
		if (choices_any(&v->choices))
			return view_ask_confirm(v, now, out);
		begin_writing(v, now);
		return CMD_NONE;
	case CMD_WRITE:
		begin_writing(v, now);
		return CMD_NONE;
	case CMD_ASK:
		view_focus_question(v, now);
		return CMD_NONE;
	case CMD_ASK_ONCE:
		return view_answer(v, ANSWER_ONCE, now, out);
	case CMD_ASK_ALWAYS:
		return view_answer(v, ANSWER_ALWAYS, now, out);
	case CMD_ASK_REJECT:
		return view_answer(v, ANSWER_REJECT, now, out);
	case CMD_ASK_REFUSE:
		view_refuse(v, now);
		return CMD_NONE;
	case CMD_SEARCH:
	case CMD_SEARCH_BACK:
		begin_line(v, c == CMD_SEARCH ? '/' : '?');
		return CMD_NONE;
	case CMD_COMMAND:
		begin_line(v, ':');
		return CMD_NONE;
	case CMD_GO:
	case CMD_RETURN:
	case CMD_NEW:
	case CMD_RENAME:
	case CMD_FORK:
	case CMD_DELETE:
	case CMD_AGENT:
	case CMD_MODEL:
	case CMD_SLASH:
	case CMD_REVERT:
	case CMD_UNREVERT:
	case CMD_SHELL:
	case CMD_QUIT:
	case CMD_RECONNECT:
	case CMD_SUSPEND:
	case CMD_MESSAGES:
	case CMD_STATS:
	case CMD_AGENTS:
	case CMD_EDITOR:
	case CMD_COPY:
	case CMD_PAUSE:
	case CMD_STEP:
	case CMD_STEP_BACK:
	case CMD_SEEK:
	case CMD_SEEK_BACK:
	case CMD_FASTER:
	case CMD_SLOWER:
		return hand_over(v, c, out);
	default:
		return run_text(v, c, now, out);
	}
}

enum command
view_run(struct view *v, enum command c, int64_t now, struct view_request *out)
{
	enum command result;

	*out = (struct view_request){ 0 };
	if (c != CMD_STOP)
		v->stop_at = 0;
	if (v->mode == MODE_ASK && c != CMD_CONFIRM && (c < CMD_ASK_ONCE || c > CMD_ASK_REFUSE))
		prompt_other_key(&v->prompt, now);
	if (view_choose(v, c, out, &result) || view_run_pick(v, c, out, &result))
		return result;
	if (run_move(v, c) || run_transcript(v, c))
		return CMD_NONE;
	return run(v, c, now, out);
}

static enum command
mouse(struct view *v, const struct key *k)
{
	if (k->code == KEYCODE_WHEEL_UP)
		scroll(v, -3);
	else if (k->code == KEYCODE_WHEEL_DOWN)
		scroll(v, 3);
	return CMD_NONE;
}

static enum command
find_command(const struct view *v, const struct key *k)
{
	enum command c = CMD_NONE;

	if (v->replay && v->mode == MODE_READ)
		c = bindings_find(v->bindings, MODE_REPLAY, k);
	return c != CMD_NONE ? c : bindings_find(v->bindings, v->mode, k);
}

enum command
view_key(struct view *v, const struct key *k, int64_t now, struct view_request *out)
{
	enum command c;

	*out = (struct view_request){ 0 };
	if (k->kind == INPUT_MOUSE)
		return mouse(v, k);
	if (k->kind == INPUT_PASTE)
		paste(v, k->text, now);
	if (k->kind != INPUT_KEY)
		return CMD_NONE;
	buf_clear(&v->message);
	c = find_command(v, k);
	if (c != CMD_NONE)
		return view_run(v, c, now, out);
	v->stop_at = 0;
	if (v->mode == MODE_ASK && k->code >= '0' && k->code <= '9' && k->mods == 0 &&
	    choices_any(&v->choices))
		return view_ask_digit(v, k->code - '0', now);
	prompt_other_key(&v->prompt, now);
	if (v->mode == MODE_LINK && k->code >= '0' && k->code <= '9')
		return view_link_digit(v, k->code - '0');
	if ((v->mode & (MODE_WRITE | MODE_LINE | MODE_PICK)) && k->code < KEYCODE_ENTER &&
	    !(k->mods & (MOD_CTRL | MOD_ALT))) {
		struct buf text = { 0 };

		utf8_add(&text, k->code);
		insert(v, buf_view(&text));
		buf_done(&text);
	}
	return CMD_NONE;
}
