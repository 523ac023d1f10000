#include "tests/unit.h"

#include "ui/prompt.h"

static struct item
question(void)
{
	return (struct item){ .kind = ITEM_ASK, .number = 7, .version = 3 };
}

static void
only_a_focused_prompt_answers(void **state)
{
	struct prompt p = { 0 };
	struct item ask = question(), other = question();

	(void)state;
	other.number = 8;
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 100000), PROMPT_NOTHING);
	assert_int_equal(prompt_focus(&p, NULL, false, 0), PROMPT_NOTHING);
	assert_int_equal(prompt_focus(&p, &ask, false, 0), PROMPT_OK);
	assert_int_equal(prompt_answer(&p, &other, ANSWER_REJECT, 100000), PROMPT_NOTHING);
	assert_int_equal(prompt_answer(&p, NULL, ANSWER_REJECT, 100000), PROMPT_NOTHING);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 100000), PROMPT_OK);
	prompt_leave(&p);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 100000), PROMPT_NOTHING);
}

static void
early_keys_do_not_count_and_begin_anew(void **state)
{
	struct prompt p = { 0 };
	struct item ask = question();

	(void)state;
	prompt_focus(&p, &ask, false, 1000);
	assert_int_equal(prompt_deadline(&p, 1000), 1750);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 1749), PROMPT_EARLY);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 1750), PROMPT_EARLY);
	prompt_other_key(&p, 2400);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 2900), PROMPT_EARLY);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 3650), PROMPT_OK);
	assert_int_equal(prompt_deadline(&p, 3650), INT64_MAX);
}

static void
a_changed_question_must_be_looked_at_again(void **state)
{
	struct prompt p = { 0 };
	struct item ask = question();

	(void)state;
	prompt_focus(&p, &ask, false, 0);
	ask.version++;
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 5000), PROMPT_CHANGED);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 10000), PROMPT_NOTHING);
	prompt_focus(&p, &ask, false, 0);
	ask.ask.answered = true;
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 5000), PROMPT_ANSWERED);
	assert_int_equal(prompt_focus(&p, &ask, false, 0), PROMPT_ANSWERED);
}

static void
nothing_is_allowed_that_was_not_shown_to_its_end(void **state)
{
	struct prompt p = { 0 };
	struct item ask = question();

	(void)state;
	prompt_focus(&p, &ask, false, 0);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_ONCE, 5000), PROMPT_UNREAD);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_ALWAYS, 5000), PROMPT_UNREAD);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 5000), PROMPT_OK);
	prompt_read(&p);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_ONCE, 5000), PROMPT_OK);
	/* It has to be read again whenever it is turned to. */
	prompt_focus(&p, &ask, false, 6000);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_ONCE, 9000), PROMPT_UNREAD);
	/* An answer to a question allows nothing. */
	ask.ask.what = ASK_QUESTION;
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_CHOICES, 9000), PROMPT_OK);
}

static void
unsent_text_keeps_the_focus_away(void **state)
{
	struct prompt p = { 0 };
	struct item ask = question();

	(void)state;
	assert_int_equal(prompt_focus(&p, &ask, true, 0), PROMPT_DRAFT);
	assert_int_equal(prompt_answer(&p, &ask, ANSWER_REJECT, 5000), PROMPT_NOTHING);
	for (int why = PROMPT_NOTHING; why <= PROMPT_CHANGED; why++)
		assert_true(strlen(prompt_words((enum prompt_why)why)) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_focused_prompt_answers),
		cmocka_unit_test(early_keys_do_not_count_and_begin_anew),
		cmocka_unit_test(a_changed_question_must_be_looked_at_again),
		cmocka_unit_test(nothing_is_allowed_that_was_not_shown_to_its_end),
		cmocka_unit_test(unsent_text_keeps_the_focus_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
