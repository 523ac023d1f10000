#include "text/link.h"
#include "ui/entry.h"
#include "ui/view_state.h"

enum { RAW_MAX = 1 << 20 };	/* bytes of a text on a page */

static enum command
say(struct view *v, const char *text)
{
	view_say(v, NOTE_INFO, "%s", text);
	return CMD_NONE;
}

static void
leave(struct view *v)
{
	transcript_choose_end(v->transcript);
	transcript_links_end(v->transcript);
	v->mode = MODE_READ;
}

static enum command
choose(struct view *v)
{
	if (v->mode == MODE_CHOOSE) {
		transcript_choose_mark(v->transcript);
		return say(v, "j k choose lines, y copies them, v begins anew, Esc leaves");
	}
	if (!transcript_choose(v->transcript))
		return say(v, "nothing to choose here");
	v->mode = MODE_CHOOSE;
	return say(v, "j k move, v begins here, y copies, Esc leaves");
}

static bool
move(struct view *v, enum command c)
{
	long page = v->page_height > 2 ? (long)v->page_height - 2 : 1;

	switch (c) {
	case CMD_DOWN:
	case CMD_UP:
		transcript_choose_move(v->transcript, c == CMD_DOWN ? 1 : -1);
		return true;
	case CMD_HALF_DOWN:
	case CMD_HALF_UP:
		transcript_choose_move(v->transcript, c == CMD_HALF_DOWN ? page / 2 + 1 : -(page / 2 + 1));
		return true;
	case CMD_PAGE_DOWN:
	case CMD_PAGE_UP:
		transcript_choose_move(v->transcript, c == CMD_PAGE_DOWN ? page : -page);
		return true;
	case CMD_TOP:
	case CMD_FOLLOW:
		transcript_choose_edge(v->transcript, c == CMD_FOLLOW);
		return true;
	default:
		return false;
	}
}

static enum command
copy_chosen(struct view *v, struct view_request *out)
{
	buf_clear(&v->handed);
	transcript_chosen(v->transcript, &v->handed);
	leave(v);
	out->text = buf_view(&v->handed);
	return out->text.n > 0 ? CMD_COPY : say(v, "nothing to copy here");
}

/* ---- links */

static enum command
ask_link(struct view *v, size_t number)
{
	struct str url = transcript_link(v->transcript, number);
	struct link l;

	if (url.n == 0) {
		leave(v);
		return say(v, "no link has this number");
	}
	buf_set(&v->handed, url);
	leave(v);
	v->mode = MODE_OPEN;
	link_read(&l, buf_view(&v->handed));
	view_say(v, NOTE_WARN, "y opens, c copies, Esc leaves: %.*s  %.*s", STR_ARG(link_host(&l)),
	    STR_ARG(buf_view(&v->handed)));
	return CMD_NONE;
}

enum command
view_link_digit(struct view *v, unsigned digit)
{
	size_t n = v->link_number * 10 + digit;

	if (n == 0)
		return CMD_NONE;
	/* No longer number begins with it. */
	if (n * 10 > v->nlinks)
		return ask_link(v, n);
	v->link_number = n;
	view_say(v, NOTE_INFO, "link %zu: another digit, or Enter", n);
	return CMD_NONE;
}

static enum command
number_links(struct view *v)
{
	v->link_number = 0;
	v->nlinks = transcript_links(v->transcript);
	if (v->nlinks == 0)
		return say(v, "no links here");
	v->mode = MODE_LINK;
	return say(v, "the number of the link? Esc leaves");
}

/* What the agent wrote, with what cannot be seen written as \\xNN. */
static void
raw_page(struct view *v)
{
	struct str text = transcript_selected(v->transcript);
	struct rows rows = { 0 };
	struct buf page = { 0 };

	entry_exact(&rows, str_head(text, RAW_MAX), UINT16_MAX, SIZE_MAX);
	for (size_t i = 0; i < rows_count(&rows); i++) {
		line_text(rows_line(&rows, i), &page);
		buf_byte(&page, '\n');
	}
	if (text.n > RAW_MAX)
		buf_printf(&page, "and %zu bytes more; :save FILE has them all\n", text.n - RAW_MAX);
	view_page(v, "raw text", buf_view(&page));
	rows_done(&rows);
	buf_done(&page);
}

bool
view_choose(struct view *v, enum command c, struct view_request *out, enum command *result)
{
	*result = CMD_NONE;
	switch (c) {
	case CMD_CHOOSE:
		*result = choose(v);
		return true;
	case CMD_LINKS:
		*result = number_links(v);
		return true;
	case CMD_RAW:
		raw_page(v);
		return true;
	case CMD_COPY:
		if (v->mode != MODE_CHOOSE)
			return false;
		*result = copy_chosen(v, out);
		return true;
	case CMD_ENTER:
		if (v->mode != MODE_LINK)
			return false;
		*result = ask_link(v, v->link_number);
		return true;
	case CMD_OPEN:
	case CMD_COPY_LINK:
		out->text = buf_view(&v->handed);
		v->mode = MODE_READ;
		*result = c == CMD_OPEN ? CMD_OPEN : CMD_COPY;
		return true;
	case CMD_BACK:
		if (!(v->mode & (MODE_CHOOSE | MODE_LINK | MODE_OPEN)))
			return false;
		leave(v);
		return true;
	default:
		return v->mode == MODE_CHOOSE && move(v, c);
	}
}
