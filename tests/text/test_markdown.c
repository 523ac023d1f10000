#include "tests/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/text/dump.h"

static const char *const files[] = { "bytes", "code", "headings", "hostile", "html", "inline", "links",
	"lists", "paragraphs", "quotes", "rules", "tables" };

static void
read_file(struct buf *out, const char *name, const char *ending)
{
	struct buf path = { 0 };
	int fd;

	buf_printf(&path, "%s/tests/data/markdown/%s.%s", getenv("top_srcdir"), name, ending);
	fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("cannot open %s", buf_cstr(&path));
	assert_true(buf_read_fd(out, fd, 1 << 20));
	close(fd);
	buf_done(&path);
}

/* What `markdown-rows` prints for the file at 40 and at 80 columns. */
static void
test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
		struct buf text = { 0 }, want = { 0 }, got = { 0 };

		read_file(&text, files[i], "md");
		read_file(&want, files[i], "rows");
		for (unsigned width = 40; width <= 80; width += 40) {
			layout_update(l, buf_view(&text), 1, false, width);
			dump_layout(l, &got);
		}
		if (!str_eq(buf_view(&got), buf_view(&want)))
			print_error("%s.md:\n", files[i]);
		assert_str(buf_view(&got), buf_view(&want));
		layout_free(l);
		buf_done(&text);
		buf_done(&want);
		buf_done(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
