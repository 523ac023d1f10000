#include "app/argv.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes one word off the line; false when only a shell knows what it means. */
static bool
take_word(struct argv *a, struct str *line)
{
	size_t i = 0;
	char quote = 0;

	for (; i < line->n && (quote != 0 || !is_blank(line->p[i])); i++) {
		char c = line->p[i];

		if (quote == 0 && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == quote) {
			quote = 0;
		} else if (quote != '\'' && c == '\\') {
			if (++i == line->n || (quote != 0 && strchr("\\\"", line->p[i]) == NULL))
				return false;
			buf_byte(&a->bytes, line->p[i]);
		} else if (c == '\n' || c == '\0' || (quote != '\'' && strchr("$`", c) != NULL) ||
		    (quote == 0 && strchr("|&;<>()*?[]#~%!{}", c) != NULL) ||
		    (quote == 0 && c == '=' && a->n == 0)) {
			return false;
		} else {
			buf_byte(&a->bytes, c);
		}
	}
	buf_byte(&a->bytes, '\0');
	*line = str_skip(*line, i);
	return quote == 0;
}

static bool
split(struct argv *a, struct str line)
{
	for (line = str_trim(line); line.n > 0; line = str_trim(line)) {
		if (a->n == ARGV_MAX || !take_word(a, &line))
			return false;
		a->n++;
	}
	return true;
}

static void
add(struct argv *a, struct str word)
{
	buf_str(&a->bytes, word);
	buf_byte(&a->bytes, '\0');
	a->n++;
}

void
argv_of(struct argv *a, struct str line)
{
	char *at;

	*a = (struct argv){ 0 };
	if (!split(a, line)) {
		buf_clear(&a->bytes);
		a->n = 0;
		add(a, STR("/bin/sh"));
		add(a, STR("-c"));
		add(a, line);
	}
	at = a->bytes.p;
	for (size_t i = 0; i < a->n; i++, at += strlen(at) + 1)
		a->v[i] = at;
}

void
argv_done(struct argv *a)
{
	buf_done(&a->bytes);
	*a = (struct argv){ 0 };
}
