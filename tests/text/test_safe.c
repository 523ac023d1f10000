#include "tests/unit.h"

#include <locale.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/width.h"
#include "text/safe.h"

/* The text of all pieces, and that their ranges cover the source without a gap. */
static void
read_all(struct str source, struct buf *out)
{
	struct safe s;
	struct safe_piece p;
	size_t at = 0;

	buf_clear(out);
	safe_init(&s, source, false);
	while (safe_next(&s, &p)) {
		assert_int_equal(p.src, at);
		at += p.src_len;
		assert_int_equal(p.cols, width_cols(p.text));
		if (p.ascii)
			assert_int_equal(utf8_ascii_run(p.text), p.text.n);
		if (p.kind == SAFE_BREAK || p.kind == SAFE_TAB)
			buf_byte(out, p.kind == SAFE_BREAK ? '\n' : '\t');
		else
			assert_true(p.text.n > 0);
		buf_str(out, p.text);
	}
	assert_int_equal(at, source.n);
}

static void
test_vectors(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "plain text", "plain text" },
		/* T1 */
		{ "a\nb\r\nc\rd\ne\r", "a\nb\nc^Md\ne^M" },
		{ "\a\b\v\f\x0e\x0f\x7f\t\x01", "^G^H^K^L^N^O^?\t^A" },
		/* T2 */
		{ "\xc2\x85\xc2\x9b" "31m", "<85><9B>31m" },
		{ "\x9b" "31m\xc0\x9b", "\ufffd31m\ufffd\ufffd" },
		/* T3, T4, T7 */
		{ "\x1b[8mrm\x1b[0m", "^[[8mrm^[[0m" },
		{ "\x1b]0;t\aA\x1bPx\x1b\\Z", "^[]0;t^GA^[Px^[\\Z" },
		/* T12 */
		{ "a\u202eb\u2066c\u061cd\u200fe", "a\u27eaRLO\u27ebb\u27eaLRI\u27ebc\u27eaALM\u27ebd\u27eaRLM\u27ebe" },
		{ "a\u2028b\u2029c", "a\u27eaLS\u27ebb\u27eaPS\u27ebc" },
		/* T13 */
		{ "a\u200b\u200bb", "a\u20392 hidden\u203ab" },
		{ "a\u200c\u2060\ufeff\u00ad\u3164\u115f\u180e\U000e0041\u2800b", "a\u20391 hidden\u203a\u20398 hidden\u203ab" },
		{ "a\ufe0fb\u4e2d\U000e0100", "a\u20391 hidden\u203ab\u4e2d\u20391 hidden\u203a" },
		{ "\u2764\ufe0f\u2764\ufe0e x\U0001f469\u200d\U0001f4bby", "\u2764\u2764 x\U0001f469y" },
		{ "1\ufe0f\u20e3#\u20e3a\u20e3", "1#a\u20391 hidden\u203a" },
		{ "\U0001f44d\U0001f3fd \U0001f3fd a\U0001f3fd", "\U0001f44d \ufffd a\ufffd" },
		{ "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1e9", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\ufffd" },
		{ "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\U0001f3f4" },
		{ "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0068\U000e007f",
		    "\U0001f3f4\u20396 hidden\u203a" },
		/* T14 */
		{ "e\u0301\u0302\u0303\u0304\u0305\u0306z", "e\u0301\u0302\u0303\u0304\u20392 hidden\u203az" },
		{ "\u0301a \u0301", "\u25cc\u0301a \u0301" },
		{ "\u0301\u0302\u0303\u0304\u0305", "\u20395 hidden\u203a" },
		/* T15, T16 */
		{ "\ue000\ufdd0\uffff\U0010ffff\u0378", "\ufffd\ufffd\ufffd\ufffd\ufffd" },
		{ "\xf0\x90\x80" "a\xed\xa0\x80\xc3", "\ufffd" "a\ufffd\ufffd\ufffd\ufffd" },
		{ "\u0600" "1\u1100\u1161\u11a8\u1161", "\ufffd" "1\u1100\u1161\u11a8\ufffd" },
		{ "\u0915\u093f \u0995\u09c7\u09be", "\u0915\u093f \u0995\u09c7\u09be" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		read_all(str_from(cases[i].in), &out);
		assert_str(buf_view(&out), str_from(cases[i].want));
	}
	read_all(STR("a\0b"), &out);
	assert_str(buf_view(&out), STR("a^@b"));
	buf_clear(&out);
	safe_add(&out, STR("a\tb\r\nc\x1b"));
	assert_str(buf_view(&out), STR("a b c^["));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
