#include "tests/e2e/visit.h"

#include "base/mem.h"
#include "tests/e2e/scrutiny.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

enum { OFTEN = 128 << 10 };		/* bytes of output after which all that is kept is judged */

struct visit {
	struct term *t;
	unsigned samples;
	struct buf last;		/* the page before */
	size_t judged;			/* bytes of output */
	bool *seen;			/* SAFE-N. was on a screen */
};

struct visit *
visit_new(struct term *t, unsigned samples)
{
	struct visit *v = mem_zalloc(sizeof *v);

	v->t = t;
	v->samples = samples;
	v->seen = mem_zalloc(samples + 1);
	return v;
}

void
visit_free(struct visit *v)
{
	buf_done(&v->last);
	free(v->seen);
	free(v);
}

/* Without the rows in which time and connection are told: these change by themselves. */
static void
page_of(struct term *t, struct buf *out)
{
	int rows = display_rows(term_display(t));

	buf_clear(out);
	for (int i = 1; i < rows - 4; i++)
		buf_printf(out, "%s\n", term_row(t, i));
}

static bool
changed(struct term *t, const void *arg)
{
	const struct visit *v = arg;
	struct buf now = { 0 };
	bool is;

	page_of(t, &now);
	is = !str_eq(buf_view(&now), buf_view(&v->last));
	buf_done(&now);
	return is;
}

/* N of every "SAFE-N." on the screen. */
static void
note_seen(struct visit *v)
{
	static const char word[] = "SAFE-";
	const char *p = term_screen(v->t);

	while ((p = strstr(p, word)) != NULL) {
		char *end;
		unsigned long n = strtoul(p += sizeof word - 1, &end, 10);

		if (end > p && *end == '.' && n < v->samples)
			v->seen[n] = true;
	}
}

static void
judge_output(struct visit *v)
{
	const char *wrong = scrutiny_output(term_output(v->t));

	if (wrong != NULL)
		fail_msg("the terminal was told %s\n%s", wrong, term_screen(v->t));
	v->judged = term_received(v->t);
}

void
visit_look(struct visit *v)
{
	const char *wrong = scrutiny_screen(term_display(v->t));

	if (wrong != NULL)
		fail_msg("%s\n%s", wrong, term_screen(v->t));
	if (term_received(v->t) > v->judged + OFTEN)
		judge_output(v);
	note_seen(v);
}

void
visit_type(struct visit *v, const char *keys)
{
	page_of(v->t, &v->last);
	term_type(v->t, keys);
	assert_true(term_wait(v->t, changed, v, "another page", SOON));
	visit_look(v);
}

static void
check_frame(struct visit *v)
{
	if (strstr(term_row(v->t, display_rows(term_display(v->t)) - 2), "? shows the keys") == NULL)
		fail_msg("the frame was overrun\n%s", term_screen(v->t));
}

void
visit_all(struct visit *v)
{
	term_type(v->t, "Zg");
	assert_true(term_wait_text(v->t, " 0% ", SOON));
	visit_look(v);
	while (check_frame(v), !term_has(v->t, "THE END"))
		visit_type(v, " ");
	judge_output(v);
	for (unsigned i = 0; i < v->samples; i++)
		if (!v->seen[i])
			fail_msg("what followed sample %u was not shown", i);
}
