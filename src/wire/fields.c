#include "wire/fields.h"

#include "base/date.h"

static size_t
index_of(struct str key, const struct field *fields, size_t n)
{
	size_t i = 0;

	while (i < n && !json_is(key, fields[i].name))
		i++;
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
	case FIELD_ARRAY:
		return is == JSON_ARRAY;
	}
	return false;
}

static const char *
type_name(enum field_type type)
{
	static const char *const names[] = { "a string", "a string or number", "a value", "a number",
		"a value", "an array", "a time" };

	return names[type];
}

static bool __attribute__((format(printf, 3, 4)))
misfit(struct arena *a, struct str *why, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	*why = arena_str(a, buf_view(&text));
	buf_done(&text);
	return false;
}

/* Reads one value that is there; JSON null counts as absent. */
static bool
read_value(struct json *j, const struct field *field, struct str *value, struct arena *a)
{
	enum json_type is = json_peek(j);
	struct str raw;

	if (is == JSON_NULL) {
		*value = STR_NONE;
		return json_null(j);
	}
	if (is == JSON_ERROR || !fits(field->type, is))
		return false;
	if (is != JSON_STRING || field->type == FIELD_JSON)
		return json_value(j, value);
	if (!json_string(j, &raw))
		return false;
	*value = json_text(raw, a);
	return true;
}

bool
fields_read(struct str object, const struct field *fields, size_t n, struct str *values,
    struct arena *a, struct str *why)
{
	struct json j;
	struct str key;

	for (size_t i = 0; i < n; i++)
		values[i] = STR_NONE;
	json_init(&j, object);
	json_object(&j);
	while (json_member(&j, &key)) {
		size_t i = index_of(key, fields, n);

		if (i < n && !read_value(&j, &fields[i], &values[i], a) && json_ok(&j))
			return misfit(a, why, "\"%s\" is not %s", fields[i].name,
			    type_name(fields[i].type));
	}
	if (!json_end(&j))
		return misfit(a, why, "%s", j.error);
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && values[i].p == NULL)
			return misfit(a, why, "\"%s\" is missing", fields[i].name);
	return true;
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

	if (date_parse(time, &ms))
		return ms;
	ms = fields_i64(time);
	return ms > 0 ? ms : 0;
}
