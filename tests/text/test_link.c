#include "tests/unit.h"

#include "text/entity.h"
#include "text/host.h"
#include "text/link.h"

/* The host that is shown, "!" before it when the link is not opened; "" is no host at all. */
static void
assert_link(const char *url, const char *want)
{
	struct link l;
	struct buf got = { 0 };

	if (!link_read(&l, str_from(url)))
		buf_byte(&got, '!');
	buf_str(&got, link_host(&l));
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_schemes(void **state)
{
	(void)state;
	assert_link("http://a.example/x", "a.example");
	assert_link("HTTPS://A.EXAMPLE:443/x?y#z", "a.example");
	assert_link("mailto:me@a.example?subject=x", "a.example");
	assert_link("javascript:alert(1)", "!");
	assert_link("JaVa\tscript:alert(1)", "!");
	assert_link(" \x01 javascript:alert(1)", "!");
	assert_link("data:text/html,x", "!");
	assert_link("vbscript:x", "!");
	assert_link("file:///etc/passwd", "!");
	assert_link("ssh://a.example", "!");
	assert_link("//evil.example", "!");
	assert_link("..//evil.example/x", "!");
	assert_link("src/main.c", "!");
	assert_link("#top", "!");
	assert_link("", "!");
	assert_link("-version", "!");
}

/* As a browser reads it, not as it looks. */
static void
test_hosts(void **state)
{
	(void)state;
	assert_link("https://bank.example@evil.example/", "!evil.example");
	assert_link("https://a:b@c@evil.example/", "!evil.example");
	assert_link("https://evil.example\\@bank.example", "evil.example");
	assert_link("https:evil.example", "evil.example");
	assert_link("https:\\\\evil.example", "evil.example");
	assert_link("ht\ntp://e\tvil.example", "evil.example");
	assert_link("https://evil.example:99999/", "!");
	assert_link("https://evil.example:x/", "!");
	assert_link("https:///", "!");
	assert_link("https://a b/", "!");
	assert_link("https://a<b/", "!");
	assert_link("https://%65vil.example", "evil.example");
	assert_link("https://a%00b/", "!");
	assert_link("https://a%2fb/", "!");
	assert_link("https://\xd0\xb0pple.com", "xn--pple-43d.com");
	assert_link("https://m\xc3\xbcnchen.de/", "xn--mnchen-3ya.de");
	assert_link("https://\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp", "xn--wgv71a119e.jp");
	assert_link("https://evil\xe3\x80\x82" "example", "evil.example");
	assert_link("https://\xef\xbd\x85vil.example", "evil.example");
	assert_link("https://ev\xc2\xadil.example", "evil.example");
	assert_link("https://a\xff/", "!");
}

static void
test_addresses(void **state)
{
	(void)state;
	assert_link("http://127.0.0.1/", "127.0.0.1");
	assert_link("http://0x7f.1/", "127.0.0.1");
	assert_link("http://2130706433/", "127.0.0.1");
	assert_link("http://0177.0.0.01/", "127.0.0.1");
	assert_link("http://1.2.3.4./", "1.2.3.4");
	assert_link("http://256.1.1.1/", "!");
	assert_link("http://1.2.3.4.5/", "!");
	assert_link("http://4294967296/", "!");
	assert_link("http://a.1/", "!");
	assert_link("http://[::1]/", "[::1]");
	assert_link("http://[0:0:0:0:0:ffff:1.2.3.4]:80/", "[::ffff:102:304]");
	assert_link("http://[2001:DB8::1:0:0:1]/", "[2001:db8::1:0:0:1]");
	assert_link("http://[1:2:3:4:5:6:7::]/", "[1:2:3:4:5:6:7:0]");
	assert_link("http://[1:2]/", "!");
	assert_link("http://[::1/", "!");
	assert_link("http://[::g]/", "!");
}

static void
assert_beside(const char *url, const char *text, bool want, bool want_lies)
{
	struct link l;
	bool lies;

	link_read(&l, str_from(url));
	assert_int_equal(link_needs_host(&l, str_from(text), &lies), want);
	assert_int_equal(lies, want_lies);
}

/* The host stands beside a text that does not show it, as a warning where it shows another. */
static void
test_beside(void **state)
{
	(void)state;
	assert_beside("https://a.example/x", "https://a.example/x", false, false);
	assert_beside("https://a.example/x", "a.example", false, false);
	assert_beside("https://a.example/x", "www.a.example", true, true);
	assert_beside("https://a.example/x", "text", true, false);
	assert_beside("https://evil.example/", "https://bank.example", true, true);
	assert_beside("https://evil.example/", "bank.example", true, true);
	assert_beside("https://evil.example/", "https://bank.example/https://evil.example", true, true);
	assert_beside("https://a.example/main.c", "main.c", true, false);
	assert_beside("https://a.example/", "e.g. this", true, false);
	assert_beside("mailto:me@a.example", "me@a.example", false, false);
	assert_beside("https://evil.example/", "https://evil.example@bank.example", true, true);
}

static void
assert_entity(const char *entity, const char *want)
{
	struct buf got = { 0 };

	entity_add(&got, str_from(entity));
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_entities(void **state)
{
	(void)state;
	assert_entity("&amp;", "&");
	assert_entity("&AElig;", "\xc3\x86");
	assert_entity("&zwnj;", "\xe2\x80\x8c");
	assert_entity("&NotEqualTilde;", "\xe2\x89\x82\xcc\xb8");
	assert_entity("&nosuch;", "&nosuch;");
	assert_entity("&averylongnamethatisnotinthetable;", "&averylongnamethatisnotinthetable;");
	assert_entity("&#65;", "A");
	assert_entity("&#x1f600;", "\xf0\x9f\x98\x80");
	assert_entity("&#27;", "\x1b");
	assert_entity("&#0;", "\xef\xbf\xbd");
	assert_entity("&#xD800;", "\xef\xbf\xbd");
	assert_entity("&#x110000;", "\xef\xbf\xbd");
	assert_entity("&#99999999999999999999;", "\xef\xbf\xbd");
	assert_entity("&#;", "&#;");
	assert_entity("&#x;", "&#x;");
	assert_entity("&", "&");
}

static void
assert_url(const char *url, const char *want)
{
	struct buf got = { 0 };

	assert_int_equal(link_url(str_from(url), &got), *want != '\0');
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

/* What a browser is given is one ASCII word with the host that was shown. */
static void
test_urls(void **state)
{
	struct buf longer = { 0 }, got = { 0 };

	(void)state;
	assert_url("https://a.example/x?y=1#z", "https://a.example/x?y=1#z");
	assert_url("HTTP:\\\\A.Example:8080\\b\\c?d\\e", "http://a.example:8080/b/c?d%5Ce");
	assert_url("https://e.example/$(id)'\"; id\n", "https://e.example/$(id)'%22;%20id");
	assert_url("https://a.example/\xc3\xa4\x1b]0;t\x07.", "https://a.example/%C3%A4%1B]0;t%07.");
	assert_url("https://\xd0\xb0pple.com", "https://xn--pple-43d.com");
	assert_url("https://a.example:", "https://a.example");
	assert_url("mailto:me@a.example?subject=a b", "mailto:me@a.example?subject=a%20b");
	assert_url("https://bank.example@evil.example", "");
	assert_url("javascript:alert(1)", "");
	assert_url("-version", "");
	assert_url("file:///etc/passwd", "");
	buf_str(&longer, STR("https://a.example/"));
	buf_fill(&longer, ' ', 1000);
	buf_byte(&longer, 'x');
	assert_false(link_url(buf_view(&longer), &got));
	assert_int_equal(got.n, 0);
	buf_done(&longer);
	buf_done(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schemes), cmocka_unit_test(test_urls), cmocka_unit_test(test_hosts), cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_beside), cmocka_unit_test(test_entities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
