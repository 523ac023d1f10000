#include "text/link.h"

#include <string.h>

#include "base/utf8.h"
#include "text/host.h"

static bool
is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

/*
 * What a browser takes away before it reads: spaces and controls around, tabs and breaks within. What is
 * left is in `url`, in a copy when something was taken out of it; false when it is too long.
 */
static bool
clean(struct str *url, struct buf *copy)
{
	struct str s = *url;
	size_t n;

	while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
		s = str_skip(s, 1);
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	n = utf8_ascii_run(s);
	while (n < s.n && !is_dropped(s.p[n]))
		n++;
	if (n < s.n) {
		for (size_t i = 0; i < s.n && copy->n <= LINK_URL_MAX; i++)
			if (!is_dropped(s.p[i]))
				buf_byte(copy, s.p[i]);
		s = buf_view(copy);
	}
	*url = s;
	return s.n <= LINK_URL_MAX;
}

static bool
is_in_scheme(char c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* "name:" in front, or the empty slice; `rest` is what follows. */
static struct str
cut_scheme(struct str url, struct str *rest)
{
	size_t n = 0;

	while (n < url.n && (is_alpha(url.p[n]) || (n > 0 && is_in_scheme(url.p[n]))))
		n++;
	if (n == 0 || n == url.n || url.p[n] != ':') {
		*rest = url;
		return STR_NONE;
	}
	*rest = str_skip(url, n + 1);
	return str_head(url, n);
}

static size_t
find_any(struct str s, const char *set)
{
	const char *first;

	if (s.n == 0)
		return 0;
	first = s.p + s.n;
	for (; *set != '\0'; set++) {
		const char *p = memchr(s.p, *set, (size_t)(first - s.p));

		if (p != NULL)
			first = p;
	}
	return (size_t)(first - s.p);
}

/* ":80" or nothing behind a host. */
static bool
is_port(struct str s)
{
	uint64_t port;

	return s.n <= 1 || (str_to_u64(str_skip(s, 1), &port) && port <= 65535);
}

static bool
set_host(struct link *l, struct str host)
{
	l->nhost = host_read(host, l->host);
	return l->nhost > 0;
}

/* What means something in an address, behind its scheme. */
enum { ENDS_HOST = 1, IN_HOST = 2, DOT = 4 };

static const uint8_t address_marks[256] = {
	['/'] = ENDS_HOST, ['\\'] = ENDS_HOST, ['?'] = ENDS_HOST, ['#'] = ENDS_HOST,
	[':'] = IN_HOST, ['@'] = IN_HOST, ['['] = IN_HOST, ['.'] = DOT,
};

/* Where the first of these marks is; all before it are in *met. */
static size_t
find_mark(struct str s, unsigned marks, unsigned *met)
{
	size_t n = 0;

	*met = 0;
	for (; n < s.n; n++) {
		unsigned mark = address_marks[(unsigned char)s.p[n]];

		if (mark & marks)
			break;
		*met |= mark;
	}
	return n;
}

/* What stands behind "http:", with any number of slashes of either kind. */
struct web {
	struct str host, port, path;
	bool userinfo;
};

static struct web
split_web(struct str s)
{
	struct web w = { 0 };
	unsigned met;
	size_t end;

	while (s.n > 0 && (s.p[0] == '/' || s.p[0] == '\\'))
		s = str_skip(s, 1);
	w.host = str_head(s, find_mark(s, ENDS_HOST, &met));
	w.path = str_skip(s, w.host.n);
	if (!(met & IN_HOST))
		return w;
	for (size_t at; (at = str_find_byte(w.host, '@')) < w.host.n;) {
		w.host = str_skip(w.host, at + 1);
		w.userinfo = true;
	}
	end = w.host.n > 0 && w.host.p[0] == '[' ? str_find_byte(w.host, ']') : 0;
	end += str_find_byte(str_skip(w.host, end), ':');
	w.port = str_skip(w.host, end);
	w.host = str_head(w.host, end);
	return w;
}

static bool
read_web(struct link *l, struct str s)
{
	struct web w = split_web(s);

	l->userinfo = w.userinfo;
	if (!is_port(w.port) || !set_host(l, w.host))
		return false;
	l->kind = l->userinfo ? LINK_INERT : LINK_WEB;
	return true;
}

static bool
read_mail(struct link *l, struct str s)
{
	struct str to = str_head(s, str_find_byte(s, '?'));
	size_t at = str_find_byte(to, '@');

	if (at == to.n || !set_host(l, str_skip(to, at + 1)))
		return false;
	l->kind = LINK_MAIL;
	return true;
}

bool
link_read(struct link *l, struct str url)
{
	struct buf copy = { 0 };
	struct str scheme, rest;

	l->kind = LINK_INERT;
	l->userinfo = false;
	l->nhost = 0;
	if (clean(&url, &copy)) {
		scheme = cut_scheme(url, &rest);
		if (str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")))
			read_web(l, rest);
		else if (str_eq_nocase(scheme, STR("mailto")))
			read_mail(l, rest);
	}
	buf_done(&copy);
	return l->kind != LINK_INERT;
}

/* A backslash separates as a slash does, and everything else is itself or percent-encoded. */
static void
add_encoded(struct buf *out, struct str s, bool slashes)
{
	static const char allowed[] = "-._~:/?#[]@!$&'()*+,;=%";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '?' || c == '#')
			slashes = false;
		if (c == '\\' && slashes)
			buf_byte(out, '/');
		else if (is_alpha(c) || (c >= '0' && c <= '9') || (c != '\0' && strchr(allowed, c) != NULL))
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

bool
link_url(struct str url, struct buf *out)
{
	struct buf copy = { 0 };
	struct str scheme, rest;
	struct link l;
	struct web w;
	size_t start = out->n;

	if (!link_read(&l, url) || !clean(&url, &copy)) {
		buf_done(&copy);
		return false;
	}
	scheme = cut_scheme(url, &rest);
	if (l.kind == LINK_MAIL) {
		buf_str(out, STR("mailto:"));
		add_encoded(out, rest, false);
	} else {
		w = split_web(rest);
		buf_str(out, scheme.n == 5 ? STR("https://") : STR("http://"));
		buf_str(out, link_host(&l));
		buf_str(out, w.port.n > 1 ? w.port : STR_NONE);
		add_encoded(out, w.path, true);
	}
	buf_done(&copy);
	if (out->n - start > LINK_URL_MAX)
		out->n = start;
	return out->n > start;
}

struct str
link_host(const struct link *l)
{
	return str_of(l->host, l->nhost);
}

/* "main.c" is a name of a file far more often than of a host. */
static bool
is_file_name(struct str text)
{
	static const char *const endings[] = { "c", "cc", "conf", "cpp", "css", "go", "h", "hpp",
		"html", "java", "js", "json", "jsx", "lock", "log", "lua", "md", "mk", "py", "rb", "rs",
		"sh", "so", "sql", "toml", "ts", "tsx", "txt", "xml", "yaml", "yml" };
	struct str last = text;

	for (struct str rest = text; rest.p != NULL;)
		last = str_cut(rest, '.', &rest);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_eq_nocase(last, str_from(endings[i])))
			return true;
	return false;
}

/* Does this text look as if it were an address? Then `l` says of what. */
static bool
claims(struct link *l, struct str text)
{
	struct str name;
	struct buf b = { 0 };
	unsigned met;
	size_t dot;

	if (find_mark(text, ENDS_HOST | IN_HOST | DOT, &met) == text.n)
		return false;
	name = str_head(text, find_any(text, "/?#:"));
	dot = str_find_byte(name, '.');
	if (name.n == text.n && dot == name.n)
		return false;
	link_read(l, text);
	if (l->nhost > 0)
		return true;
	if (find_any(text, " \t\r\n") < text.n || dot == 0 || dot + 1 >= name.n ||
	    (name.n == text.n && is_file_name(name)))
		return false;
	buf_str(&b, STR("http://"));
	buf_str(&b, text);
	link_read(l, buf_view(&b));
	buf_done(&b);
	return l->nhost > 0;
}

bool
link_needs_host(const struct link *l, struct str text, bool *lies)
{
	struct str mail = STR("mailto:");
	struct link shown;

	*lies = false;
	text = str_trim(text);
	if (str_starts(text, mail))
		text = str_skip(text, mail.n);
	if (!claims(&shown, text))
		return true;
	if (str_eq(link_host(&shown), link_host(l)) && (!shown.userinfo || l->kind == LINK_MAIL))
		return false;
	*lies = true;
	return true;
}
