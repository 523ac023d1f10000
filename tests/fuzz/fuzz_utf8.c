#include "tests/fuzz/fuzz.h"

#include "base/utf8.h"

static void
repair(struct str s, size_t split, struct buf *out)
{
	struct utf8_repair st = { 0 };

	buf_clear(out);
	utf8_repair(&st, str_head(s, split), out);
	utf8_repair(&st, str_skip(s, split), out);
	utf8_repair_end(&st, out);
}

/* Forwards and backwards the same code points are met. */
static void
check_walk(struct str s)
{
	for (size_t at = 0, len; at < s.n; at += len) {
		char again[4];
		bool ok;
		uint32_t cp = utf8_decode(str_skip(s, at), &len, &ok);

		CHECK(ok && len >= 1 && len <= s.n - at);
		CHECK(utf8_encode(cp, again) == len && memcmp(again, s.p + at, len) == 0);
		CHECK(utf8_prev(s, at + len) == len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_of(data, size);
	struct buf whole = { 0 }, out = { 0 };
	size_t run = utf8_ascii_run(s);

	for (size_t i = 0; i < run; i++)
		CHECK(data[i] >= 0x20 && data[i] < 0x7F);
	CHECK(run == size || data[run] < 0x20 || data[run] >= 0x7F);
	CHECK(utf8_partial_tail(s) <= 3);

	utf8_add_str(&whole, s);
	CHECK(utf8_valid(buf_view(&whole)));
	CHECK(!utf8_valid(s) || str_eq(s, buf_view(&whole)));
	check_walk(buf_view(&whole));
	for (size_t split = 0; split <= size; split += 1 + size / 64) {
		repair(s, split, &out);
		CHECK(str_eq(buf_view(&out), buf_view(&whole)));
	}
	buf_done(&whole);
	buf_done(&out);
	return 0;
}
