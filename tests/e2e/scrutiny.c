#include "tests/e2e/scrutiny.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness/modes.h"
#include "tests/text/safe_laws.h"

/*
 * What ncurses draws with and the modes weir sets. `args` are the bytes that may stand between the
 * introducer and the final byte.
 */
static const struct {
	const char *begin, *args, *final;
} own[] = {
	{ "[", "0123456789;", "ABCDGHJKLMPSTXdmr@" },
	{ "[", "4", "hl" },			/* insert mode */
	{ "[?", "0123456789;", "hl" },
	{ "[>", "0123456789;", "mu" }, { "[<", "1", "u" },
	{ "[", "023;t", "t" }, { "[", "0123456789 ", "q" }, { "[!", "", "p" },
	{ "]10", "", "4" }, /* its colours again */
	{ "(", "", "B0" }, { ")", "", "B0" }, { "", "", "78=>M\\" },
};

/* The title, whose text cannot hold what ends it. */
static const char *const strings[] = { "]0;", "]2;" };

/* Asked once, at the start: an answer that nobody expects would count as typed. */
static const char *const questions[] = { "[c", "[?2026$p", "[?2027$p", "[?u", "]10;?", "]11;?" };

enum { QUESTIONS = sizeof questions / sizeof *questions };

static bool
is_own(struct str seq)
{
	char final = seq.n > 0 ? seq.p[seq.n - 1] : '\0';

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		struct str begin = str_from(own[i].begin), args;

		if (seq.n <= begin.n || !str_starts(seq, begin) || strchr(own[i].final, final) == NULL)
			continue;
		args = str_head(str_skip(seq, begin.n), seq.n - begin.n - 1);
		if (strspn(args.p, own[i].args) >= args.n)
			return true;
	}
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		if (str_starts(seq, str_from(strings[i])))
			return true;
	return false;
}

static bool
is_question(struct str seq, bool asked[QUESTIONS])
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (!asked[i] && str_starts(seq, str_from(questions[i])) &&
		    seq.n <= strlen(questions[i]) + 1) {
			asked[i] = true;
			return true;
		}
	return false;
}

static void
escaped(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n && i < 80; i++) {
		if (s.p[i] >= 0x20 && s.p[i] < 0x7F)
			buf_byte(out, s.p[i]);
		else
			buf_printf(out, "\\x%02x", (unsigned char)s.p[i]);
	}
}

static bool
plain_control(char c)
{
	return (unsigned char)c >= 0x20 || strchr("\b\n\r\x1b\x0e\x0f\x07", c) != NULL;
}

const char *
scrutiny_output(struct str output)
{
	static struct buf found;
	bool asked[QUESTIONS] = { false };
	struct modes m;

	buf_clear(&found);
	for (size_t i = 0; i < output.n && found.n == 0; i++)
		if (output.p[i] == '\0' || !plain_control(output.p[i]) || output.p[i] == 0x7F)
			buf_printf(&found, "\\x%02x", (unsigned char)output.p[i]);
	modes_init(&m);
	while (output.n > 0 && found.n == 0) {
		output = str_skip(output, modes_feed(&m, output));
		if (m.complete && !is_own(buf_view(&m.seq)) && !is_question(buf_view(&m.seq), asked))
			escaped(buf_view(&m.seq), &found);
	}
	modes_done(&m);
	return found.n > 0 ? buf_cstr(&found) : NULL;
}

const char *
scrutiny_plain(struct str output)
{
	static char found[96];
	size_t len;

	for (struct str s = output; s.n > 0; s = str_skip(s, len)) {
		bool ok;
		uint32_t cp = utf8_decode(s, &len, &ok);

		if (ok && (cp == '\n' || !never_shown(cp)))
			continue;
		snprintf(found, sizeof found, "U+%04X behind %zu bytes", (unsigned)cp, output.n - s.n);
		return found;
	}
	return NULL;
}

const char *
scrutiny_screen(const struct display *d)
{
	static char found[96];

	for (int row = 0; row < display_rows(d); row++)
		for (int col = 0; col < display_cols(d); col++) {
			struct display_cell c = display_cell(d, row, col);
			struct str s = str_from(c.text);

			for (size_t len; s.n > 0; s = str_skip(s, len)) {
				bool ok;
				uint32_t cp = utf8_decode(s, &len, &ok);

				if (ok && !never_shown(cp))
					continue;
				snprintf(found, sizeof found, "U+%04X at row %d, column %d", (unsigned)cp, row,
				    col);
				return found;
			}
		}
	return NULL;
}
