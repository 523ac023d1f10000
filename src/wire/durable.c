#include "wire/durable.h"

static void
number(struct http_request *r, const char *name, int64_t v)
{
	struct buf text = { 0 };

	buf_printf(&text, "%lld", (long long)v);
	http_request_header(r, name, buf_view(&text));
	buf_done(&text);
}

bool
durable_produce(struct http_request *r, struct str id, int64_t epoch, int64_t seq)
{
	if (!http_request_header(r, "Producer-Id", id))
		return false;
	number(r, "Producer-Epoch", epoch);
	number(r, "Producer-Seq", seq);
	return true;
}

static int64_t
number_of(struct str headers, const char *name)
{
	int64_t v;

	return str_to_i64(http_header(headers, name), &v) && v >= 0 ? v : -1;
}

struct durable_answer
durable_answer(struct str headers)
{
	return (struct durable_answer){
		.offset = http_header(headers, "Stream-Next-Offset"),
		.epoch = number_of(headers, "Producer-Epoch"),
		.seq = number_of(headers, "Producer-Seq"),
		.expected = number_of(headers, "Producer-Expected-Seq"),
		.closed = str_eq_nocase(http_header(headers, "Stream-Closed"), STR("true")),
	};
}
