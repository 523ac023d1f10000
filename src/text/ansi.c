#include "text/ansi.h"

#include "base/width.h"
#include "text/rows.h"
#include "text/sgr.h"

enum {
	ESC = 0x1B,
	MAX_CSI = 128,
	MAX_STRING = 4096,	/* a longer one is taken for text that only begins like it */
	MARK_COLS = 32
};

void
ansi_init(struct ansi *a, struct rows *out, struct style base)
{
	*a = (struct ansi){ .out = out, .base = base, .now = { .style = base } };
}

void
ansi_done(struct ansi *a)
{
	cells_done(&a->cells);
	cells_done(&a->sure_cells);
	buf_done(&a->mark);
}

/* ---- the line being written */

static void
drop_open_row(struct ansi *a)
{
	rows_truncate(a->out, rows_count(a->out));
}

static void
end_line(struct ansi *a, unsigned flags)
{
	if (a->now.rewriting) {
		drop_open_row(a);
		cells_add_to(&a->cells, a->out);
		cells_clear(&a->cells);
		a->now.rewriting = false;
	}
	rows_end(a->out, flags);
}

/* From here on what is written may replace what stands there. */
static void
rewrite(struct ansi *a)
{
	if (a->now.rewriting)
		return;
	cells_from(&a->cells, rows_open(a->out));
	a->now.rewriting = true;
}

static unsigned
room(const struct ansi *a)
{
	size_t cols = a->now.rewriting ? a->cells.cursor : rows_open(a->out).cols;

	/* A guess ends no row, because it is taken back. */
	return a->guessed ? UINT32_MAX : cols < ANSI_COLS ? ANSI_COLS - (unsigned)cols : 0;
}

static void
put(struct ansi *a, const struct safe_piece *piece)
{
	if (a->now.rewriting)
		cells_write(&a->cells, a->now.style, piece, 0);
	else
		rows_put(a->out, a->now.style, piece, 0);
}

/* `piece` has its place in the whole text. */
static void
write_piece(struct ansi *a, struct safe_piece piece)
{
	while (piece.cols > room(a)) {
		size_t n = piece.ascii && piece.kind == SAFE_TEXT ? room(a) : 0;

		if (n > 0) {
			struct safe_piece head = piece;

			head.text.n = head.src_len = head.cols = (unsigned)n;
			put(a, &head);
			piece.text = str_skip(piece.text, n);
			piece.cols -= (unsigned)n;
			piece.src += n;
			piece.src_len -= n;
		}
		end_line(a, LINE_SOFT | LINE_GLUED);
	}
	put(a, &piece);
}

/* ---- escape sequences */

enum escape {
	ESCAPE_OTHER,	/* a mark */
	ESCAPE_SGR,
	ESCAPE_ERASE,	/* in the line */
	ESCAPE_OPEN	/* what it is depends on what comes behind */
};

static bool
in_range(char c, int low, int high)
{
	return (unsigned char)c >= low && (unsigned char)c <= high;
}

static enum escape
scan_csi(struct str s, size_t *len)
{
	size_t i = 2;

	while (i < s.n && i < MAX_CSI && in_range(s.p[i], 0x20, 0x3F))
		i++;
	*len = i;
	if (i == s.n)
		return ESCAPE_OPEN;
	if (!in_range(s.p[i], 0x40, 0x7E))
		return ESCAPE_OTHER;
	*len = i + 1;
	/* Parameters of SGR are digits; others begin with a private mark. */
	if (s.p[i] != 'm' && s.p[i] != 'K')
		return ESCAPE_OTHER;
	for (size_t k = 2; k < i; k++)
		if (!in_range(s.p[k], '0', ';'))
			return ESCAPE_OTHER;
	return s.p[i] == 'm' ? ESCAPE_SGR : ESCAPE_ERASE;
}

/*
 * OSC, DCS and the like up to their end. One that is broken off by another control is no string:
 * then only its introducer counts and what follows is text.
 */
static enum escape
scan_string(struct str s, size_t *len)
{
	*len = 2;
	for (size_t i = 2; i < s.n && i < MAX_STRING; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\a' || c == 0x18 || c == 0x1A) {
			*len = i + 1;
			return ESCAPE_OTHER;
		}
		if (c == ESC || c == 0xC2) {
			if (i + 1 == s.n)
				return ESCAPE_OPEN;
			if (s.p[i + 1] == (c == ESC ? '\\' : '\x9C')) {
				*len = i + 2;
				return ESCAPE_OTHER;
			}
		}
		if (c < 0x20)
			return ESCAPE_OTHER;
	}
	return s.n < MAX_STRING ? ESCAPE_OPEN : ESCAPE_OTHER;
}

/* The escape sequence at the start of `s`. What is open is a mark of *len bytes if nothing follows. */
static enum escape
scan_escape(struct str s, size_t *len)
{
	size_t i = 1;

	*len = 1;
	if (s.n == 1)
		return ESCAPE_OPEN;
	if (s.p[1] == '[')
		return scan_csi(s, len);
	if (str_find_byte(STR("]P^_Xk"), s.p[1]) < 6)
		return scan_string(s, len);
	while (i < s.n && i < MAX_CSI && in_range(s.p[i], 0x20, 0x2F))
		i++;
	*len = i;
	if (i == s.n)
		return ESCAPE_OPEN;
	if (in_range(s.p[i], 0x30, 0x7E))
		*len = i + 1;
	return ESCAPE_OTHER;
}

static void
write_mark(struct ansi *a, struct str sequence)
{
	struct safe_piece piece = { .kind = SAFE_MARK, .src = a->now.at, .src_len = sequence.n };
	size_t cols, n;

	buf_clear(&a->mark);
	safe_add(&a->mark, sequence);
	n = width_prefix(buf_view(&a->mark), MARK_COLS, &cols);
	if (n < a->mark.n) {
		a->mark.n = n;
		buf_str(&a->mark, STR("\u2026"));
		cols++;
	}
	piece.text = buf_view(&a->mark);
	piece.cols = (unsigned)cols;
	write_piece(a, piece);
}

/* Erasing shows no more than a CR and blanks could, and half of all tools do it. */
static bool
erase(struct ansi *a, struct str params)
{
	if (params.n > 1 || (params.n == 1 && params.p[0] != '0' && params.p[0] != '2'))
		return false;
	if (params.n == 1 && params.p[0] == '2') {
		rewrite(a);
		cells_cut(&a->cells, 0);
	} else if (a->now.rewriting) {
		cells_cut(&a->cells, a->cells.cursor);
	}
	return true;
}

/* False when more must come first. */
static bool
read_escape(struct ansi *a, struct str s, bool more)
{
	size_t len;
	enum escape kind = scan_escape(s, &len);
	struct str params = { s.p + 2, kind == ESCAPE_SGR || kind == ESCAPE_ERASE ? len - 3 : 0 };

	if (kind == ESCAPE_OPEN && more)
		return false;
	if (kind == ESCAPE_SGR)
		sgr_apply(&a->now.style, a->base, params);
	else if (kind != ESCAPE_ERASE || !erase(a, params))
		write_mark(a, str_head(s, len));
	a->now.at += len;
	return true;
}

/* ---- the whole */

static bool
read_control(struct ansi *a, struct str s, bool more)
{
	switch (s.p[0]) {
	case ESC:
		return read_escape(a, s, more);
	case '\n':
		end_line(a, 0);
		break;
	case '\r':
		if (s.n == 1)
			return false;
		if (s.p[1] == '\n')
			break;
		rewrite(a);
		a->cells.cursor = 0;
		break;
	default:
		rewrite(a);
		if (a->cells.cursor > 0)
			a->cells.cursor--;
	}
	a->now.at++;
	return true;
}

static void
read_all(struct ansi *a, struct str text, bool more)
{
	struct safe s;
	struct safe_piece piece;

	safe_init(&s, text, more);
	for (;;) {
		/* What is pending in `s` belongs in front of a control. */
		s.at = a->now.at;
		if (s.left_out == 0 && s.at < text.n && str_find_byte(STR("\033\r\b\n"), text.p[s.at]) < 4) {
			if (!read_control(a, str_skip(text, s.at), more))
				return;
			continue;
		}
		if (!safe_next(&s, &piece))
			return;
		a->now.at = s.at;
		write_piece(a, piece);
	}
}

/* Shows the end of the text that more could still change; the next update takes it back. */
static void
guess(struct ansi *a, struct str text)
{
	a->sure = a->now;
	a->sure_end = rows_end_place(a->out);
	if (a->now.rewriting)
		cells_copy(&a->sure_cells, &a->cells);
	a->guessed = true;
	read_all(a, text, false);
}

static void
take_back(struct ansi *a)
{
	a->now = a->sure;
	if (a->now.rewriting)
		cells_copy(&a->cells, &a->sure_cells);
	else
		rows_rewind(a->out, a->sure_end);
	a->guessed = false;
}

void
ansi_update(struct ansi *a, struct str text)
{
	if (a->guessed)
		take_back(a);
	read_all(a, text, true);
	if (a->now.at < text.n)
		guess(a, text);
	if (a->now.rewriting) {
		drop_open_row(a);
		cells_add_to(&a->cells, a->out);
	}
}
