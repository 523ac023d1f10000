#include "tests/conformance/headers.h"

#include "wire/json.h"

void
headers_add(struct http_request *r, struct str object)
{
	struct buf name = { 0 }, value = { 0 };
	struct str key, raw;
	struct json j;

	json_init(&j, object);
	json_object(&j);
	while (json_member(&j, &key)) {
		if (json_peek(&j) != JSON_STRING || !json_string(&j, &raw))
			continue;
		buf_clear(&name);
		buf_clear(&value);
		json_unescape(key, &name);
		json_unescape(raw, &value);
		http_request_header(r, buf_cstr(&name), buf_view(&value));
	}
	buf_done(&name);
	buf_done(&value);
}
