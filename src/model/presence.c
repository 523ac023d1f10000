#include "model/presence.h"

void
presence_move(struct presence *p, int64_t x, int64_t y)
{
	p->moved |= !p->has_cursor || p->x != x || p->y != y;
	p->has_cursor = true;
	p->x = x;
	p->y = y;
}

int64_t
presence_due(const struct presence *p)
{
	if (p->refused)
		return INT64_MAX;
	if (!p->here)
		return 0;
	return p->said + (p->moved ? PRESENCE_CURSOR : PRESENCE_BEAT);
}

bool
presence_say(struct presence *p, int64_t now, struct act *act)
{
	if (now < presence_due(p))
		return false;
	act->kind = ACT_PRESENCE;
	act->who = p->here ? WHO_SEEN : WHO_JOIN;
	act->has_cursor = p->has_cursor;
	act->x = p->x;
	act->y = p->y;
	p->here = true;
	p->moved = false;
	p->said = now;
	return true;
}

bool
presence_leave(struct presence *p, struct act *act)
{
	bool here = p->here && !p->refused;

	act->kind = ACT_PRESENCE;
	act->who = WHO_LEAVE;
	p->here = p->moved = false;
	return here;
}
