#include "model/question.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/json.h"

static struct question *
add_question(struct questions *q)
{
	q->v = mem_grow(q->v, q->n, &q->cap, sizeof *q->v);
	q->v[q->n] = (struct question){ .n = 0 };
	return &q->v[q->n++];
}

static struct choice *
add_choice(struct question *one)
{
	one->choices = mem_grow(one->choices, one->n, &one->cap, sizeof *one->choices);
	one->choices[one->n] = (struct choice){ .chosen = false };
	return &one->choices[one->n++];
}

/* "label", or {"label","description"}. */
static void
read_choice(struct question *one, struct json *j)
{
	struct choice *c = add_choice(one);
	struct str raw;

	if (json_peek(j) == JSON_STRING) {
		if (json_string(j, &raw))
			json_unescape(raw, &c->label);
	} else if (json_value(j, &raw)) {
		json_get_text(raw, "label", &c->label);
		json_get_text(raw, "description", &c->about);
	}
}

static void
read_choices(struct question *one, struct str array)
{
	struct json j;

	json_init(&j, array);
	for (json_array(&j); json_element(&j);)
		read_choice(one, &j);
}

static bool
is_true(struct str object, const char *key)
{
	struct str raw;

	return json_get(object, key, &raw) && str_eq(raw, STR("true"));
}

static void
read_question(struct questions *q, struct str object)
{
	struct question *one = add_question(q);
	struct str options;

	json_get_text(object, "question", &one->text);
	json_get_text(object, "header", &one->header);
	one->several = is_true(object, "multiple") || is_true(object, "multiSelect");
	if (json_get(object, "options", &options))
		read_choices(one, options);
}

/* Whole questions, not only the labels of one. */
static bool
are_whole(struct str options)
{
	struct json j;
	struct str first, text;

	json_init(&j, options);
	return json_array(&j) && json_element(&j) && json_peek(&j) == JSON_OBJECT &&
	    json_value(&j, &first) && json_get(first, "question", &text);
}

void
questions_of(struct questions *q, const struct item *ask)
{
	struct str options = buf_view(&ask->ask.options), object;
	struct question *one;
	struct json j;

	if (are_whole(options)) {
		json_init(&j, options);
		for (json_array(&j); json_element(&j) && json_value(&j, &object);)
			read_question(q, object);
		return;
	}
	one = add_question(q);
	buf_set(&one->header, buf_view(&ask->title));
	buf_set(&one->text, buf_view(&ask->text));
	if (options.n > 0)
		read_choices(one, options);
}

void
questions_done(struct questions *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct question *one = &q->v[i];

		for (size_t k = 0; k < one->n; k++) {
			buf_done(&one->choices[k].label);
			buf_done(&one->choices[k].about);
		}
		free(one->choices);
		buf_done(&one->header);
		buf_done(&one->text);
		buf_done(&one->typed);
	}
	free(q->v);
	*q = (struct questions){ .n = 0 };
}

bool
questions_answered(const struct questions *q)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct question *one = &q->v[i];
		size_t answers = one->typed.n > 0;

		for (size_t k = 0; k < one->n; k++)
			answers += one->choices[k].chosen;
		if (answers == 0 || (answers > 1 && !one->several))
			return false;
	}
	return q->n > 0;
}

void
questions_answer(const struct questions *q, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_array(&w);
	for (size_t i = 0; i < q->n; i++) {
		const struct question *one = &q->v[i];

		jw_array(&w);
		for (size_t k = 0; k < one->n; k++)
			if (one->choices[k].chosen)
				jw_string(&w, buf_view(&one->choices[k].label));
		if (one->typed.n > 0)
			jw_string(&w, buf_view(&one->typed));
		jw_end_array(&w);
	}
	jw_end_array(&w);
}

void
questions_words(struct str answers, struct buf *out)
{
	struct json outer, inner;
	struct str array, raw;
	bool first = true;

	json_init(&outer, answers);
	for (json_array(&outer); json_element(&outer) && json_value(&outer, &array); first = false) {
		bool any = false;

		if (!first)
			buf_str(out, STR("; "));
		json_init(&inner, array);
		for (json_array(&inner); json_element(&inner) && json_string(&inner, &raw); any = true) {
			if (any)
				buf_str(out, STR(", "));
			json_unescape(raw, out);
		}
	}
}
