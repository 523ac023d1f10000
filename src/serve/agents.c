#include "serve/agents.h"

#include "serve/messages.h"
#include "serve/params.h"
#include "wire/json.h"

/* Not its text, token by token: that is the session's. */
static bool
is_step(struct str item)
{
	static const char *const types[] = { "agentState", "toolCalls", "workflow" };
	struct buf type = { 0 };
	bool yes = false;

	if (json_get_text(item, "type", &type))
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			yes = yes || str_eq(buf_view(&type), str_from(types[i]));
	buf_done(&type);
	return yes;
}

/* One that was deleted is told by what it was. */
static bool
agent_of(struct str item, struct buf *agent)
{
	struct str value;

	buf_clear(agent);
	return (json_get(item, "value", &value) || json_get(item, "old_value", &value)) &&
	    json_get_text(value, "agentId", agent) && params_id(buf_view(agent));
}

bool
agents_next(struct str *rest, struct str *item, struct buf *agent)
{
	while (messages_next(rest, item))
		if (is_step(*item) && agent_of(*item, agent))
			return true;
	return false;
}
