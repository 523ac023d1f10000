#include "wire/event.h"

struct event
event_of(enum event_kind kind)
{
	struct event e = { .kind = kind };

	switch (kind) {
	case EVENT_SESS:
		e.sess.attempt = e.sess.next = -1;
		break;
	case EVENT_TOOL:
		e.tool.exit_code = -1;
		e.tool.ms = -1;
		break;
	case EVENT_WHO:
		e.who.seen = -1;
		break;
	case EVENT_AGENT:
		e.agent.turn = e.agent.max_turns = -1;
		e.agent.progress = -1;
		break;
	case EVENT_TERM:
		e.term.exit_code = -1;
		break;
	case EVENT_USE:
		e.use.input = e.use.output = e.use.cached = e.use.context = -1;
		e.use.cost = -1;
		break;
	default:
		break;
	}
	return e;
}

const char *
event_kind_name(enum event_kind kind)
{
	static const char *const names[] = {
		[EVENT_SESS] = "sess", [EVENT_MSG] = "msg", [EVENT_TEXT] = "text", [EVENT_TOOL] = "tool",
		[EVENT_ASK] = "ask", [EVENT_ANSWER] = "answer", [EVENT_WHO] = "who", [EVENT_TERM] = "term",
		[EVENT_FLOW] = "flow", [EVENT_AGENT] = "agent", [EVENT_USE] = "use",
		[EVENT_BACK] = "back", [EVENT_NOTE] = "note",
	};

	return names[kind];
}
