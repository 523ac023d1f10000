#include "app/summary.h"

#include "base/clock.h"

/* Only the end of the transcript can be open: what came long before has been left behind. */
static bool
has_open_item(const struct session *s)
{
	enum { LOOK_BACK = 16 };

	for (size_t i = s->nitems; i > 0 && i + LOOK_BACK > s->nitems; i--) {
		const struct item *it = session_item(s, i - 1);

		if (it->open && (it->kind == ITEM_TEXT || it->kind == ITEM_REASON || it->kind == ITEM_TOOL))
			return true;
	}
	return false;
}

bool
summary_busy(const struct session *s)
{
	if (s->status == SESS_BUSY || s->status == SESS_RETRY)
		return true;
	if (s->status == SESS_IDLE || s->status == SESS_LOST)
		return false;
	for (size_t i = 0; i < s->nagents; i++)
		if (!agent_rests(&s->agents[i]))
			return true;
	return s->nagents == 0 && has_open_item(s);
}

static const char *
state_of(struct client *c)
{
	const struct session *s = client_session(c);

	switch (link_state(client_link(c))) {
	case LINK_CLOSED:
		return "closed";
	case LINK_GONE:
		return "gone";
	case LINK_LIVE:
		break;
	default:
		return "unknown";
	}
	if (s->nasks > 0)
		return "waiting";
	if (s->status == SESS_RETRY)
		return "retry";
	if (s->status == SESS_LOST)
		return "lost";
	return summary_busy(s) ? "busy" : "idle";
}

struct summary
summary_of(struct client *c)
{
	enum link_state state = link_state(client_link(c));
	bool whole = state == LINK_LIVE || state == LINK_CLOSED;
	int64_t last = client_last_record(c);

	return (struct summary){
		.state = state_of(c),
		.waiting = client_session(c)->nasks,
		.rate = client_rate(c),
		.age = last > 0 ? clock_wall() - last : -1,
		.lag = whole ? 0 : clock_mono() - link_stats(client_link(c))->since,
	};
}
