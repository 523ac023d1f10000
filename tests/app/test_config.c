#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "tests/tempdir.h"
#include "tests/unit.h"

static char home[TEMPDIR_NAME], rc[TEMPDIR_NAME + 16];

static int
make_home(void **state)
{
	char dir[TEMPDIR_NAME + 8];

	(void)state;
	if (!tempdir_make(home))
		return -1;
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
	snprintf(dir, sizeof dir, "%s/weir", home);
	snprintf(rc, sizeof rc, "%s/weir/weirrc", home);
	return mkdir(dir, 0755);
}

static int
remove_home(void **state)
{
	(void)state;
	tempdir_remove(home);
	return 0;
}

static enum err
load(struct config *c, const char *text, struct error *e)
{
	FILE *f = fopen(rc, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return config_load(c, e);
}

static void
test_values(void **state)
{
	struct config c;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(load(&c, "# mine\n\n theme = light \nuser=anna\ntheme = dark", &e), ERR_OK);
	assert_string_equal(c.theme, "dark");
	assert_string_equal(c.user, "anna");
	config_done(&c);
}

static void
test_defaults(void **state)
{
	struct config c;
	struct error e = { 0 };

	(void)state;
	unlink(rc);
	setenv("USER", "eve", 1);
	assert_int_equal(config_load(&c, &e), ERR_OK);
	assert_null(c.theme);
	assert_string_equal(c.user, "eve");
	config_done(&c);
}

static void
test_servers(void **state)
{
	struct config c;
	struct error e = { 0 };

	(void)state;
	setenv("HOME", "/home/anna", 1);
	assert_int_equal(load(&c, "user = anna\nproxy = none\n[server work]\nurl = https://a.example/v1\n"
	    "token-file = ~/token\nheader = X-Team: red\nheader = X-Room: 1\n"
	    "[server  local ]\nurl = unix:/run/a.sock:/\nbackoff-initial = 50\n", &e), ERR_OK);
	assert_string_equal(c.general.proxy, "none");
	assert_string_equal(c.servers->name, "work");
	assert_string_equal(c.servers->url, "https://a.example/v1");
	assert_string_equal(c.servers->access.token_file, "/home/anna/token");
	assert_int_equal(c.servers->access.header.n, 2);
	assert_string_equal(c.servers->access.header.v[1], "X-Room: 1");
	assert_null(c.servers->access.backoff_initial);
	assert_string_equal(c.servers->next->name, "local");
	assert_string_equal(c.servers->next->access.backoff_initial, "50");
	assert_null(c.servers->next->next);
	config_done(&c);
}

static void
test_bad_servers(void **state)
{
	static const char *const cases[][2] = {
		{ "token-file = x\n", "weirrc:1: token-file belongs to one server" },
		{ "url = x\n", "weirrc:1: unknown key url" },
		{ "[server a]\ntoken-env = X\n", "[server a] has no url" },
		{ "[server a]\n[server b]\nurl = x\n", "[server a] has no url" },
		{ "[server a]\nurl = x\n[server a]\n", "weirrc:3: there is a server a already" },
		{ "[server]\n", "weirrc:1: a section is" },
		{ "[server a b]\n", "weirrc:1: a section is" },
		{ "[sever a]\n", "weirrc:1: a section is" },
		{ "[\n", "weirrc:1: a section is" },
		{ "[server a]\ntheme = dark\n", "weirrc:2: unknown key theme" },
		{ "[server a]\nallow-everything = on\n", "weirrc:2: unknown key allow-everything" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config c;
		struct error e = { 0 };

		assert_int_equal(load(&c, cases[i][0], &e), ERR_USAGE);
		if (strstr(e.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], e.text);
		config_done(&c);
	}
}

/* A bad line names the file and the line and says what would be right. */
static void
test_errors(void **state)
{
	struct config c;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(load(&c, "theme = dark\ncolour = red\n", &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "weirrc:2: unknown key colour"));
	config_done(&c);
	assert_int_equal(load(&c, "theme\n", &e), ERR_USAGE);
	assert_non_null(strstr(e.text, "weirrc:1: no '='"));
	config_done(&c);
}

static void
test_cache_path(void **state)
{
	struct buf path = { 0 };
	struct error e = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(config_cache_path(&path, &e), ERR_OK);
	assert_true(str_ends(buf_view(&path), STR("/weir/sessions.db")));
	path.n -= strlen("/sessions.db");
	assert_int_equal(stat(buf_cstr(&path), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	buf_done(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_bad_servers),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_cache_path),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
