#include "serve/head.h"

#include <string.h>

enum {
	LINE_MAX = 8192, HEAD_MAX = 65536, FIELDS_MAX = 100, BLANKS_MAX = 2, METHOD_MAX = 32,
	CHUNK_DIGITS = 15, LENGTH_DIGITS = 18, EXTENSION_MAX = 256
};

enum state {
	IN_START, IN_METHOD, IN_TARGET, IN_VERSION, IN_FIELD, IN_NAME, IN_BLANK, IN_VALUE,
	IN_LAST_FIELD,			/* the LF behind an empty line */
	IN_LINE_FEED,			/* any other one */
	IN_BODY, IN_SIZE, IN_EXTENSION, IN_CHUNK, IN_CHUNK_END,
	IN_TRAILER, IN_TRAILER_NAME, IN_TRAILER_VALUE, IN_LAST_TRAILER
};

static bool
wrong(struct head *h, int status, const char *why)
{
	h->status = status;
	h->why = why;
	return false;
}

static bool
malformed(struct head *h)
{
	return wrong(h, 400, h->state == IN_LINE_FEED || h->state == IN_LAST_FIELD ||
	    h->state == IN_LAST_TRAILER ? "a line must end with CR and LF" : "the request is malformed");
}

static bool
to(struct head *h, enum state state)
{
	h->state = (int)state;
	return true;
}

/* A CR was there: now comes LF, then this. */
static bool
end_line(struct head *h, enum state next)
{
	h->back = (int)next;
	h->line = 0;
	return to(h, IN_LINE_FEED);
}

static bool
is_token(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_text(unsigned char c)
{
	return c == '\t' || (c >= 0x20 && c != 0x7f);
}

/* ---- what says where the body ends */

static bool
field_is(const struct head *h, const char *name)
{
	return str_eq_nocase(str_of(h->name, h->name_n), str_from(name));
}

static bool
take_field(struct head *h)
{
	bool whole = h->value_n <= sizeof h->value;
	struct str v = whole ? str_trim(str_of(h->value, h->value_n)) : STR("");

	if (field_is(h, "content-length")) {
		if (h->has_length || h->chunked || v.n == 0 || v.n > LENGTH_DIGITS || v.p[0] == '-' ||
		    !str_to_u64(v, &h->length))
			return wrong(h, 400, "the length of the body is not clear");
		h->has_length = true;
	} else if (field_is(h, "transfer-encoding")) {
		if (h->has_length || h->chunked || h->old || !str_eq_nocase(v, STR("chunked")))
			return wrong(h, 400, "the length of the body is not clear");
		h->chunked = true;
	}
	return true;
}

static bool
end_head(struct head *h)
{
	h->heads++;
	h->left = h->length;
	if (h->chunked) {
		h->left = 0;
		h->value_n = 0;
		return to(h, IN_SIZE);
	}
	return to(h, h->left > 0 ? IN_BODY : IN_START);
}

/* ---- lines */

static bool
start(struct head *h, unsigned char c)
{
	if (c == '\r' && h->fields++ < BLANKS_MAX)
		return end_line(h, IN_START);
	if (!is_token(c))
		return malformed(h);
	*h = (struct head){ .heads = h->heads, .line = 1, .size = 1 };
	return to(h, IN_METHOD);
}

static bool
version(struct head *h, unsigned char c)
{
	static const char want[] = "HTTP/1.";

	if (c == '\r') {
		h->old = h->value_n == sizeof want && h->value[sizeof want - 1] == '0';
		return h->value_n == sizeof want ? end_line(h, IN_FIELD) : malformed(h);
	}
	if (h->value_n < sizeof want - 1 ? c != (unsigned char)want[h->value_n] :
	    h->value_n >= sizeof want || (c != '0' && c != '1'))
		return malformed(h);
	h->value[h->value_n++] = (char)c;
	return true;
}

static bool
field(struct head *h, unsigned char c, bool trailer)
{
	if (c == '\r')
		return to(h, trailer ? IN_LAST_TRAILER : IN_LAST_FIELD);
	if (c == ' ' || c == '\t')
		return wrong(h, 400, "a header goes on in another line");
	if (!is_token(c))
		return malformed(h);
	if (++h->fields > FIELDS_MAX)
		return wrong(h, 431, "too many headers");
	h->name[0] = (char)c;
	h->name_n = 1;
	h->value_n = 0;
	return to(h, trailer ? IN_TRAILER_NAME : IN_NAME);
}

static bool
name(struct head *h, unsigned char c)
{
	if (c == ':')
		return to(h, h->state == IN_NAME ? IN_BLANK : IN_TRAILER_VALUE);
	if (!is_token(c))
		return malformed(h);
	/* One that is longer than any that matters is no such one. */
	if (h->name_n < sizeof h->name)
		h->name[h->name_n++] = (char)c;
	return true;
}

static bool
value(struct head *h, unsigned char c)
{
	if (c == '\r')
		return take_field(h) && end_line(h, IN_FIELD);
	if (!is_text(c))
		return malformed(h);
	if (h->state == IN_BLANK && (c == ' ' || c == '\t'))
		return true;
	if (h->value_n < sizeof h->value)
		h->value[h->value_n] = (char)c;
	/* One more than fits says that it is longer, so none that says how long a body is. */
	h->value_n += h->value_n <= sizeof h->value;
	return to(h, IN_VALUE);
}

/* ---- bodies */

static int
hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool
size(struct head *h, unsigned char c)
{
	int digit = hex(c);

	if (digit >= 0) {
		h->left = h->left << 4 | (unsigned)digit;
		return ++h->value_n <= CHUNK_DIGITS || malformed(h);
	}
	if (h->value_n == 0)
		return malformed(h);
	if (c == ';')
		return to(h, IN_EXTENSION);
	return c == '\r' ? end_line(h, h->left > 0 ? IN_CHUNK : IN_TRAILER) : malformed(h);
}

static bool
extension(struct head *h, unsigned char c)
{
	if (c == '\r')
		return end_line(h, h->left > 0 ? IN_CHUNK : IN_TRAILER);
	return (is_text(c) && h->line <= EXTENSION_MAX) || malformed(h);
}

static bool
chunk_end(struct head *h, unsigned char c)
{
	if (c != '\r')
		return malformed(h);
	h->value_n = 0;
	return end_line(h, IN_SIZE);
}

/* ---- all of it */

static bool
step(struct head *h, unsigned char c)
{
	switch ((enum state)h->state) {
	case IN_START:
		return start(h, c);
	case IN_METHOD:
		if (c == ' ')
			return to(h, IN_TARGET);
		return (is_token(c) && h->line <= METHOD_MAX) || malformed(h);
	case IN_TARGET:
		if (c == ' ')
			return to(h, IN_VERSION);
		return (c > 0x20 && c < 0x7f) || malformed(h);
	case IN_VERSION:
		return version(h, c);
	case IN_FIELD:
		return field(h, c, false);
	case IN_NAME:
	case IN_TRAILER_NAME:
		return name(h, c);
	case IN_BLANK:
	case IN_VALUE:
		return value(h, c);
	case IN_LAST_FIELD:
		return c == '\n' ? end_head(h) : malformed(h);
	case IN_LINE_FEED:
		return c == '\n' ? to(h, (enum state)h->back) : malformed(h);
	case IN_SIZE:
		return size(h, c);
	case IN_EXTENSION:
		return extension(h, c);
	case IN_CHUNK_END:
		return chunk_end(h, c);
	case IN_TRAILER:
		return field(h, c, true);
	case IN_TRAILER_VALUE:
		return c == '\r' ? end_line(h, IN_TRAILER) : is_text(c) || malformed(h);
	case IN_LAST_TRAILER:
		return c == '\n' ? to(h, IN_START) : malformed(h);
	case IN_BODY:
	case IN_CHUNK:
		break;
	}
	return malformed(h);
}

/* The bytes of a body are nobody's business here. */
static size_t
skip_body(struct head *h, size_t n)
{
	if (n > h->left)
		n = (size_t)h->left;
	h->left -= n;
	if (h->left == 0)
		to(h, h->state == IN_BODY ? IN_START : IN_CHUNK_END);
	return n;
}

static bool
in_bounds(struct head *h)
{
	bool first = h->state <= IN_VERSION;

	if (h->state >= IN_BODY && h->state < IN_TRAILER) {
		h->line++;
		return true;
	}
	if (++h->line > LINE_MAX || ++h->size > HEAD_MAX)
		return wrong(h, first ? 414 : 431, first ? "the URL is too long" :
		    "the headers are too large");
	return true;
}

size_t
head_feed(struct head *h, struct str bytes)
{
	size_t i = 0;

	while (i < bytes.n && h->status == 0) {
		if (h->state == IN_BODY || h->state == IN_CHUNK) {
			i += skip_body(h, bytes.n - i);
			continue;
		}
		if (!in_bounds(h) || !step(h, (unsigned char)bytes.p[i]))
			break;
		i++;
	}
	return i;
}
