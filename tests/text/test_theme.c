#include "tests/unit.h"

#include "text/theme.h"

static void
every_role_has_a_name(void **state)
{
	enum role role;

	(void)state;
	for (int i = 0; i < ROLE_COUNT; i++) {
		assert_non_null(role_name((enum role)i));
		assert_true(role_by_name(str_from(role_name((enum role)i)), &role));
		assert_int_equal(role, i);
	}
	assert_false(role_by_name(STR("nothing"), &role));
}

/* The chain of parents of every role ends at text. */
static void
parents_end_at_text(void **state)
{
	(void)state;
	for (int i = 0; i < ROLE_COUNT; i++) {
		enum role r = (enum role)i;
		int steps = 0;

		while (r != ROLE_TEXT && steps++ < ROLE_COUNT)
			r = role_parent(r);
		assert_int_equal(r, ROLE_TEXT);
	}
}

static struct look
look_of(const struct theme *t, enum role role, enum depth depth)
{
	return theme_look(t, STYLE(role), depth);
}

static void
a_file_is_read(void **state)
{
	struct theme t;
	struct error e;
	struct look l;

	(void)state;
	assert_int_equal(theme_parse(&t, STR("; comment\nname = x\nground = light #ffffff\n"
	    "heading = bold #5fafff/blue ; behind it\nok = green on 17/black\nwarn = 9\n"), &e), ERR_OK);
	assert_string_equal(t.name, "x");
	assert_true(t.light);
	l = look_of(&t, ROLE_HEADING, DEPTH_RGB);
	assert_int_equal(l.fg, LOOK_RGB + 0x5FAFFF);
	assert_int_equal(l.bg, -1);
	assert_int_equal(l.attr, ATTR_BOLD);
	assert_int_equal(look_of(&t, ROLE_HEADING, DEPTH_256).fg, 75);
	assert_int_equal(look_of(&t, ROLE_HEADING, DEPTH_16).fg, 4);
	l = look_of(&t, ROLE_HEADING, DEPTH_MONO);
	assert_int_equal(l.fg, -1);
	assert_int_equal(l.attr, ATTR_BOLD);
	assert_int_equal(look_of(&t, ROLE_OK, DEPTH_256).bg, 17);
	assert_int_equal(look_of(&t, ROLE_OK, DEPTH_8).bg, 0);
	assert_int_equal(look_of(&t, ROLE_WARN, DEPTH_8).fg, 1);
}

static void
what_is_left_out_is_as_its_parent(void **state)
{
	struct theme t;
	struct error e;

	(void)state;
	assert_int_equal(theme_parse(&t, STR("warn = red\nok = green\n"), &e), ERR_OK);
	assert_int_equal(look_of(&t, ROLE_ERROR, DEPTH_256).fg, 1);
	assert_int_equal(look_of(&t, ROLE_STATUS_BAD, DEPTH_256).fg, 1);
	assert_int_equal(look_of(&t, ROLE_ADD_WORD, DEPTH_256).fg, 2);
	assert_int_equal(look_of(&t, ROLE_HEADING, DEPTH_256).fg, -1);
}

static void
errors_name_the_line(void **state)
{
	struct theme t;
	struct error e;

	(void)state;
	assert_int_equal(theme_parse(&t, STR("\nok green\n"), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "line 2"));
	assert_int_equal(theme_parse(&t, STR("okay = green"), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "okay"));
	assert_int_equal(theme_parse(&t, STR("ok = grass"), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "grass"));
	assert_int_equal(theme_parse(&t, STR("ok = 256"), &e), ERR_USAGE);
	assert_int_equal(theme_parse(&t, STR("ok = green/#ff0000"), &e), ERR_USAGE);
	assert_int_equal(theme_parse(&t, STR("ground = #000000"), &e), ERR_USAGE);
	assert_int_equal(theme_load(&t, "./no-such.theme", NULL, &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "no-such.theme"));
}

/* A text that hides itself by its colours is shown in the terminal's own. */
static void
content_colours_stay_readable(void **state)
{
	struct style black_on_black = { .fg = 1, .bg = 1 }, black = { .fg = 1 }, red = { .fg = 2 };
	struct style white_on_white = { .fg = 16, .bg = 16 };
	const struct theme *t = theme_builtin();

	(void)state;
	assert_int_equal(theme_look(t, black_on_black, DEPTH_256).fg, -1);
	assert_int_equal(theme_look(t, black, DEPTH_256).fg, -1);
	assert_int_equal(theme_look(t, red, DEPTH_256).fg, 1);
	assert_int_equal(theme_look(t, white_on_white, DEPTH_256).fg, -1);
	assert_int_equal(theme_look(t, white_on_white, DEPTH_256).bg, -1);
}

static void
contrast_is_what_the_guidelines_say(void **state)
{
	(void)state;
	assert_true(theme_contrast(0x000000, 0xFFFFFF) > 20.9);
	assert_true(theme_contrast(0x777777, 0xFFFFFF) > 4.4 && theme_contrast(0x777777, 0xFFFFFF) < 4.55);
	assert_true(theme_contrast(0x123456, 0x123456) < 1.01);
}

/* What a look is at 256 colours or more; -1 stands for the terminal's own. */
static uint32_t
rgb_of(int32_t look, uint32_t own)
{
	if (look >= LOOK_RGB)
		return (uint32_t)(look - LOOK_RGB);
	if (look >= 0)
		colour_rgb((struct colour){ COLOUR_PALETTE, (uint32_t)look }, &own);
	return own;
}

static double
contrast_of(const struct theme *t, struct style style, enum depth depth)
{
	struct look l = theme_look(t, style, depth);

	return theme_contrast(rgb_of(l.fg, t->light ? 0 : 0xE5E5E5), rgb_of(l.bg, t->ground));
}

/* The worst pair of text and ground that a theme has. */
static double
least_contrast(const struct theme *t, enum depth depth, enum role *worst)
{
	double least = 21;

	for (int i = 0; i < ROLE_COUNT; i++) {
		double c = contrast_of(t, STYLE((enum role)i), depth);

		if (c >= least)
			continue;
		least = c;
		*worst = (enum role)i;
	}
	return least;
}

static void
load(struct theme *t, const char *name)
{
	const char *top = getenv("top_srcdir");
	struct buf path = { 0 };
	struct error e;

	buf_printf(&path, "%s/themes/%s.theme", top != NULL ? top : ".", name);
	if (theme_load(t, buf_cstr(&path), NULL, &e) != ERR_OK)
		fail_msg("%s", e.text);
	buf_done(&path);
	assert_string_equal(t->name, name);
}

static void
check_file(const char *name, double least)
{
	static const enum depth depths[] = { DEPTH_RGB, DEPTH_256 };
	struct theme t;

	load(&t, name);
	for (size_t i = 0; i < 2; i++) {
		enum role worst = ROLE_TEXT;
		double c = least_contrast(&t, depths[i], &worst);

		if (c < least)
			fail_msg("%s: %s has %.2f:1", name, role_name(worst), c);
	}
}

/* The check would find a theme that cannot be read. */
static void
a_pale_theme_is_found(void **state)
{
	enum role worst = ROLE_TEXT;
	struct theme t;
	struct error e;

	(void)state;
	assert_int_equal(theme_parse(&t, STR("name = pale\nground = light #ffffff\nok = #008000\nuser = #999999\n"),
	    &e), ERR_OK);
	assert_true(least_contrast(&t, DEPTH_RGB, &worst) < 3);
	assert_int_equal(worst, ROLE_USER);
	assert_int_equal(theme_parse(&t, STR("name = grey\nground = dark #000000\nmatch = #777777 on #555555\n"),
	    &e), ERR_OK);
	assert_true(least_contrast(&t, DEPTH_256, &worst) < 2);
	assert_int_equal(worst, ROLE_MATCH);
}

/* Whatever two colours of the palette a tool prints with. */
static void
every_pair_of_content_colours_is_readable(void **state)
{
	static const char *const names[] = { "dark", "light", "high-contrast" };
	struct theme t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		load(&t, names[i]);
		for (uint16_t fg = 0; fg <= 256; fg++)
			for (uint16_t bg = 0; bg <= 256; bg += fg % 7 + 1)
				assert_true(contrast_of(&t, (struct style){ .fg = fg, .bg = bg }, DEPTH_256) >= 2);
	}
}

static void
installed_themes_are_readable(void **state)
{
	(void)state;
	check_file("dark", 4.5);
	check_file("light", 4.5);
	check_file("high-contrast", 7);
	check_file("mono", 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_has_a_name),
		cmocka_unit_test(parents_end_at_text),
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(what_is_left_out_is_as_its_parent),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(content_colours_stay_readable),
		cmocka_unit_test(contrast_is_what_the_guidelines_say),
		cmocka_unit_test(installed_themes_are_readable),
		cmocka_unit_test(a_pale_theme_is_found),
		cmocka_unit_test(every_pair_of_content_colours_is_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
