#include "wire/channels.h"

static void
begin(struct json_writer *w, const char *type, struct str key)
{
	jw_object(w);
	jw_pair(w, "type", str_from(type));
	jw_pair(w, "key", key);
}

static void
end(struct json_writer *w, const char *operation)
{
	jw_key(w, "headers");
	jw_object(w);
	jw_pair(w, "operation", str_from(operation));
	jw_end_object(w);
	jw_end_object(w);
}

static void
begin_value(struct json_writer *w, struct str id, struct str session, const char *type)
{
	jw_key(w, "value");
	jw_object(w);
	jw_pair(w, "id", id);
	jw_pair(w, "sessionId", session);
	jw_pair(w, "type", str_from(type));
}

static void
end_value(struct json_writer *w, const struct act *act)
{
	jw_pair_i64(w, "timestamp", act->time);
	jw_end_object(w);
}

static void
input(struct json_writer *w, const struct act *act, struct str session)
{
	begin(w, "terminal", act->id);
	begin_value(w, act->id, session, "input");
	jw_pair(w, "data", act->text);
	jw_pair(w, "source", STR("user"));
	if (act->user.n > 0)
		jw_pair(w, "userId", act->user);
	end_value(w, act);
	end(w, "insert");
}

static void
workflow(struct json_writer *w, const struct act *act, struct str session, const char *type)
{
	begin(w, "workflow", act->id);
	begin_value(w, act->id, session, type);
	if (act->user.n > 0)
		jw_pair(w, "actor", act->user);
	if (act->kind == ACT_ANSWER) {
		jw_key(w, "payload");
		jw_object(w);
		jw_pair(w, "ask", act->ask);
		if (act->shown.n > 0)
			jw_pair(w, "shown", act->shown);
		if (act->answer == ANSWER_ALWAYS)
			jw_pair(w, "scope", STR("always"));
		if (act->answer == ANSWER_CHOICES && json_valid(act->text)) {
			jw_key(w, "answers");
			jw_raw(w, act->text);
		} else if (act->text.n > 0) {
			jw_pair(w, "text", act->text);
		}
		jw_end_object(w);
	}
	end_value(w, act);
	end(w, "insert");
}

void
channels_write_cursor(struct json_writer *w, const struct act *act)
{
	if (!act->has_cursor)
		return;
	jw_key(w, "cursor");
	jw_object(w);
	jw_pair_i64(w, "x", act->x);
	jw_pair_i64(w, "y", act->y);
	jw_end_object(w);
}

/* The key is who it is: the last item says how they stand, and a delete has no value. */
static void
presence(struct json_writer *w, const struct act *act, struct str session)
{
	bool leaves = act->who == WHO_LEAVE || act->who == WHO_TIMEOUT;
	const char *operation = leaves ? "delete" : act->who == WHO_JOIN ? "insert" : "update";

	begin(w, "presence", act->user);
	if (!leaves) {
		jw_key(w, "value");
		jw_object(w);
		jw_pair(w, "userId", act->user);
		jw_pair(w, "sessionId", session);
		channels_write_cursor(w, act);
		jw_pair_i64(w, "lastSeen", act->time);
		jw_end_object(w);
	}
	end(w, operation);
}

void
channels_encode(const struct act *act, struct str session, struct buf *out)
{
	struct json_writer w = { .out = out };

	switch (act->kind) {
	case ACT_INPUT:
		input(&w, act, session);
		break;
	case ACT_ANSWER:
		workflow(&w, act, session,
		    act->answer == ANSWER_REJECT ? "approval:rejected" : "approval:approved");
		break;
	case ACT_STOP:
		workflow(&w, act, session, "agent:stop");
		break;
	case ACT_PRESENCE:
		presence(&w, act, session);
		break;
	default:
		break;
	}
}
