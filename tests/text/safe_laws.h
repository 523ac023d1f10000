/*
 * What holds for whatever text/safe makes of any bytes. The lists here are written out and not
 * shared with the code they judge.
 */
#ifndef TESTS_TEXT_SAFE_LAWS_H
#define TESTS_TEXT_SAFE_LAWS_H

#include <wchar.h>

#include "base/utf8.h"
#include "base/width.h"
#include "tests/fuzz/fuzz.h"
#include "text/safe.h"

static inline bool
never_shown(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C },
		{ 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F },
		{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x20E3, 0x20E3 }, { 0x2800, 0x2800 },
		{ 0x3164, 0x3164 }, { 0xD800, 0xF8FF }, { 0xFDD0, 0xFDEF }, { 0xFE00, 0xFE0F },
		{ 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF },
		{ 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0x1F3FB, 0x1F3FF },
		{ 0xE0000, 0x10FFFF },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return (cp & 0xFFFE) == 0xFFFE;
}

/* Text of a piece: valid, nothing of the above, at most four characters on a base, widths as counted. */
static inline void
check_shown(struct str s, unsigned cols)
{
	unsigned on_base = 4, counted = 0;

	CHECK(s.n > 0);
	for (size_t at = 0, len; at < s.n; at += len) {
		bool ok;
		uint32_t cp = utf8_decode(str_skip(s, at), &len, &ok);
		int w = wcwidth((wchar_t)cp);

		CHECK(ok && !never_shown(cp));
		CHECK(w >= 0);
		on_base = w > 0 ? 0 : on_base + 1;
		CHECK(on_base <= 4);
		counted += (unsigned)w;
	}
	CHECK(counted == cols && width_cols(s) == cols);
}

/* The pieces of `s` as text; a break is a line feed. Returns how far they reached. */
static inline size_t
add_pieces(struct str s, bool more, struct buf *out)
{
	struct safe safe;
	struct safe_piece p;
	size_t at = 0;

	safe_init(&safe, s, more);
	while (safe_next(&safe, &p)) {
		CHECK(p.src == at && (p.src_len > 0 || p.kind == SAFE_HIDDEN));
		at += p.src_len;
		if (p.kind == SAFE_BREAK || p.kind == SAFE_TAB)
			buf_byte(out, p.kind == SAFE_BREAK ? '\n' : '\t');
		else
			check_shown(p.text, p.cols);
		CHECK(!p.ascii || utf8_ascii_run(p.text) == p.text.n);
		buf_str(out, p.text);
	}
	CHECK(more || at == s.n);
	CHECK(safe.at == at);
	return at;
}

/* In pieces of `step` bytes the same comes out, and what is unread in between stays short. */
static inline void
check_stream(struct str s, size_t step, struct str whole)
{
	struct buf out = { 0 }, held = { 0 };

	for (size_t at = 0; at < s.n; at += step) {
		buf_str(&held, str_head(str_skip(s, at), step));
		buf_drop(&held, add_pieces(buf_view(&held), true, &out));
		CHECK(held.n <= 1024 * 4 + 256);
	}
	add_pieces(buf_view(&held), false, &out);
	CHECK(str_eq(buf_view(&out), whole));
	buf_done(&held);
	buf_done(&out);
}

/* The short way takes what is as it is, of so many columns, and leaves the rest to be what it would have been. */
static inline void
check_plain(struct str s, unsigned most, struct str whole)
{
	struct buf got = { 0 };
	unsigned cols;
	size_t n;

	n = safe_copy_plain(buf_room(&got, s.n + 8), s, most, &cols);
	got.n = n;
	CHECK(str_eq(buf_view(&got), str_head(s, n)) && cols <= most);
	CHECK((n > 0) == (safe_begins_plain(s) > 0 && safe_begins_plain(s) <= most));
	if (n > 0)
		check_shown(buf_view(&got), cols);
	add_pieces(str_skip(s, n), false, &got);
	CHECK(str_eq(buf_view(&got), whole));
	buf_done(&got);
}

/* All of it, streamed in pieces of the given sizes (0 ends them). Needs a UTF-8 locale. */
static inline void
check_safe_laws(struct str s, const size_t *steps)
{
	struct buf once = { 0 }, again = { 0 };

	add_pieces(s, false, &once);
	add_pieces(buf_view(&once), false, &again);
	CHECK(str_eq(buf_view(&once), buf_view(&again)));
	for (unsigned most = 1; most < 2000; most *= 3)
		check_plain(s, most, buf_view(&once));
	for (; *steps > 0; steps++)
		check_stream(s, *steps, buf_view(&once));
	buf_done(&once);
	buf_done(&again);
}

#define STEPS(...) (const size_t[]){ __VA_ARGS__, 0 }

#endif
