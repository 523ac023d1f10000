#include "text/host.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

static void
decode_percent(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '%' && i + 2 < s.n) {
			high = hex(s.p[i + 1]);
			low = hex(s.p[i + 2]);
		}
		if (high < 0 || low < 0) {
			buf_byte(out, s.p[i]);
		} else {
			buf_byte(out, (char)(high << 4 | low));
			i += 2;
		}
	}
}

/* The mapping of UTS 46 as far as it matters for ASCII: dots and letters in their wide forms. */
static uint32_t
map_codepoint(uint32_t cp)
{
	if (cp == 0x3002 || cp == 0xFF61)
		return '.';
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		cp -= 0xFF01 - '!';
	return cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp;
}

/* Left out by UTS 46: soft hyphen, joiners, variation selectors, byte order mark. */
static bool
is_ignored(uint32_t cp)
{
	return cp == 0xAD || cp == 0x34F || (cp >= 0x200B && cp <= 0x200D) || cp == 0x2060 ||
	    cp == 0x2064 || (cp >= 0xFE00 && cp <= 0xFE0F) || cp == 0xFEFF;
}

/* Punycode, RFC 3492: the constants are its own. */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void
add_variable(struct buf *out, uint32_t delta, uint32_t bias)
{
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		uint32_t digit = delta < t ? delta : t + (delta - t) % (36 - t);

		buf_byte(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
		if (delta < t)
			return;
		delta = (delta - t) / (36 - t);
	}
}

static void
add_punycode(struct buf *out, const uint32_t *label, size_t n)
{
	uint32_t next = 0x80, delta = 0, bias = 72, done = 0, basic;

	buf_str(out, STR("xn--"));
	for (size_t i = 0; i < n; i++)
		if (label[i] < 0x80) {
			buf_byte(out, (char)label[i]);
			done++;
		}
	basic = done;
	if (basic > 0)
		buf_byte(out, '-');
	while (done < n) {
		uint32_t least = UINT32_MAX;

		for (size_t i = 0; i < n; i++)
			if (label[i] >= next && label[i] < least)
				least = label[i];
		delta += (least - next) * (done + 1);
		next = least;
		for (size_t i = 0; i < n; i++) {
			delta += label[i] < next;
			if (label[i] != next)
				continue;
			add_variable(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		next++;
	}
}

static bool
add_label(struct buf *out, const uint32_t *label, size_t n)
{
	bool ascii = true;

	for (size_t i = 0; i < n; i++)
		ascii = ascii && label[i] < 0x80;
	if (!ascii) {
		add_punycode(out, label, n);
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (label[i] <= 0x20 || label[i] == 0x7F || strchr("#/:<>?@[\\]^|%", (int)label[i]))
			return false;
		buf_byte(out, (char)label[i]);
	}
	return true;
}

static bool
add_name(struct buf *out, struct str name)
{
	uint32_t label[64];
	size_t n = 0;

	while (name.n > 0) {
		size_t len;
		bool ok;
		uint32_t cp = map_codepoint(utf8_decode(name, &len, &ok));

		name = str_skip(name, len);
		if (!ok)
			return false;
		if (is_ignored(cp))
			continue;
		if (cp == '.') {
			if (!add_label(out, label, n))
				return false;
			buf_byte(out, '.');
			n = 0;
		} else if (n == sizeof label / sizeof *label) {
			return false;
		} else {
			label[n++] = cp;
		}
	}
	return add_label(out, label, n);
}

/* "1", "0x7f", "017": false when it is no number at all. */
static bool
ipv4_number(struct str s, uint64_t *value)
{
	unsigned base = 10;

	if (s.n >= 2 && s.p[0] == '0') {
		bool x = (s.p[1] | 0x20) == 'x';

		base = x ? 16 : 8;
		s = str_skip(s, x ? 2 : 1);
	} else if (s.n == 0) {
		return false;
	}
	*value = 0;
	for (size_t i = 0; i < s.n; i++) {
		int v = hex(s.p[i]);

		if (v < 0 || v >= (int)base)
			return false;
		if (*value <= UINT32_MAX)
			*value = *value * base + (unsigned)v;
	}
	return true;
}

static bool
ends_in_number(struct str name)
{
	struct str last = name;
	uint64_t value;
	bool digits = true;

	if (str_ends(name, STR(".")))
		name.n--;
	for (struct str rest = name; rest.p != NULL;)
		last = str_cut(rest, '.', &rest);
	for (size_t i = 0; i < last.n; i++)
		digits = digits && last.p[i] >= '0' && last.p[i] <= '9';
	return (digits && last.n > 0) || ipv4_number(last, &value);
}

static bool
add_ipv4(struct buf *out, struct str name)
{
	uint64_t part[4], address = 0;
	size_t n = 0;

	if (str_ends(name, STR(".")))
		name.n--;
	for (struct str rest = name; rest.p != NULL;) {
		struct str s = str_cut(rest, '.', &rest);

		if (n == 4 || !ipv4_number(s, &part[n++]))
			return false;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		address |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >= (uint64_t)1 << 8 * (5 - n))
		return false;
	address |= part[n - 1];
	buf_printf(out, "%u.%u.%u.%u", (unsigned)(address >> 24 & 255), (unsigned)(address >> 16 & 255),
	    (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
	return true;
}

/* The four numbers at the end of an IPv6 address; plain decimal only. */
static bool
read_tail(struct str s, uint16_t out[2])
{
	unsigned part[4];
	size_t n = 0;

	for (struct str rest = s; rest.p != NULL;) {
		struct str number = str_cut(rest, '.', &rest);
		uint64_t value;

		if (n == 4 || number.n > 3 || (number.n > 1 && number.p[0] == '0') ||
		    !str_to_u64(number, &value) || value > 255)
			return false;
		part[n++] = (unsigned)value;
	}
	out[0] = (uint16_t)(part[0] << 8 | part[1]);
	out[1] = (uint16_t)(part[2] << 8 | part[3]);
	return n == 4;
}

static bool
read_group(struct str s, uint16_t *out)
{
	unsigned value = 0;

	if (s.n == 0 || s.n > 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = hex(s.p[i]);

		if (v < 0)
			return false;
		value = value << 4 | (unsigned)v;
	}
	*out = (uint16_t)value;
	return true;
}

/* Groups between colons; returns how many, -1 when it is none. */
static int
read_groups(struct str s, uint16_t *out, int max)
{
	int n = 0;

	if (s.n == 0)
		return 0;
	for (struct str rest = s; rest.p != NULL;) {
		struct str group = str_cut(rest, ':', &rest);

		if (rest.p == NULL && str_find_byte(group, '.') < group.n) {
			if (n + 2 > max || !read_tail(group, out + n))
				return -1;
			return n + 2;
		}
		if (n == max || !read_group(group, &out[n++]))
			return -1;
	}
	return n;
}

static bool
read_ipv6(struct str s, uint16_t group[8])
{
	uint16_t tail[8];
	size_t gap = str_find(s, STR("::"));
	int head, n;

	memset(group, 0, 8 * sizeof *group);
	if (gap == s.n)
		return read_groups(s, group, 8) == 8;
	head = read_groups(str_head(s, gap), group, 7);
	if (head < 0)
		return false;
	n = read_groups(str_skip(s, gap + 2), tail, 7 - head);
	if (n < 0)
		return false;
	memcpy(group + 8 - n, tail, (size_t)n * sizeof *tail);
	return true;
}

static bool
add_ipv6(struct buf *out, struct str s)
{
	uint16_t group[8];
	int zeros = 0, longest = 1, at = -1;

	if (!read_ipv6(s, group))
		return false;
	for (int i = 0; i < 8; i++) {
		zeros = group[i] == 0 ? zeros + 1 : 0;
		if (zeros > longest) {
			longest = zeros;
			at = i + 1 - zeros;
		}
	}
	buf_byte(out, '[');
	for (int i = 0; i < 8; i++) {
		if (i == at) {
			buf_str(out, i == 0 ? STR("::") : STR(":"));
			i += longest - 1;
			continue;
		}
		buf_printf(out, i < 7 ? "%x:" : "%x", group[i]);
	}
	buf_byte(out, ']');
	return true;
}

static bool
add_any(struct buf *out, struct str host)
{
	struct buf decoded = { 0 }, name = { 0 };
	bool ok;

	if (host.n >= 2 && host.p[0] == '[')
		return str_ends(host, STR("]")) && add_ipv6(out, str_head(str_skip(host, 1), host.n - 2));
	decode_percent(host, &decoded);
	ok = add_name(&name, buf_view(&decoded)) && name.n > 0;
	if (ok && ends_in_number(buf_view(&name)))
		ok = add_ipv4(out, buf_view(&name));
	else if (ok)
		buf_str(out, buf_view(&name));
	buf_done(&decoded);
	buf_done(&name);
	return ok;
}

/* A name like most: ASCII letters, digits and hyphens, its last label no number. False when it is none. */
static bool
read_common(struct str host, char out[HOST_MAX])
{
	size_t label = 0;

	if (host.n == 0 || host.n >= 64)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i], letter = c | 0x20;

		if (letter >= 'a' && letter <= 'z')
			c = letter;
		else if (c == '.')
			label = i + 1;
		else if (!(c >= '0' && c <= '9') && c != '-')
			return false;
		out[i] = c;
	}
	return label < host.n && (host.p[label] | 0x20) >= 'a';
}

size_t
host_read(struct str host, char out[HOST_MAX])
{
	struct buf b = { 0 };
	size_t n = 0;

	if (read_common(host, out))
		return host.n;
	if (host.n > 0 && host.n <= 4 * HOST_MAX && add_any(&b, host) && b.n <= HOST_MAX) {
		n = b.n;
		memcpy(out, b.p, n);
	}
	buf_done(&b);
	return n;
}
