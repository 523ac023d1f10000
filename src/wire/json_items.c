#include "wire/json.h"
#include "wire/json_plain.h"

/* Where the splitter stands. */
enum {
	TOP,		/* between top-level values */
	FIRST,		/* behind the [ of a top-level array */
	ELEMENT,	/* behind a comma */
	BEHIND,		/* behind an element */
	INSIDE		/* in an item */
};

static bool
fail(struct json_items *s, const char *error)
{
	s->error = error;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where the item ends in [p, end), or NULL: not yet. */
static const char *
item_end(struct json_items *s, const char *p, const char *end)
{
	for (; p < end; p++) {
		if (s->escape) {
			s->escape = false;
		} else if (s->in_string) {
			p = json_plain(p, end);
			if (p == end)
				break;
			s->escape = *p == '\\';
			s->in_string = *p != '"';
			if (!s->in_string && s->depth == 0)
				return p + 1;
		} else if (*p == '"' || *p == '[' || *p == '{') {
			if (s->in_word)
				return p;
			s->in_string = *p == '"';
			s->depth += !s->in_string;
		} else if (*p == ']' || *p == '}') {
			if (s->depth == 0)
				return p;
			if (--s->depth == 0)
				return p + 1;
		} else if (s->depth == 0) {
			if (*p == ',' || is_blank(*p))
				return p;
			s->in_word = true;
		}
	}
	return NULL;
}

static bool
emit(struct json_items *s, struct str item)
{
	if (item.n > s->max)
		return fail(s, "item too large");
	if (!json_valid(item))
		return fail(s, "item is no JSON value");
	s->item(s->ctx, item);
	s->state = s->in_array ? BEHIND : TOP;
	s->in_word = false;
	return true;
}

/* Bytes of an item from the start of `bytes` on; what is left of them stays there. */
static bool
feed_item(struct json_items *s, struct str *bytes)
{
	const char *at = item_end(s, bytes->p, bytes->p + bytes->n);
	struct str piece = at != NULL ? str_of(bytes->p, (size_t)(at - bytes->p)) : *bytes;
	bool good;

	*bytes = str_skip(*bytes, piece.n);
	if (at != NULL && s->held.n == 0)
		return emit(s, piece);
	if (piece.n > s->max - s->held.n)
		return fail(s, "item too large");
	buf_str(&s->held, piece);
	if (at == NULL)
		return true;
	good = emit(s, buf_view(&s->held));
	buf_clear(&s->held);
	return good;
}

/* One byte between items; false: it begins the next one. */
static bool
feed_between(struct json_items *s, char c)
{
	if (is_blank(c))
		return true;
	if (c == '[' && s->state == TOP) {
		s->in_array = true;
		s->state = FIRST;
	} else if (c == ']' && (s->state == FIRST || s->state == BEHIND)) {
		s->in_array = false;
		s->state = TOP;
	} else if (s->state == BEHIND) {
		if (c != ',')
			fail(s, "no comma or ] behind an element");
		s->state = ELEMENT;
	} else {
		return false;
	}
	return true;
}

bool
json_items_feed(struct json_items *s, struct str bytes)
{
	while (s->error == NULL && bytes.n > 0) {
		if (s->state == INSIDE)
			feed_item(s, &bytes);
		else if (feed_between(s, bytes.p[0]))
			bytes = str_skip(bytes, 1);
		else
			s->state = INSIDE;
	}
	return s->error == NULL;
}

bool
json_items_end(struct json_items *s)
{
	if (s->state == INSIDE && s->in_word && !s->in_array && s->error == NULL)
		emit(s, buf_view(&s->held));
	buf_clear(&s->held);
	if (s->error == NULL && s->state != TOP)
		fail(s, "ends inside an array or an item");
	return s->error == NULL;
}

void
json_items_done(struct json_items *s)
{
	buf_done(&s->held);
}
