#include "base/buf.h"
#include "base/sha1.h"
#include "tests/unit.h"

static void
assert_sha1(struct str bytes, const char *want)
{
	unsigned char hash[SHA1_LEN];
	struct buf hex = { 0 };

	sha1(bytes, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		buf_printf(&hex, "%02x", hash[i]);
	assert_str(buf_view(&hex), str_from(want));
	buf_done(&hex);
}

/* FIPS 180-4 and RFC 3174. */
static void
test_vectors(void **state)
{
	struct buf many = { 0 };

	(void)state;
	assert_sha1(STR(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_sha1(STR("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_sha1(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	buf_fill(&many, 'a', 1000000);
	assert_sha1(buf_view(&many), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	buf_done(&many);
}

/* Where the length just fits behind the last bytes, and where it does not. */
static void
test_lengths(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_fill(&b, 'a', 55);
	assert_sha1(buf_view(&b), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
	buf_byte(&b, 'a');
	assert_sha1(buf_view(&b), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
	buf_fill(&b, 'a', 8);
	assert_sha1(buf_view(&b), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
