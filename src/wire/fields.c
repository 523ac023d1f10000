#include "wire/fields.h"

#include <string.h>

#include "base/date.h"

/* No name is empty. */
static bool
is_name(struct str key, struct str name)
{
	return key.n == name.n && key.p[0] == name.p[0] && memcmp(key.p, name.p, name.n) == 0;
}

size_t
fields_find(struct fields *f, struct str key)
{
	for (size_t i = f->next; i < f->n; i++)
		if (is_name(key, f->fields[i].name)) {
			f->next = i + 1;
			return i;
		}
	for (size_t i = 0; i < f->next; i++)
		if (is_name(key, f->fields[i].name)) {
			f->next = i + 1;
			return i;
		}
	if (str_find_byte(key, '\\') == key.n)
		return f->n;

	struct buf plain = { 0 };
	size_t i = 0;

	json_unescape(key, &plain);
	while (i < f->n && !is_name(buf_view(&plain), f->fields[i].name))
		i++;
	buf_done(&plain);
	return i;
}

static bool
fits(enum field_type type, enum json_type is)
{
	switch (type) {
	case FIELD_TEXT:
		return is == JSON_STRING;
	case FIELD_NAME:
	case FIELD_TIME:
		return is == JSON_STRING || is == JSON_NUMBER;
	case FIELD_PLAIN:
	case FIELD_JSON:
		return true;
	case FIELD_NUMBER:
		return is == JSON_NUMBER;
	case FIELD_BOOL:
		return is == JSON_BOOL;
	case FIELD_ARRAY:
		return is == JSON_ARRAY;
	case FIELD_OBJECT:
		return is == JSON_OBJECT;
	}
	return false;
}

static const char *
type_name(enum field_type type)
{
	static const char *const names[] = { "a string", "a string or number", "a value", "a number",
		"true or false", "a value", "an array", "an object", "a time" };

	return names[type];
}

static bool __attribute__((format(printf, 2, 3)))
misfit(struct fields *f, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	f->why = arena_str(f->arena, buf_view(&text));
	buf_done(&text);
	return false;
}

static bool
malformed(struct fields *f, const struct json *j)
{
	return misfit(f, "%s", j->error != NULL ? j->error : "not an object");
}

bool
fields_value(struct fields *f, struct json *j, size_t field, struct str *value)
{
	enum field_type type = f->fields[field].type;
	enum json_type is = json_peek(j);
	struct str raw;

	if (is == JSON_NULL) {
		*value = STR_NONE;
		return json_null(j) || malformed(f, j);
	}
	if (is == JSON_ERROR)
		return malformed(f, j);
	if (!fits(type, is))
		return misfit(f, "\"%.*s\" is not %s", STR_ARG(f->fields[field].name), type_name(type));
	if (is != JSON_STRING || type == FIELD_JSON)
		return json_value(j, value) || malformed(f, j);
	if (!json_string(j, &raw))
		return malformed(f, j);
	*value = json_text(raw, f->arena);
	return true;
}

bool
fields_read(struct fields *f, struct json *j, struct str *values)
{
	struct str key;

	for (size_t i = 0; i < f->n; i++)
		values[i] = STR_NONE;
	f->next = 0;
	json_object(j);
	while (json_member(j, &key)) {
		size_t i = fields_find(f, key);

		if (i < f->n && !fields_value(f, j, i, &values[i]))
			return false;
	}
	if (!json_ok(j))
		return malformed(f, j);
	for (size_t i = 0; i < f->n; i++)
		if (f->fields[i].required && values[i].p == NULL)
			return misfit(f, "\"%.*s\" is missing", STR_ARG(f->fields[i].name));
	return true;
}

bool
fields_read_text(struct fields *f, struct str object, struct str *values)
{
	struct json j;

	json_init(&j, object);
	return fields_read(f, &j, values) && (json_end(&j) || malformed(f, &j));
}

int64_t
fields_i64(struct str number)
{
	struct json j;
	int64_t v;

	json_init(&j, number);
	return number.n > 0 && json_i64(&j, &v) ? v : -1;
}

double
fields_double(struct str number)
{
	struct json j;
	double v;

	json_init(&j, number);
	return number.n > 0 && json_double(&j, &v) ? v : -1;
}

int64_t
fields_time(struct str time)
{
	int64_t ms;

	if (!str_to_i64(time, &ms) && !date_parse(time, &ms))
		ms = fields_i64(time);
	return ms > 0 ? ms : 0;
}
