#include "text/diff.h"

#include <string.h>

#include "text/words.h"

enum {
	RUN_MAX = 64,		/* changed lines that are compared word by word */
	NUMBERS_WIDTH = 50	/* narrower than that there is no room for line numbers */
};

struct hunk_line {
	struct str text;	/* with its sign */
	uint32_t src;
};

struct painter {
	struct verbatim *out;
	struct diff_state *st;
	struct rows gutter;
};

static struct str
first_line(struct str text)
{
	return str_head(text, str_find_byte(text, '\n'));
}

/* "12,3" in a hunk's head. */
static bool
read_range(struct str s, uint32_t *line, uint32_t *count)
{
	struct str rest, number = str_cut(s, ',', &rest);
	uint64_t value;

	if (!str_to_u64(number, &value) || value > UINT32_MAX)
		return false;
	*line = (uint32_t)value;
	*count = 1;
	if (rest.p == NULL)
		return true;
	if (!str_to_u64(rest, &value) || value > UINT32_MAX)
		return false;
	*count = (uint32_t)value;
	return true;
}

/* "@@ -1,2 +1,3 @@ function" */
static bool
read_head(struct diff_state *st, struct str line)
{
	struct str rest = str_skip(line, 4), old_range, new_range;

	if (!str_starts(line, STR("@@ -")))
		return false;
	*st = (struct diff_state){ 0 };
	old_range = str_cut(rest, ' ', &rest);
	new_range = str_cut(rest, ' ', &rest);
	if (!str_starts(new_range, STR("+")) || !read_range(old_range, &st->old_line, &st->old_left) ||
	    !read_range(str_skip(new_range, 1), &st->new_line, &st->new_left))
		*st = (struct diff_state){ 0 };
	return true;
}

static bool
in_hunk(const struct diff_state *st)
{
	return st->old_left > 0 || st->new_left > 0;
}

static char
sign(const struct diff_state *st, struct str line)
{
	char c = line.n > 0 ? line.p[0] : ' ';

	if (!in_hunk(st) && (str_starts(line, STR("--- ")) || str_starts(line, STR("+++ "))))
		return 'h';
	return strchr("+- @\\", c) != NULL && c != '\0' ? c : 'h';
}

static void
count(uint32_t *line, uint32_t *left)
{
	*line += *line > 0;
	*left -= *left > 0;
}

static void
number(struct painter *p, uint32_t n, bool shown)
{
	if (shown && n > 0)
		rows_printf(&p->gutter, STYLE(ROLE_LINENO), "%5u ", n);
	else
		rows_say(&p->gutter, STYLE(ROLE_LINENO), "      ");
}

/* Line numbers of both sides in front of the first row, blanks in front of the others. */
static void
begin(struct painter *p, char c)
{
	const struct diff_state *st = p->st;

	rows_clear(&p->gutter);
	if (p->out->width >= NUMBERS_WIDTH && st->old_line + st->new_line > 0) {
		number(p, st->old_line, c != '+');
		number(p, st->new_line, c != '-');
		rows_end(&p->gutter, 0);
		rows_pad(&p->gutter, STYLE(ROLE_LINENO), rows_line(&p->gutter, 0).cols);
	} else {
		rows_end(&p->gutter, 0);
	}
	rows_end(&p->gutter, 0);
	verbatim_begin(p->out, rows_line(&p->gutter, 0), rows_line(&p->gutter, 1));
}

static void
advance(struct diff_state *st, char c)
{
	if (c != '+')
		count(&st->old_line, &st->old_left);
	if (c != '-')
		count(&st->new_line, &st->new_left);
}

/* A changed line with the words that differ. */
static void
changed(struct painter *p, const struct hunk_line *l, const struct words_range *words, size_t n)
{
	bool added = l->text.p[0] == '+';
	enum role role = added ? ROLE_ADD : ROLE_DEL, word = added ? ROLE_ADD_WORD : ROLE_DEL_WORD;
	size_t at = 0;

	begin(p, l->text.p[0]);
	for (size_t i = 0; i < n; i++) {
		size_t from = words[i].from + 1u, to = words[i].to + 1u;

		verbatim_add(p->out, STYLE(role), str_of(l->text.p + at, from - at), l->src + (uint32_t)at);
		verbatim_add(p->out, STYLE(word), str_of(l->text.p + from, to - from),
		    l->src + (uint32_t)from);
		at = to;
	}
	verbatim_add(p->out, STYLE(role), str_skip(l->text, at), l->src + (uint32_t)at);
	verbatim_end(p->out);
	advance(p->st, l->text.p[0]);
}

/* Removed lines, then added ones: each is compared with the one in its place. */
static void
put_run(struct painter *p, const struct hunk_line *lines, size_t nold, size_t nnew)
{
	struct words w;

	for (size_t i = 0; i < nold + nnew; i++) {
		bool added = i >= nold;
		size_t pair = added ? i - nold : i;

		if (pair < nold && pair < nnew && words_compare(&w, str_skip(lines[pair].text, 1),
		    str_skip(lines[nold + pair].text, 1)))
			changed(p, &lines[i], added ? w.new_range : w.old_range, added ? w.nnew : w.nold);
		else
			changed(p, &lines[i], NULL, 0);
	}
}

/* What is laid out at once. */
struct unit {
	struct hunk_line lines[RUN_MAX + 1];
	size_t n[2];		/* removed and added lines of a run, 0 when it is none */
	char sign;
	struct str first;
	size_t bytes;
};

/* The lines of a run; returns its bytes, 0 when it is too long to be one. */
static size_t
read_run(const struct diff_state *st, struct str text, uint32_t src, struct unit *u, bool *whole)
{
	struct diff_state ahead = *st;
	size_t at = 0, *n = u->n;

	while (at < text.n) {
		struct str line = first_line(str_skip(text, at));
		char c = sign(&ahead, line);

		if ((c != '+' && c != '-') || (c == '-' && n[1] > 0))
			return at;
		/* One that is not ended may yet be the head of a file, behind a run that was not too long. */
		if (n[0] + n[1] == RUN_MAX && at + line.n < text.n) {
			n[0] = n[1] = 0;
			return 0;
		}
		u->lines[n[0] + n[1]] = (struct hunk_line){ line, src + (uint32_t)at };
		n[c == '+']++;
		advance(&ahead, c);
		at += line.n + (at + line.n < text.n);
	}
	*whole = false;
	return at;
}

static void
read_unit(struct unit *u, struct diff_state *st, struct str text, uint32_t src, bool *whole)
{
	struct str line = first_line(text);
	char c = sign(st, line);

	u->n[0] = u->n[1] = u->bytes = 0;
	u->sign = c;
	u->first = line;
	*whole = line.n < text.n;
	st->plain = st->plain && (c == '+' || c == '-');
	if (c == '-' && !st->plain)
		u->bytes = read_run(st, text, src, u, whole);
	if (u->bytes > 0)
		return;
	st->plain = st->plain || c == '-';
	u->bytes = line.n + *whole;
}

static void
pass_other(struct diff_state *st, struct str line, char c)
{
	if (c == '@')
		read_head(st, line);
	if (c == ' ')
		advance(st, c);
}

static void
other(struct painter *p, struct str line, uint32_t src, char c)
{
	enum role role = c == '@' ? ROLE_HUNK : c == ' ' ? ROLE_TEXT : ROLE_DIM;
	uint8_t attr = c == 'h' ? ATTR_BOLD : 0;

	if (c == ' ')
		begin(p, c);
	else
		verbatim_begin(p->out, (struct line){ 0 }, (struct line){ 0 });
	verbatim_add(p->out, STYLE_WITH(role, attr), line, src);
	verbatim_end(p->out);
	pass_other(p->st, line, c);
}

size_t
diff_lay(struct verbatim *out, struct diff_state *st, struct str text, uint32_t src, bool *whole)
{
	struct painter p = { .out = out, .st = st };
	struct unit u;

	read_unit(&u, st, text, src, whole);
	if (u.n[0] + u.n[1] > 0)
		put_run(&p, u.lines, u.n[0], u.n[1]);
	else if (u.sign == '+' || u.sign == '-')
		changed(&p, &(struct hunk_line){ u.first, src }, NULL, 0);
	else
		other(&p, u.first, src, u.sign);
	rows_done(&p.gutter);
	return u.bytes;
}

size_t
diff_pass(struct diff_state *st, struct str text, size_t *lines, bool *whole)
{
	struct unit u;

	read_unit(&u, st, text, 0, whole);
	*lines = u.n[0] + u.n[1];
	for (size_t i = 0; i < *lines; i++)
		advance(st, u.lines[i].text.p[0]);
	if (*lines > 0)
		return u.bytes;
	*lines = 1;
	if (u.sign == '+' || u.sign == '-')
		advance(st, u.sign);
	else
		pass_other(st, u.first, u.sign);
	return u.bytes;
}
