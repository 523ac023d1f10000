/* Events of an opencode server about its terminals. */
#include "wire/opencode.h"

/* The command with its arguments, as one would write it where nothing in it needs quotes. */
static struct str
command_line(struct opencode *o, struct str command, struct str args)
{
	struct buf line = { 0 };
	struct json j;
	struct str raw, out;

	buf_str(&line, command);
	if (args.p != NULL) {
		json_init(&j, args);
		for (json_array(&j); json_element(&j) && json_value(&j, &raw);) {
			if (raw.n < 2 || raw.p[0] != '"')
				continue;
			buf_byte(&line, ' ');
			buf_str(&line, json_text(str_head(str_skip(raw, 1), raw.n - 2), &o->arena));
		}
	}
	out = arena_str(&o->arena, buf_view(&line));
	buf_done(&line);
	return out;
}

static struct event
term_event(enum term_op op, struct str id)
{
	struct event e = event_of(EVENT_TERM);

	e.term.op = op;
	e.term.id = id;
	e.term.own = true;
	return e;
}

bool
opencode_terminal(struct opencode *o, struct str properties)
{
	enum { ID, TITLE, COMMAND, ARGS, STATUS, CODE, N };
	static const struct field outer[] = { { STR("info"), FIELD_JSON, true } };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [TITLE] = { STR("title"), FIELD_TEXT },
		[COMMAND] = { STR("command"), FIELD_TEXT }, [ARGS] = { STR("args"), FIELD_ARRAY },
		[STATUS] = { STR("status"), FIELD_TEXT }, [CODE] = { STR("exitCode"), FIELD_NUMBER },
	};
	struct str info[1], v[N];
	struct event e;

	if (!opencode_fields(o, properties, outer, 1, info) ||
	    !opencode_fields(o, info[0], fields, N, v))
		return false;
	e = term_event(TERM_OPEN, v[ID]);
	e.term.title = v[TITLE];
	e.term.command = command_line(o, v[COMMAND], v[ARGS]);
	opencode_emit(o, &e);
	if (!str_eq(v[STATUS], STR("exited")))
		return true;
	e = term_event(TERM_EXIT, v[ID]);
	e.term.exit_code = (int)fields_i64(v[CODE]);
	opencode_emit(o, &e);
	return true;
}

bool
opencode_terminal_end(struct opencode *o, struct str properties)
{
	static const struct field fields[] = { { STR("id"), FIELD_TEXT, true },
		{ STR("exitCode"), FIELD_NUMBER, false } };
	struct event e;
	struct str v[2];

	if (!opencode_fields(o, properties, fields, 2, v))
		return false;
	e = term_event(TERM_EXIT, v[0]);
	e.term.exit_code = (int)fields_i64(v[1]);
	opencode_emit(o, &e);
	return true;
}

/* What weir read of it; with "lost" nobody knows how it went on. */
bool
opencode_terminal_output(struct opencode *o, struct str properties)
{
	enum { ID, DATA, MISSING, LOST, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [DATA] = { STR("data"), FIELD_TEXT },
		[MISSING] = { STR("missing"), FIELD_NUMBER }, [LOST] = { STR("lost"), FIELD_BOOL },
	};
	struct event e;
	struct str v[N];

	if (!opencode_fields(o, properties, fields, N, v))
		return false;
	e = term_event(str_eq(v[LOST], STR("true")) ? TERM_EXIT : TERM_OUTPUT, v[ID]);
	e.term.data = v[DATA];
	e.term.gap = e.term.op == TERM_EXIT || fields_i64(v[MISSING]) > 0;
	opencode_emit(o, &e);
	return true;
}
