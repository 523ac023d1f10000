#include "tests/unit.h"

#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "tests/hostile.h"
#include "tests/text/safe_laws.h"

static void
read_file(const char *name, struct buf *out)
{
	struct buf path = { 0 };
	int fd;

	buf_printf(&path, "%s/tests/data/%s", getenv("top_srcdir"), name);
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && buf_read_fd(out, fd, 1 << 20));
	close(fd);
	buf_done(&path);
}

/* As in the data: breaks, tabs and backslashes are written with a backslash. */
static void
add_escaped(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, s.p[i] == '\n' ? 'n' : s.p[i] == '\t' ? 't' : s.p[i]);
	}
}

static void
test_hostile(void **state)
{
	struct buf file = { 0 }, in = { 0 }, got = { 0 }, shown = { 0 };
	struct str rest, line;
	unsigned count = 0;

	(void)state;
	read_file("hostile.tsv", &file);
	rest = buf_view(&file);
	while (line = str_cut(rest, '\n', &rest), rest.p != NULL) {
		struct str hex;

		if (str_starts(line, STR("#")))
			continue;
		str_cut(line, '\t', &line);
		hex = str_cut(line, '\t', &line);
		buf_clear(&in);
		hostile_unhex(hex, &in);
		buf_clear(&got);
		add_pieces(buf_view(&in), false, &got);
		buf_clear(&shown);
		add_escaped(buf_view(&got), &shown);
		assert_str(buf_view(&shown), line);
		check_safe_laws(buf_view(&in), STEPS(1, 2, 3));
		count++;
	}
	assert_true(count > 100);
	buf_done(&file);
	buf_done(&in);
	buf_done(&got);
	buf_done(&shown);
}

/* `cp` alone, behind a letter, with a mark, in an emoji and in a syllable. */
static void
add_in_context(struct buf *b, uint32_t cp)
{
	static const char *const around[] = { "a", " ", "\u0301", "\U0001f469\u200d", "\u2764", "\u1112\u1161" };

	for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
		buf_str(b, str_from(around[i]));
		utf8_add(b, cp);
	}
	utf8_add(b, cp);
	buf_byte(b, '\n');
}

/* Every code point there is, and unassigned planes here and there. */
static void
test_all_code_points(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp += cp < 0x32400 || (cp >= 0xE0000 && cp < 0xE0200) ? 1 : 251) {
		add_in_context(&b, cp);
		if (b.n > 4096) {
			check_safe_laws(buf_view(&b), STEPS(7));
			buf_clear(&b);
		}
	}
	check_safe_laws(buf_view(&b), STEPS(7));
	buf_done(&b);
}

/* What code and terminals stumble over, in any order. */
static void
add_nasty(struct buf *b, uint64_t *seed)
{
	static const uint32_t nasty[] = { 0, 7, 8, 9, '\n', '\r', 0x1B, 0x7F, 0x85, 0x9B, 0x9C, 0xA9, 0xAD, 0x301,
		0x34F, 0x488, 0x600, 0x61C, 0x645, 0x6CC, 0x915, 0x93F, 0x94D, 0x9BE, 0xD4E, 0xE33, 0x1100, 0x115F, 0x1160, 0x1161, 0x11A8,
		0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x2028, 0x202E, 0x2066, 0x20E3, 0x2764, 0x2800, 0x3164, 0x4DC0,
		0x4E2D, 0xAC00, 0xE000, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFFD, 0xFFFE, 0x1F1E6, 0x1F1FF, 0x1F3F4, 0x1F3FB,
		0x1F469, 0x1F600, 0x1FAE8, 0xE0067, 0xE0100, 0xE007F, 0x10FFFF };

	switch (unit_random(seed) % 8) {
	case 0:
		buf_byte(b, (char)unit_random(seed));
		break;
	case 1:
		buf_byte(b, "a1#*"[unit_random(seed) % 4]);
		break;
	case 2:
		utf8_add(b, unit_random(seed) % 0x110000);
		break;
	default:
		utf8_add(b, nasty[unit_random(seed) % (sizeof nasty / sizeof *nasty)]);
	}
}

static void
test_random(void **state)
{
	struct buf b = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		buf_clear(&b);
		for (unsigned n = unit_random(&seed) % 50; n > 0; n--)
			add_nasty(&b, &seed);
		check_safe_laws(buf_view(&b), STEPS(1, 3, 64));
	}
	buf_done(&b);
}

/* Long runs of one thing: nothing waits for their end, nothing is counted wrong. */
static void
test_bombs(void **state)
{
	static const char *const bombs[] = { "\u0301", "\u200b", "\U000e0041", "\u1100", "\u1161", "\U0001f1e6",
		"\u200d", "\U0001f469\u200d", "\u093f", "\r", "\x1b", "\xf0", "\xf0\x9f\x98", "\u202e" };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
		buf_set(&b, STR("a"));
		for (int n = 0; n < 2500; n++)
			buf_str(&b, str_from(bombs[i]));
		check_safe_laws(buf_view(&b), STEPS(1, 3, 64));
	}
	buf_done(&b);
}

static void
test_plain(void **state)
{
	struct buf out = { 0 };

	(void)state;
	safe_add(&out, STR("a\tb\r\nc\x1b[m\u200b\0d"));
	assert_str(buf_view(&out), STR("a b c^[[m\u20391 hidden\u203a^@d"));
	buf_done(&out);
}

static void
assert_safe(const char *text, const char *want)
{
	struct buf got = { 0 };

	safe_add(&got, str_from(text));
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

/* Joiners inside words of scripts that need them are spelling; anywhere else they hide something. */
static void
test_joiners(void **state)
{
	(void)state;
	assert_safe("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
	    "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645");
	assert_safe("\u0646\u0650\u200c\u0645", "\u0646\u0650\u0645");
	assert_safe("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937");
	assert_safe("\u0d28\u0d4d\u200d\u0d2e", "\u0d28\u0d4d\u0d2e");
	assert_safe("a\u200cb", "a\u20391 hidden\u203ab");
	assert_safe("\u0645\u200c\u200c\u062e", "\u0645\u20392 hidden\u203a\u062e");
	assert_safe("\u0645\u200cb", "\u0645\u20391 hidden\u203ab");
	assert_safe("a\u200c\u0645", "a\u20391 hidden\u203a\u0645");
	assert_safe("\u0645\u200c", "\u0645\u20391 hidden\u203a");
	assert_safe("\u0645\u200b\u062e", "\u0645\u20391 hidden\u203a\u062e");
	assert_safe("\u0915\u200d\u0645", "\u0915\u20391 hidden\u203a\u0645");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_all_code_points),
		cmocka_unit_test(test_joiners), cmocka_unit_test(test_random),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_plain),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
