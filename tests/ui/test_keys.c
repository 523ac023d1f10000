#include "tests/unit.h"

#include "base/utf8.h"
#include "ui/keys.h"

/* One word for each thing read, pieces of a paste joined. */
static void
describe(const struct key *k, struct buf *out, bool *in_paste)
{
	if (*in_paste && k->kind == INPUT_PASTE) {
		buf_str(out, k->text);
		return;
	}
	*in_paste = k->kind == INPUT_PASTE;
	if (out->n > 0)
		buf_byte(out, ' ');
	switch (k->kind) {
	case INPUT_KEY:
		key_text(k, out);
		break;
	case INPUT_PASTE:
		buf_str(out, STR("paste:"));
		buf_str(out, k->text);
		break;
	case INPUT_MOUSE:
		buf_printf(out, "mouse:");
		key_text(k, out);
		buf_printf(out, "@%u,%u", k->x, k->y);
		break;
	case INPUT_FOCUS:
		buf_printf(out, "focus:%u", (unsigned)k->code);
		break;
	case INPUT_REPLY:
		buf_printf(out, "reply:%d:%x:%u", (int)k->reply, (unsigned)k->a, (unsigned)k->b);
		break;
	}
}

static void
take(struct keys *k, int64_t now, struct buf *out, bool *in_paste)
{
	struct key key;

	while (keys_next(k, now, &key))
		describe(&key, out, in_paste);
}

/* Fed in pieces that end at `cut` and so on every `step` bytes, then left alone for two seconds. */
static void
feed(struct str bytes, size_t cut, size_t step, struct buf *out)
{
	struct keys k = { 0 };
	bool in_paste = false;
	size_t at = 0;

	buf_clear(out);
	while (at < bytes.n) {
		size_t n = at == 0 ? cut : step;

		keys_feed(&k, str_head(str_skip(bytes, at), n), 1000);
		take(&k, 1000, out, &in_paste);
		at += n;
	}
	take(&k, 3000, out, &in_paste);
	assert_int_equal(keys_deadline(&k), INT64_MAX);
	keys_done(&k);
}

static void
check(struct str bytes, const char *want)
{
	struct buf got = { 0 };

	feed(bytes, bytes.n, 1, &got);
	assert_str(buf_view(&got), str_from(want));
	for (size_t cut = 1; cut < bytes.n; cut++) {
		feed(bytes, cut, bytes.n, &got);
		assert_str(buf_view(&got), str_from(want));
	}
	feed(bytes, 1, 1, &got);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

#define CHECK(bytes, want) check(STR(bytes), want)

static void
characters_and_controls(void **state)
{
	(void)state;
	CHECK("aZ é漢😀", "a Z Space é 漢 😀");
	CHECK("\r\n\t\x7f\x08", "Enter C-j Tab Backspace C-h");
	check(str_of("\x01\x1a\x00\x1c\x1d\x1e\x1f", 7), "C-a C-z C-Space C-\\ C-] C-^ C-_");
	CHECK("\x1b", "Esc");
	CHECK("\x1b\x1b", "Esc Esc");
	CHECK("\x1b" "b\x1b\r\x1b\x7f\x1b<", "M-b M-Enter M-Backspace M-<");
	CHECK("\x1b" "é", "M-é");
	CHECK("a\xff\xe2\x82" "b\xc2\x9b" "31mc", "a b 3 1 m c");
}

static void
named_keys(void **state)
{
	(void)state;
	CHECK("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "Up Down Right Left Home End");
	CHECK("\x1bOA\x1bOH\x1bOP\x1bOR\x1bOM\x1bOp", "Up Home F1 F3 Enter 0");
	CHECK("\x1b[1~\x1b[2~\x1b[3~\x1b[4~\x1b[5~\x1b[6~", "Home Insert Delete End PgUp PgDn");
	CHECK("\x1b[11~\x1b[15~\x1b[17~\x1b[24~", "F1 F5 F6 F12");
	CHECK("\x1b[[A\x1b[[E", "F1 F5");
	CHECK("\x1b[1;5C\x1b[1;3A\x1b[1;2B\x1b[5;8~", "C-Right M-Up S-Down C-M-S-PgUp");
	CHECK("\x1b[Z", "S-Tab");
	CHECK("\x1b[120;5u\x1b[13;3u\x1b[97;2u\x1b[27u\x1b[97;1:3u", "C-x M-Enter A Esc");
	CHECK("\x1b[27;5;106~", "C-j");
	CHECK("\x1b[", "M-[");
	CHECK("\x1bO", "M-O");
}

static void
mouse_and_focus(void **state)
{
	(void)state;
	CHECK("\x1b[<0;5;7M\x1b[<0;5;7m", "mouse:Mouse1@4,6 mouse:MouseUp@4,6");
	CHECK("\x1b[<64;1;1M\x1b[<65;1;1M", "mouse:WheelUp@0,0 mouse:WheelDown@0,0");
	CHECK("\x1b[<35;1;1M", "");
	CHECK("\x1b[M !!", "");
	CHECK("\x1b[I\x1b[O", "focus:1 focus:0");
}

/* Late answers of the terminal must never be typed into a prompt. */
static void
replies_are_no_input(void **state)
{
	(void)state;
	CHECK("\x1b[33;197R", "");
	CHECK("\x1b[?1;2R", "");
	CHECK("\x1b[0n\x1b[8;24;80t\x1b[>41;353;0c\x1b[?0u", "");
	CHECK("\x1b[?62;22c", "reply:3:0:0");
	CHECK("\x1b[?2026;2$y", "reply:1:7ea:2");
	CHECK("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\x", "reply:2:1e1e2e:0 x");
	CHECK("\x1b]11;rgb:ff/00/80\x07x", "reply:2:ff0080:0 x");
	CHECK("\x1b]10;rgb:ff/00/80\x07x", "x");
	CHECK("\x1bP>|XTerm(380)\x1b\\x", "x");
	CHECK("\x1b_Gi=1;OK\x1b\\x\x1b^a\x1b\\y\x1bXq\x1b\\z", "x y z");
	CHECK("\x1b]52;c;AAAA\x18x", "x");
	CHECK("\x1b]0;title\x1b[Ax", "Up x");
}

static void
endless_sequences_are_skipped(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_str(&b, STR("\x1bP1"));
	buf_fill(&b, 'q', 3000);
	buf_str(&b, STR("\x1b\\ab\x1b["));
	buf_fill(&b, '1', 3000);
	buf_str(&b, STR("Acd\x1b["));
	buf_fill(&b, ';', 3000);
	buf_str(&b, STR("\rz"));
	check(buf_view(&b), "a b c d Enter z");
	buf_done(&b);
}

static void
incomplete_sequences_time_out(void **state)
{
	struct keys k = { 0 };
	struct key key;

	(void)state;
	keys_feed(&k, STR("\x1b"), 100);
	assert_false(keys_next(&k, 149, &key));
	assert_int_equal(keys_deadline(&k), 150);
	assert_true(keys_next(&k, 150, &key));
	assert_int_equal(key.code, KEYCODE_ESC);
	assert_int_equal(keys_deadline(&k), INT64_MAX);

	keys_feed(&k, STR("\x1b[12;3"), 1000);
	assert_false(keys_next(&k, 1999, &key));
	assert_int_equal(keys_deadline(&k), 2000);
	assert_false(keys_next(&k, 2000, &key));
	keys_feed(&k, STR("x"), 2001);
	assert_true(keys_next(&k, 2001, &key));
	assert_int_equal(key.code, 'x');
	keys_done(&k);
}

static void
pastes(void **state)
{
	(void)state;
	CHECK("\x1b[200~two\r\nlines\rthree\tok\x1b[201~", "paste:two\nlines\nthree\tok");
	CHECK("\x1b[200~a\x1b[31m\x07\x03\x7f" "b\xc2\x9b" "c\x1b[201~", "paste:a[31mb" "c");
	CHECK("\x1b[200~bad \xff utf\xe2\x82\x1b[201~", "paste:bad \xef\xbf\xbd utf\xef\xbf\xbd");
	CHECK("\x1b[200~one\x1b[201~\x1b[200~two\x1b[201~", "paste:onetwo");
	CHECK("\x1b[200~one\x1b[201~two", "paste:one t w o");
	CHECK("\x1b[200~\x1b[201~\r", "Enter");
	/* A paste that brings the end marker along. */
	CHECK("\x1b[200~ls\n\x1b[201~rm\n\x1b[200~x\x1b[201~", "paste:ls\nrm\nx");
	CHECK("\x1b[200~ls\n\x1b[201~\x1b[201~rm\n\x1b[201~", "paste:ls\nrm\n");
	CHECK("\x1b[200~ls\n\x1b[201~rm\n\x1b[201~", "paste:ls\nrm\n");
}

static void
keys_follow_a_paste_after_a_moment(void **state)
{
	struct keys k = { 0 };
	struct buf out = { 0 };
	bool in_paste = false;

	(void)state;
	keys_feed(&k, STR("\x1b[200~ls\x1b[201~"), 0);
	take(&k, 0, &out, &in_paste);
	keys_feed(&k, STR("\r"), 10);
	take(&k, 10, &out, &in_paste);
	assert_str(buf_view(&out), STR("paste:ls"));
	assert_int_equal(keys_deadline(&k), 25);
	take(&k, 25, &out, &in_paste);
	assert_str(buf_view(&out), STR("paste:ls Enter"));
	keys_feed(&k, STR("x"), 26);
	take(&k, 26, &out, &in_paste);
	assert_str(buf_view(&out), STR("paste:ls Enter x"));
	buf_done(&out);
	keys_done(&k);
}

static void
a_paste_without_end_can_be_left(void **state)
{
	struct keys k = { 0 };
	struct buf out = { 0 };
	bool in_paste = false;

	(void)state;
	keys_feed(&k, STR("\x1b[200~ls"), 0);
	take(&k, 0, &out, &in_paste);
	keys_feed(&k, STR("\x03"), 500);
	keys_feed(&k, STR("q"), 5000);
	keys_feed(&k, STR("\x03"), 6000);
	keys_feed(&k, STR("q"), 6001);
	take(&k, 6001, &out, &in_paste);
	assert_str(buf_view(&out), STR("paste:ls q"));
	buf_done(&out);
	keys_done(&k);
}

static void
long_pastes_come_in_pieces(void **state)
{
	struct keys k = { 0 };
	struct key key;
	size_t total = 0, pieces = 0;
	struct buf b = { 0 };

	(void)state;
	buf_str(&b, STR("\x1b[200~"));
	buf_fill(&b, 'x', 300000);
	buf_str(&b, STR("\x1b[201~"));
	keys_feed(&k, buf_view(&b), 0);
	while (keys_next(&k, 0, &key)) {
		assert_int_equal(key.kind, INPUT_PASTE);
		total += key.text.n;
		pieces++;
	}
	assert_int_equal(total, 300000);
	assert_true(pieces > 1);
	buf_done(&b);
	keys_done(&k);
}

static void
names_are_read_back(void **state)
{
	static const char *const names[] = { "a", "C-x", "M-b", "C-M-x", "Enter", "M-Enter", "S-Tab",
		"PgUp", "F12", "Space", "C-Space", "-", "M--", "C-_", "é", "M-<", "WheelUp", "Esc" };
	struct buf b = { 0 };
	struct key k;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_true(key_parse(str_from(names[i]), &k));
		buf_clear(&b);
		key_text(&k, &b);
		assert_str(buf_view(&b), str_from(names[i]));
	}
	assert_false(key_parse(STR(""), &k));
	assert_false(key_parse(STR("C-"), &k));
	assert_false(key_parse(STR("nokey"), &k));
	assert_false(key_parse(STR("\x01"), &k));
	buf_done(&b);
}

/* Whatever comes: any split gives the same, and nothing but clean text. */
static void
random_bytes(void **state)
{
	static const char alphabet[] = "\x1b\x1b\x1b[[]OPX_~~;;:?<>$200120111mMuRcyIA\\\a\x18\r\nx"
	    "\xc3\xa9\xe2\x82\x9b";
	struct buf whole = { 0 }, split = { 0 };
	uint64_t seed = 7;
	char bytes[48];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = 1 + unit_random(&seed) % sizeof bytes;

		for (size_t i = 0; i < n; i++)
			bytes[i] = alphabet[unit_random(&seed) % (sizeof alphabet - 1)];
		feed(str_of(bytes, n), n, 1, &whole);
		assert_true(utf8_valid(buf_view(&whole)));
		feed(str_of(bytes, n), 1 + unit_random(&seed) % n, 1 + unit_random(&seed) % n, &split);
		assert_str(buf_view(&split), buf_view(&whole));
	}
	buf_done(&whole);
	buf_done(&split);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_and_controls),
		cmocka_unit_test(named_keys),
		cmocka_unit_test(mouse_and_focus),
		cmocka_unit_test(replies_are_no_input),
		cmocka_unit_test(endless_sequences_are_skipped),
		cmocka_unit_test(incomplete_sequences_time_out),
		cmocka_unit_test(pastes),
		cmocka_unit_test(keys_follow_a_paste_after_a_moment),
		cmocka_unit_test(a_paste_without_end_can_be_left),
		cmocka_unit_test(long_pastes_come_in_pieces),
		cmocka_unit_test(names_are_read_back),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
