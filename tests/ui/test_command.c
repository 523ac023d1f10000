#include "tests/unit.h"

#include "ui/command.h"
#include "ui/help.h"

static enum command
find(const struct bindings *b, unsigned mode, const char *name)
{
	struct key k;

	assert_true(key_parse(str_from(name), &k));
	return bindings_find(b, mode, &k);
}

static void
every_command_can_be_named(void **state)
{
	(void)state;
	for (int c = 1; c < CMD_COUNT; c++) {
		const struct command_info *info = command_info((enum command)c);

		assert_non_null(info->name);
		assert_non_null(info->help);
		assert_int_equal(command_by_name(str_from(info->name)), c);
	}
	assert_int_equal(command_by_name(STR("nothing")), CMD_NONE);
}

/* tmux, screen and flow control have these. */
static void
some_keys_stay_free(void **state)
{
	static const char *const names[] = { "C-b", "C-a", "C-s", "C-q" };
	struct bindings *b = bindings_new();

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (unsigned mode = MODE_READ; mode <= MODE_LIST; mode *= 2)
			assert_int_equal(find(b, mode, names[i]), CMD_NONE);
	bindings_free(b);
}

/* In each mode every key of the table does what the table says first. */
static void
default_keys_are_valid(void **state)
{
	struct bindings *b = bindings_new();

	(void)state;
	for (int c = 1; c < CMD_COUNT; c++) {
		struct str keys = str_from(command_info((enum command)c)->keys);

		while (keys.n > 0) {
			struct key k;

			assert_true(key_parse(str_cut(keys, ' ', &keys), &k));
		}
	}
	assert_int_equal(find(b, MODE_READ, "q"), CMD_QUIT);
	assert_int_equal(find(b, MODE_PAGE, "q"), CMD_BACK);
	assert_int_equal(find(b, MODE_ASK, "y"), CMD_ASK_ONCE);
	assert_int_equal(find(b, MODE_READ, "y"), CMD_COPY);
	assert_int_equal(find(b, MODE_ASK, "Enter"), CMD_CONFIRM);
	assert_int_equal(find(b, MODE_ASK, "Space"), CMD_PAGE_DOWN);
	assert_int_equal(find(b, MODE_WRITE, "C-u"), CMD_EDIT + EDIT_KILL_TO_START);
	assert_int_equal(find(b, MODE_READ, "C-u"), CMD_HALF_UP);
	assert_int_equal(find(b, MODE_WRITE, "PgUp"), CMD_PAGE_UP);
	bindings_free(b);
}

static void
what_is_typed_is_text(void **state)
{
	struct bindings *b = bindings_new();

	(void)state;
	assert_int_equal(find(b, MODE_WRITE, "q"), CMD_NONE);
	assert_int_equal(find(b, MODE_WRITE, "Space"), CMD_NONE);
	assert_int_equal(find(b, MODE_LINE, "f"), CMD_NONE);
	assert_int_equal(bindings_set(b, STR("x"), STR("send"), NULL), ERR_OK);
	assert_int_equal(find(b, MODE_WRITE, "x"), CMD_NONE);
	bindings_free(b);
}

static void
keys_can_be_bound_again(void **state)
{
	struct bindings *b = bindings_new();
	struct buf keys = { 0 };
	struct error e;

	(void)state;
	assert_int_equal(bindings_set(b, STR("C-x"), STR("quit"), &e), ERR_OK);
	assert_int_equal(find(b, MODE_READ, "C-x"), CMD_QUIT);
	assert_int_equal(find(b, MODE_READ, "q"), CMD_QUIT);
	assert_int_equal(bindings_set(b, STR("q"), STR("none"), &e), ERR_OK);
	assert_int_equal(find(b, MODE_READ, "q"), CMD_NONE);
	bindings_keys(b, MODE_READ, CMD_QUIT, &keys);
	assert_str(buf_view(&keys), STR("C-x"));
	assert_int_equal(bindings_set(b, STR("Hyper-x"), STR("quit"), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "Hyper-x"));
	assert_int_equal(bindings_set(b, STR("x"), STR("leave"), &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "leave"));
	buf_done(&keys);
	bindings_free(b);
}

static void
the_help_begins_with_the_mode(void **state)
{
	struct bindings *b = bindings_new();
	struct buf text = { 0 };

	(void)state;
	help_text(b, MODE_ASK, &text);
	assert_true(str_starts(buf_view(&text), STR("Answering\n")));
	assert_true(str_find(buf_view(&text), STR("\nWriting\n")) < text.n);
	assert_true(str_find(buf_view(&text), STR("  A                     allow it")) < text.n);
	buf_done(&text);
	bindings_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_can_be_named),
		cmocka_unit_test(some_keys_stay_free),
		cmocka_unit_test(default_keys_are_valid),
		cmocka_unit_test(what_is_typed_is_text),
		cmocka_unit_test(keys_can_be_bound_again),
		cmocka_unit_test(the_help_begins_with_the_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
