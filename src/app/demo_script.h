/* The session weir demo plays: an agent finds and fixes a flaky test. A table of steps, no code. */
#ifndef APP_DEMO_SCRIPT_H
#define APP_DEMO_SCRIPT_H

#include <stddef.h>

enum demo_op {
	DEMO_TITLE,	/* a: title, b: model */
	DEMO_USER,	/* a: who, b: text */
	DEMO_THINK,	/* a: reasoning, streamed */
	DEMO_SAY,	/* a: answer, markdown, streamed */
	DEMO_END,	/* the turn is over */
	DEMO_TOOL,	/* a: id, b: name, c: input; running */
	DEMO_OUTPUT,	/* a: id, b: output so far */
	DEMO_RESULT,	/* a: id, b: output, c: diff or NULL; complete */
	DEMO_FAIL,	/* a: id, b: output; exit 1 */
	DEMO_ASK,	/* a: id, b: title, c: command; waits for an answer */
	DEMO_STATE,	/* a: status, b: current tool or NULL, c: message */
	DEMO_STEP,	/* a: id, b: text, c: state */
	DEMO_TODO,	/* a: id, b: text, c: state */
	DEMO_JOIN,	/* a: who */
	DEMO_LEAVE,	/* a: who */
	DEMO_INPUT,	/* a: a line typed into the terminal by the agent */
	DEMO_TERM,	/* a: terminal output */
	DEMO_USAGE	/* a: tokens in, b: tokens out, c: cost */
};

struct demo_step {
	enum demo_op op;
	int pause;		/* ms before it, at real speed */
	const char *a, *b, *c;
};

extern const struct demo_step demo_steps[];
extern const size_t demo_nsteps;

/* What the agent answers when somebody types; %s is what was typed, quoted. NULL at the end. */
extern const char *const demo_replies[];

#endif
