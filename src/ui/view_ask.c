/* The part of struct view that answers approvals and questions. */
#include "ui/view_state.h"

/* An answer on its way is an answer; one that was rejected is none. */
static bool
waits(const struct item *ask)
{
	return ask->ask.send == SEND_NONE || ask->ask.send == SEND_REJECTED;
}

const struct item *
view_waiting(const struct view *v)
{
	for (size_t i = 0; v->session != NULL && i < v->session->nasks; i++)
		if (waits(v->session->asks[i]))
			return v->session->asks[i];
	return NULL;
}

size_t
view_waiting_count(const struct view *v)
{
	size_t n = 0;

	for (size_t i = 0; v->session != NULL && i < v->session->nasks; i++)
		n += waits(v->session->asks[i]);
	return n;
}

/* The one that is pointed at, or the one behind that in focus, or the oldest. */
static const struct item *
next_waiting(const struct view *v)
{
	uint64_t pointed = v->mode == MODE_READ ? transcript_pointed(v->transcript) : 0;

	for (size_t i = 0; v->session != NULL && i < v->session->nasks; i++) {
		const struct item *it = v->session->asks[i];

		if (waits(it) && (pointed != 0 ? it->number == pointed : it->number > v->prompt.number))
			return it;
	}
	return view_waiting(v);
}

const struct item *
view_asked(const struct view *v)
{
	uint64_t number = v->answering != 0 ? v->answering : v->prompt.number;

	for (size_t i = 0; v->session != NULL && i < v->session->nasks; i++)
		if (v->session->asks[i]->number == number)
			return v->session->asks[i];
	return NULL;
}

void
view_leave_prompt(struct view *v)
{
	prompt_leave(&v->prompt);
	choices_focus(&v->choices, NULL);
	view_answer_words(v, NULL, false);
	if (v->mode == MODE_ASK)
		v->mode = MODE_READ;
}

void
view_focus_question(struct view *v, int64_t now)
{
	const struct item *it = next_waiting(v);
	enum prompt_why why = prompt_focus(&v->prompt, it, view_has_draft(v), now);

	if (v->read_only) {
		prompt_leave(&v->prompt);
		view_warn(v, "read only: nothing can be answered here");
	} else if (why != PROMPT_OK) {
		view_warn(v, prompt_words(why));
	} else {
		v->mode = MODE_ASK;
		choices_focus(&v->choices, it);
		transcript_focus(v->transcript, it->number, false, &v->choices);
		transcript_show(v->transcript, it->number);
	}
}

bool
view_is_question(const struct item *it)
{
	return it->ask.what == ASK_QUESTION || it->ask.what == ASK_INPUT;
}

enum command
view_hand_answer(struct view *v, const struct item *it, enum ask_answer answer, struct view_request *out)
{
	out->ask = it;
	out->answer = answer;
	view_leave_prompt(v);
	return CMD_ANSWER;
}

/* Early is not too late, and what is long can still be read. */
static enum command
refuse(struct view *v, enum prompt_why why)
{
	if (why != PROMPT_EARLY && why != PROMPT_UNREAD)
		view_leave_prompt(v);
	return view_warn(v, prompt_words(why));
}

enum command
view_answer(struct view *v, enum ask_answer a, int64_t now, struct view_request *out)
{
	const struct item *it = view_asked(v);
	enum prompt_why why = prompt_answer(&v->prompt, it, a, now);

	if (why == PROMPT_OK && view_is_question(it) && a != ANSWER_REJECT)
		return view_warn(v, choices_any(&v->choices) ? "1-9 choose, Enter goes on" : "Enter writes the answer");
	if (why == PROMPT_OK)
		return view_hand_answer(v, it, a, out);
	return refuse(v, why);
}

/* ---- answers in words */

void
view_answer_words(struct view *v, const struct item *it, bool refuses)
{
	v->answering = it != NULL ? it->number : 0;
	v->answering_version = it != NULL ? it->version : 0;
	v->refuses = refuses;
}

/* Whether a key may count now for the question in focus; says why not. */
static bool
may_answer(struct view *v, enum ask_answer a, int64_t now)
{
	enum prompt_why why = prompt_answer(&v->prompt, view_asked(v), a, now);

	if (why != PROMPT_OK)
		refuse(v, why);
	return why == PROMPT_OK;
}

void
view_refuse(struct view *v, int64_t now)
{
	const struct item *it = view_asked(v);

	if (!may_answer(v, ANSWER_REJECT, now))
		return;
	view_answer_words(v, it, true);
	prompt_leave(&v->prompt);
	v->mode = MODE_WRITE;
}

bool
view_words_fit(struct view *v, const struct item *it)
{
	if (v->answering == 0 || (it != NULL && it->version == v->answering_version))
		return true;
	view_answer_words(v, it, it != NULL && v->refuses);
	if (it == NULL)
		view_warn(v, "the question is gone; Enter sends this as a message");
	else
		view_warn(v, "the question has changed: look at it; Enter answers it as it is now");
	return false;
}

/* ---- questions with choices */

enum command
view_ask_digit(struct view *v, unsigned digit, int64_t now)
{
	if (!may_answer(v, ANSWER_CHOICES, now))
		return CMD_NONE;
	if (digit == 0 ? !choices_turn(&v->choices) : !choices_take(&v->choices, digit))
		view_say(v, NOTE_WARN, "there is no choice %u here", digit);
	return CMD_NONE;
}

/* Enter: on to what has no answer yet; when all have one it is sent. */
enum command
view_ask_confirm(struct view *v, int64_t now, struct view_request *out)
{
	const struct item *it = view_asked(v);
	size_t active = v->choices.active;

	if (!may_answer(v, ANSWER_CHOICES, now))
		return CMD_NONE;
	if (choices_next(&v->choices))
		return v->choices.active != active ? CMD_NONE :
		    view_warn(v, "1-9 choose; i answers in your own words");
	buf_clear(&v->handed);
	questions_answer(&v->choices.questions, &v->handed);
	out->text = buf_view(&v->handed);
	return view_hand_answer(v, it, ANSWER_CHOICES, out);
}

/* Words for one question of several: the others wait. */
bool
view_ask_words(struct view *v, struct str words, int64_t now)
{
	const struct item *it = view_asked(v);

	if (it == NULL)
		return false;
	choices_focus(&v->choices, it);
	if (v->choices.questions.n < 2)
		return false;
	choices_say(&v->choices, words);
	choices_next(&v->choices);
	view_answer_words(v, NULL, false);
	v->mode = MODE_ASK;
	prompt_focus(&v->prompt, it, false, now);
	return true;
}
