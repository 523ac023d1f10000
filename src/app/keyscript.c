#include "app/keyscript.h"

#include <stdlib.h>

#include "wire/json.h"

enum { MIN_COLS = 4, MAX_COLS = 2000, MAX_ROWS = 1000 };

void
keyscript_done(struct keyscript *s)
{
	free(s->steps);
	arena_done(&s->texts);
	*s = (struct keyscript){ 0 };
}

bool
keyscript_size(struct str text, unsigned *rows, unsigned *cols)
{
	struct str high, wide = str_cut(text, 'x', &high);
	uint64_t r, c;

	if (!str_to_u64(wide, &c) || !str_to_u64(high, &r) || c < MIN_COLS || c > MAX_COLS || r < 1 ||
	    r > MAX_ROWS)
		return false;
	*rows = (unsigned)r;
	*cols = (unsigned)c;
	return true;
}

/* A text between quotes, with the escapes of JSON. */
static const char *
quoted(struct keyscript *s, struct str text, struct str *out)
{
	struct json j;
	struct str raw;

	json_init(&j, text);
	if (json_peek(&j) != JSON_STRING || !json_string(&j, &raw) || !json_end(&j) || raw.n == 0)
		return "a text stands between double quotes";
	*out = arena_str(&s->texts, json_text(raw, &s->texts));
	return NULL;
}

static const char *
parse_wait(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	step->op = SCRIPT_WAIT;
	return quoted(s, rest, &step->text);
}

static const char *
parse_at(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	(void)s;
	step->op = SCRIPT_AT;
	return str_to_i64(rest, &step->ms) && step->ms >= 0 ? NULL : "at wants a number of milliseconds";
}

static const char *
parse_key(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	(void)s;
	step->op = SCRIPT_KEY;
	return key_parse(rest, &step->key) ? NULL :
	    "no key is called so; keys are a character, C-x, M-x and names like PgUp";
}

static const char *
parse_type(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	step->op = SCRIPT_TYPE;
	return quoted(s, rest, &step->text);
}

static const char *
parse_resize(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	(void)s;
	step->op = SCRIPT_RESIZE;
	return keyscript_size(rest, &step->rows, &step->cols) ? NULL :
	    "resize wants COLUMNSxROWS, from 4x1 to 2000x1000";
}

static const char *
parse_dump(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	step->op = SCRIPT_DUMP;
	step->text = arena_str(&s->texts, rest);
	return rest.n > 0 ? NULL : "dump wants a name";
}

static const char *
parse_quit(struct keyscript *s, struct str rest, struct keyscript_step *step)
{
	(void)s;
	step->op = SCRIPT_QUIT;
	return rest.n == 0 ? NULL : "quit stands alone";
}

static const struct {
	const char *name;
	const char *(*parse)(struct keyscript *s, struct str rest, struct keyscript_step *step);
} words[] = {
	{ "wait", parse_wait }, { "at", parse_at }, { "key", parse_key }, { "type", parse_type },
	{ "resize", parse_resize }, { "dump", parse_dump }, { "quit", parse_quit },
};

static const char *
parse_line(struct keyscript *s, struct str line, unsigned number)
{
	struct keyscript_step step = { .line = number };
	struct str rest, word = str_cut(line, ' ', &rest);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const char *why;

		if (!str_eq(word, str_from(words[i].name)))
			continue;
		why = words[i].parse(s, str_trim(rest), &step);
		if (why != NULL)
			return why;
		s->steps = mem_grow(s->steps, s->n, &s->cap, sizeof *s->steps);
		s->steps[s->n++] = step;
		return NULL;
	}
	return "a step is one of wait, at, key, type, resize, dump, quit";
}

enum err
keyscript_parse(struct keyscript *s, struct str text, const char *name, struct error *e)
{
	unsigned number = 1;

	for (struct str rest = text; rest.n > 0; number++) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));
		const char *why;

		if (line.n == 0 || line.p[0] == '#')
			continue;
		why = parse_line(s, line, number);
		if (why != NULL)
			return error_set(e, ERR_USAGE, "%s:%u: %s", name, number, why);
	}
	return ERR_OK;
}
