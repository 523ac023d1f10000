/* The part of struct view that has somebody choose of what a server offers. */
#include "ui/view_state.h"

void
view_pick(struct view *v, enum command c, struct str words)
{
	if (v->mode != MODE_READ && v->mode != MODE_WRITE)
		return;
	picker_begin(v->picker);
	picker_filter(v->picker, words);
	edit_set(&v->line.edit, words);
	v->picking = c;
	v->mode = MODE_PICK;
}

void
view_pick_add(struct view *v, enum command c, struct str name, struct str about, bool current)
{
	if (v->mode == MODE_PICK && v->picking == c && !picker_is_whole(v->picker))
		picker_add(v->picker, name, about, current);
}

/* A slash command goes to the composer: what it works on is written behind it. */
static void
write_slash(struct view *v, struct str name)
{
	struct str draft = edit_text(&v->composer.edit);
	struct buf text = { 0 };

	buf_byte(&text, '/');
	buf_str(&text, name);
	buf_byte(&text, ' ');
	/* The beginning of one is what was completed. */
	if (!str_starts(draft, STR("/")))
		buf_str(&text, draft);
	edit_set(&v->composer.edit, buf_view(&text));
	buf_done(&text);
	v->mode = MODE_WRITE;
}

static enum command
take(struct view *v, struct view_request *out)
{
	struct str name;

	/* Enter may come with what was typed, before anything was drawn. */
	picker_filter(v->picker, edit_text(&v->line.edit));
	name = picker_chosen(v->picker);
	if (name.n == 0)
		return CMD_NONE;
	if (v->picking == CMD_SLASH) {
		write_slash(v, name);
		return CMD_NONE;
	}
	v->mode = MODE_READ;
	out->text = name;
	return v->picking;
}

void
view_pick_end(struct view *v, enum command c)
{
	struct str words = edit_text(&v->line.edit);
	struct view_request none;

	if (v->mode != MODE_PICK || v->picking != c || picker_is_whole(v->picker))
		return;
	picker_whole(v->picker);
	/* What was begun is completed where only one thing can be meant. */
	if (c == CMD_SLASH && words.n > 0 && picker_complete(v->picker, words))
		take(v, &none);
}

static enum command
complete(struct view *v, struct view_request *out)
{
	struct str text = edit_text(&v->composer.edit);

	if (!str_starts(text, STR("/")) || str_find_byte(text, ' ') < text.n || v->answering != 0)
		return view_warn(v, "Tab completes a slash command at the beginning of a message");
	buf_set(&v->handed, str_skip(text, 1));
	out->text = buf_view(&v->handed);
	return CMD_SLASH;
}

bool
view_run_pick(struct view *v, enum command c, struct view_request *out, enum command *result)
{
	long page = v->page_height > 1 ? (long)v->page_height : 1;

	*result = CMD_NONE;
	if (c == CMD_COMPLETE) {
		*result = complete(v, out);
		return true;
	}
	if (v->mode != MODE_PICK)
		return false;
	switch (c) {
	case CMD_ENTER:
		*result = take(v, out);
		return true;
	case CMD_BACK:
		v->mode = v->picking == CMD_SLASH && view_has_draft(v) ? MODE_WRITE : MODE_READ;
		return true;
	case CMD_HISTORY_PREV:
	case CMD_HISTORY_NEXT:
		picker_move(v->picker, c == CMD_HISTORY_NEXT ? 1 : -1);
		return true;
	case CMD_PAGE_DOWN:
	case CMD_PAGE_UP:
		picker_move(v->picker, c == CMD_PAGE_DOWN ? page : -page);
		return true;
	default:
		return false;
	}
}

const char *
view_picking(const struct view *v)
{
	return v->picking == CMD_AGENT ? "who answers from now on" : v->picking == CMD_MODEL ?
	    "with what model" : "a command of the agent's";
}
