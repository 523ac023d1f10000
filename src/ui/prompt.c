#include "ui/prompt.h"

enum prompt_why
prompt_focus(struct prompt *p, const struct item *ask, bool draft, int64_t now)
{
	if (ask == NULL)
		return PROMPT_NOTHING;
	if (ask->ask.answered)
		return PROMPT_ANSWERED;
	if (draft)
		return PROMPT_DRAFT;
	*p = (struct prompt){ .number = ask->number, .version = ask->version, .since = now };
	return PROMPT_OK;
}

void
prompt_leave(struct prompt *p)
{
	*p = (struct prompt){ 0 };
}

void
prompt_read(struct prompt *p)
{
	p->read = p->number != 0;
}

void
prompt_other_key(struct prompt *p, int64_t now)
{
	if (p->number != 0)
		p->since = now;
}

/* To refuse a thing nobody has to have read all of it, and an answer to a question allows nothing. */
static bool
allows(const struct item *ask, enum ask_answer answer)
{
	return (ask->ask.what == ASK_PERMISSION || ask->ask.what == ASK_PLAN) && answer != ANSWER_REJECT;
}

enum prompt_why
prompt_answer(struct prompt *p, const struct item *ask, enum ask_answer answer, int64_t now)
{
	if (p->number == 0 || ask == NULL || ask->number != p->number)
		return PROMPT_NOTHING;
	if (ask->ask.answered)
		return PROMPT_ANSWERED;
	if (ask->version != p->version) {
		prompt_leave(p);
		return PROMPT_CHANGED;
	}
	if (now < p->since + PROMPT_ARM_MS) {
		p->since = now;
		return PROMPT_EARLY;
	}
	return allows(ask, answer) && !p->read ? PROMPT_UNREAD : PROMPT_OK;
}

int64_t
prompt_deadline(const struct prompt *p, int64_t now)
{
	int64_t armed = p->since + PROMPT_ARM_MS;

	return p->number != 0 && now < armed ? armed : INT64_MAX;
}

const char *
prompt_words(enum prompt_why why)
{
	switch (why) {
	case PROMPT_NOTHING:
		return "nothing waits for an answer";
	case PROMPT_DRAFT:
		return "the composer has unsent text: send or clear it before answering";
	case PROMPT_ANSWERED:
		return "this has been answered";
	case PROMPT_EARLY:
		return "too early: read it, then answer";
	case PROMPT_UNREAD:
		return "there is more of it: Space and G show the rest";
	case PROMPT_CHANGED:
		return "the question has changed: look at it again";
	default:
		return "";
	}
}
