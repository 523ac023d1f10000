#include "app/access.h"

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/loop.h"
#include "app/secret.h"
#include "base/mem.h"
#include "wire/http_redact.h"

enum { BACKOFF_MAX_MS = 3600000 };

struct access {
	struct endpoint endpoint;
	struct secret token, headers;
	struct link_options link;
	const struct dialect *dialect;
};

#define ROW(field) offsetof(struct access_settings, field)

const struct subcommand_option access_options[] = {
	{ "token-file", 0, "FILE", "send the token in this file, which only you can read",
	    ROW(token_file) },
	{ "token-env", 0, "NAME", "send the token in this environment variable", ROW(token_env) },
	{ "token-command", 0, "CMD", "send the token this command prints; it runs again when refused",
	    ROW(token_command) },
	{ "auth", 0, "KIND", "bearer (default), or basic: the token is USER:PASSWORD", ROW(auth) },
	{ "header", 0, "LINE", "send this \"NAME: VALUE\" too, nothing secret; may be repeated",
	    ROW(header), true },
	{ "header-file", 0, "FILE", "send the lines of this file, which only you can read, too",
	    ROW(header_file) },
	{ "ca-file", 0, "FILE", "trust these certificates instead of the system's", ROW(ca_file) },
	{ "cert-file", 0, "FILE", "say who you are with this certificate", ROW(cert_file) },
	{ "key-file", 0, "FILE", "its key, when it is not in the same file", ROW(key_file) },
	{ "pin", 0, "sha256//KEY", "the public key the server must have", ROW(pin) },
	{ "proxy", 0, "URL", "go through this proxy, or \"none\"", ROW(proxy) },
	{ "redirects", 0, "WHERE", "follow them to the same-origin (default), or to any", ROW(redirects) },
	{ "allow-plaintext", 0, NULL, "send secrets over http, where they can be read on the way",
	    ROW(allow_plaintext) },
	{ "backoff-initial", 0, "MS", "wait so long after a first failure; 1000", ROW(backoff_initial) },
	{ "backoff-maximum", 0, "MS", "and never longer than this; 30000", ROW(backoff_maximum) },
	{ "backoff-multiplier", 0, "N", "and so many times as long after each more; 2",
	    ROW(backoff_multiplier) },
	{ "dialect", 0, "NAME", "how the server speaks: durable, session, opencode, sse; else the address tells",
	    ROW(dialect) },
	{ 0 }
};

/* ---- which server */

/* Where the path of a URL as endpoint_name gives it begins. */
static size_t
origin_length(struct str name)
{
	struct str authority = http_url_authority(name);

	return authority.p != NULL ? (size_t)(authority.p + authority.n - name.p) : 0;
}

/* The same origin, and the same path or one below it. */
static bool
is_below(struct str name, struct str base)
{
	size_t origin = str_starts(base, STR("unix:")) ? 0 : origin_length(base);

	while (base.n > origin && base.p[base.n - 1] == '/')
		base.n--;
	return name.n >= base.n && str_eq_nocase(str_head(name, origin), str_head(base, origin)) &&
	    str_starts(str_skip(name, origin), str_skip(base, origin)) &&
	    (name.n == base.n || name.p[base.n] == '/');
}

/* The server whose URL says most about this one; NULL for none. */
static const struct server *
server_of(const struct config *config, const struct endpoint *ep)
{
	const struct server *best = NULL;
	struct buf name = { 0 }, base = { 0 };
	size_t most = 0;

	endpoint_name(ep, &name);
	for (const struct server *s = config != NULL ? config->servers : NULL; s != NULL; s = s->next) {
		struct endpoint other;

		if (endpoint_parse(&other, str_from(s->url), NULL) != ERR_OK)
			continue;
		buf_clear(&base);
		endpoint_name(&other, &base);
		if (is_below(buf_view(&name), buf_view(&base)) && base.n >= most) {
			best = s;
			most = base.n;
		}
		endpoint_done(&other);
	}
	buf_done(&name);
	buf_done(&base);
	return best;
}

/* NAME or NAME/PATH becomes the server's URL, with the path below it. False: no such server. */
static bool
expand(const struct config *config, struct str address, struct buf *url)
{
	struct str path, name = str_cut(address, '/', &path);

	for (const struct server *s = config != NULL ? config->servers : NULL; s != NULL; s = s->next) {
		if (!str_eq(str_from(s->name), name))
			continue;
		buf_str(url, str_from(s->url));
		if (path.n == 0)
			return true;
		if (url->n > 0 && url->p[url->n - 1] != '/')
			buf_byte(url, '/');
		buf_str(url, path);
		return true;
	}
	return false;
}

/* A word that could be a command's or a server's name, and no address. */
static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(":/.", s.p[i]) != NULL)
			return false;
	return true;
}

/* "agent:ID@SERVER": what an agent does in all sessions of a server, which is a URL or a name. */
static bool
expand_agent(const struct config *config, struct str address, struct buf *url)
{
	struct str server, id = str_cut(str_skip(address, 6), '@', &server);

	if (!str_starts(address, STR("agent:")) || id.n == 0 || server.n == 0)
		return false;
	if (!expand(config, server, url))
		buf_set(url, server);
	while (url->n > 0 && url->p[url->n - 1] == '/')
		url->n--;
	if (str_ends(buf_view(url), STR(".sock")))
		buf_byte(url, ':');
	if (!str_ends(buf_view(url), STR("/v1/stream")))
		buf_str(url, STR("/v1/stream"));
	buf_str(url, STR("/sessions/agent:"));
	http_escape(url, id);
	return true;
}

static enum err
locate(struct access *a, const struct config *config, struct str address, struct error *e)
{
	struct buf url = { 0 };
	enum err err;

	if (expand_agent(config, address, &url) || expand(config, address, &url))
		err = endpoint_parse(&a->endpoint, buf_view(&url), e);
	else if (is_word(address))
		err = error_set(e, ERR_USAGE, "%.*s is neither a command, nor an address, nor a server of "
		    "weirrc; see weir --help", STR_ARG(address));
	else
		err = endpoint_parse(&a->endpoint, address, e);
	buf_done(&url);
	return err;
}

/* ---- what was said about it */

static const char *
first_said(const struct access_settings *const *said, size_t n, size_t field)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = *(const char *const *)((const char *)said[i] + field);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* Whoever names a token has the say over all of it: an option replaces the server's, whatever its
 * source. */
static void
take_token(struct access_settings *out, const struct access_settings *said)
{
	if (said->token_file == NULL && said->token_env == NULL && said->token_command == NULL)
		return;
	if (out->token_file != NULL || out->token_env != NULL || out->token_command != NULL)
		return;
	out->token_file = said->token_file;
	out->token_env = said->token_env;
	out->token_command = said->token_command;
}

static struct access_settings
merge(const struct access_settings *const *said, size_t n)
{
	struct access_settings out = { 0 };

	for (size_t i = 0; i < n; i++)
		take_token(&out, said[i]);
	for (const struct subcommand_option *o = access_options; o->name != NULL; o++)
		if (!o->repeats && !str_starts(str_from(o->name), STR("token-")))
			*(const char **)((char *)&out + o->field) = first_said(said, n, o->field);
	/* A certificate and its key are one thing. */
	for (size_t i = 0; i < n && out.key_file != NULL; i++)
		if (said[i]->cert_file != NULL) {
			out.key_file = said[i]->key_file;
			break;
		}
	return out;
}

static enum err
set_token(struct access *a, const struct access_settings *s, struct error *e)
{
	int said = (s->token_file != NULL) + (s->token_env != NULL) + (s->token_command != NULL);

	if (said > 1)
		return error_set(e, ERR_USAGE, "the token comes from one place: give one of token-file, "
		    "token-env and token-command");
	if (s->token_file != NULL)
		secret_init(&a->token, SECRET_FILE, str_from(s->token_file));
	if (s->token_env != NULL)
		secret_init(&a->token, SECRET_ENV, str_from(s->token_env));
	if (s->token_command != NULL)
		secret_init(&a->token, SECRET_COMMAND, str_from(s->token_command));
	if (s->header_file != NULL)
		secret_init(&a->headers, SECRET_FILE, str_from(s->header_file));
	a->endpoint.basic = s->auth != NULL && strcmp(s->auth, "basic") == 0;
	if (s->auth != NULL && !a->endpoint.basic && strcmp(s->auth, "bearer") != 0)
		return error_set(e, ERR_USAGE, "auth %s: weir knows bearer and basic", s->auth);
	return ERR_OK;
}

/* Not secret: whoever can list processes can read options, and what is secret has a file. */
static enum err
add_headers(struct access *a, const struct access_settings *s, struct error *e)
{
	for (size_t i = 0; i < s->header.n; i++) {
		struct str rest, line = str_from(s->header.v[i]), name = str_cut(line, ':', &rest);

		if (http_is_secret(name) && !str_eq_nocase(name, STR("authorization")))
			return error_set(e, ERR_USAGE, "%.*s looks like a secret, which others could read here; "
			    "put the line into a file that only you can read and give header-file",
			    STR_ARG(name));
		if (str_eq_nocase(name, STR("authorization")))
			return error_set(e, ERR_USAGE, "Authorization is made from a token; give token-file, "
			    "token-env or token-command, and auth = basic for a user and password");
		if (endpoint_add_header(&a->endpoint, line, false, e) != ERR_OK)
			return e->code;
	}
	return ERR_OK;
}

static char *
copy(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static bool
is_proxy(struct str url)
{
	static const char *const schemes[] = { "http://", "https://", "socks4a://", "socks5://",
		"socks5h://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_eq_nocase(str_head(url, strlen(schemes[i])), str_from(schemes[i])))
			return true;
	return false;
}

static enum err
set_way(struct access *a, const struct access_settings *s, struct error *e)
{
	const char *proxy = s->proxy;

	if (proxy != NULL && strcmp(proxy, "none") == 0)
		proxy = "";
	else if (proxy != NULL && !is_proxy(str_from(proxy)))
		return error_set(e, ERR_USAGE, "proxy %s: give http://HOST:PORT, https://, socks5h://, or "
		    "none", proxy);
	if (s->key_file != NULL && s->cert_file == NULL)
		return error_set(e, ERR_USAGE, "key-file %s: it goes with a cert-file", s->key_file);
	if (s->pin != NULL && !str_starts(str_from(s->pin), STR("sha256//")))
		return error_set(e, ERR_USAGE, "pin %s: give sha256// and the base64 of the hash of the "
		    "server's public key", s->pin);
	if (s->redirects != NULL && strcmp(s->redirects, "any") != 0 &&
	    strcmp(s->redirects, "same-origin") != 0)
		return error_set(e, ERR_USAGE, "redirects %s: give same-origin or any", s->redirects);
	a->endpoint.way = (struct http_way){ copy(s->ca_file), copy(s->cert_file), copy(s->key_file),
		copy(s->pin), copy(proxy),
		s->redirects != NULL && strcmp(s->redirects, "any") == 0 };
	a->endpoint.plaintext = s->allow_plaintext != NULL && strcmp(s->allow_plaintext, "off") != 0;
	return ERR_OK;
}

static enum err
set_backoff(struct access *a, const struct access_settings *s, struct error *e)
{
	double v;

	if (s->backoff_initial != NULL) {
		if (subcommand_number("backoff-initial", s->backoff_initial, 1, BACKOFF_MAX_MS, &v, e) !=
		    ERR_OK)
			return e->code;
		a->link.backoff_first = (int64_t)v;
	}
	if (s->backoff_maximum != NULL) {
		if (subcommand_number("backoff-maximum", s->backoff_maximum, 1, BACKOFF_MAX_MS, &v, e) !=
		    ERR_OK)
			return e->code;
		a->link.backoff_max = (int64_t)v;
	}
	if (s->backoff_multiplier != NULL)
		return subcommand_number("backoff-multiplier", s->backoff_multiplier, 1, 100,
		    &a->link.backoff_factor, e);
	return ERR_OK;
}

static enum err
set_dialect(struct access *a, const char *name, struct error *e)
{
	struct buf all = { 0 };

	if (name == NULL)
		return ERR_OK;
	a->dialect = dialect_by_name(str_from(name));
	if (a->dialect != NULL)
		return ERR_OK;
	for (const struct dialect *const *d = dialects; *d != NULL; d++)
		buf_printf(&all, "%s%s", all.n == 0 ? "" : ", ", (*d)->name);
	error_set(e, ERR_USAGE, "dialect %s: weir knows %s", name, buf_cstr(&all));
	buf_done(&all);
	return ERR_USAGE;
}

/* A password in an option can be read by everybody on the machine. */
static enum err
check_given(const struct access_settings *given, struct error *e)
{
	if (given != NULL && given->proxy != NULL &&
	    strchr(given->proxy, '@') != NULL)
		return error_set(e, ERR_USAGE, "--proxy: a password does not belong in an option, where others "
		    "can read it; put proxy = into weirrc");
	return ERR_OK;
}

static enum err
apply(struct access *a, const struct config *config, const struct access_settings *given,
    struct error *e)
{
	const struct server *server = server_of(config, &a->endpoint);
	const struct access_settings *said[3];
	struct access_settings all;
	size_t n = 0;
	enum err err = check_given(given, e);

	if (given != NULL)
		said[n++] = given;
	if (server != NULL)
		said[n++] = &server->access;
	if (config != NULL)
		said[n++] = &config->general;
	all = merge(said, n);
	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = add_headers(a, said[i], e);
	if (err == ERR_OK)
		err = set_token(a, &all, e);
	if (err == ERR_OK)
		err = set_way(a, &all, e);
	if (err == ERR_OK)
		err = set_backoff(a, &all, e);
	if (err == ERR_OK)
		err = set_dialect(a, all.dialect, e);
	return err;
}

enum err
access_open(struct access **out, const struct config *config, const struct access_settings *given,
    const char *address, struct error *e)
{
	struct access *a = mem_zalloc(sizeof *a);
	enum err err = locate(a, config, str_from(address), e);

	a->token.fd = a->headers.fd = -1;
	if (err == ERR_OK)
		err = apply(a, config, given, e);
	if (err != ERR_OK) {
		access_close(a);
		return err;
	}
	*out = a;
	return ERR_OK;
}

void
access_close(struct access *a)
{
	if (a == NULL)
		return;
	secret_done(&a->token);
	secret_done(&a->headers);
	endpoint_done(&a->endpoint);
	free(a);
}

const struct endpoint *
access_endpoint(const struct access *a)
{
	return &a->endpoint;
}

void
access_go_to(struct access *a, struct str target)
{
	struct str url = str_from(a->endpoint.url), authority = http_url_authority(url);
	struct buf whole = { 0 };

	buf_str(&whole, str_head(url, (size_t)(authority.p + authority.n - url.p)));
	buf_str(&whole, target);
	free(a->endpoint.url);
	a->endpoint.url = mem_str(buf_view(&whole));
	buf_done(&whole);
}

const struct dialect *
access_dialect(const struct access *a)
{
	return a->dialect;
}

void
access_link_options(const struct access *a, struct link_options *out)
{
	out->backoff_first = a->link.backoff_first;
	out->backoff_max = a->link.backoff_max;
	out->backoff_factor = a->link.backoff_factor;
}

/* ---- the secrets */

static enum err
take_headers(struct access *a, struct error *e)
{
	struct str rest = buf_view(&a->headers.value);

	endpoint_drop_headers(&a->endpoint, true);
	for (int number = 1; rest.p != NULL; number++) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));

		if (line.n > 0 && line.p[0] != '#' &&
		    endpoint_add_header(&a->endpoint, line, true, e) != ERR_OK)
			return error_in(e, "%s:%d", a->headers.what, number);
	}
	return ERR_OK;
}

static enum err
take_token_value(struct access *a, struct error *e)
{
	struct str token = buf_view(&a->token.value);

	for (size_t i = 0; i < token.n; i++)
		if ((unsigned char)token.p[i] < ' ' || token.p[i] == 0x7F)
			return error_set(e, ERR_DENIED, "what %s gives is no token: it has more than one line or "
			    "control characters", a->token.what);
	if (a->endpoint.basic && token.n > 0 && str_find_byte(token, ':') == token.n)
		return error_set(e, ERR_DENIED, "what %s gives is no USER:PASSWORD, which auth = basic wants",
		    a->token.what);
	endpoint_set_token(&a->endpoint, token.n > 0 ? token : STR_NONE);
	return ERR_OK;
}

enum err
access_fetch(struct access *a, struct error *e)
{
	enum err err = secret_fetch(&a->headers, e);

	if (err == ERR_OK)
		err = take_headers(a, e);
	if (err == ERR_OK)
		err = secret_fetch(&a->token, e);
	if (err == ERR_OK && !secret_busy(&a->token))
		err = take_token_value(a, e);
	return err;
}

bool
access_busy(const struct access *a)
{
	return secret_busy(&a->token);
}

int
access_fd(const struct access *a)
{
	return secret_fd(&a->token);
}

int64_t
access_deadline(const struct access *a)
{
	return secret_deadline(&a->token);
}

enum err
access_work(struct access *a, struct error *e)
{
	enum err err;

	if (!secret_busy(&a->token))
		return ERR_OK;
	err = secret_work(&a->token, e);
	return err == ERR_OK && !secret_busy(&a->token) ? take_token_value(a, e) : err;
}

enum err
access_wait(struct access *a, struct error *e)
{
	enum err err = access_fetch(a, e);

	while (err == ERR_OK && access_busy(a)) {
		struct pollfd fd = { .fd = access_fd(a), .events = POLLIN };

		loop_wait(&fd, 1, access_deadline(a));
		err = access_work(a, e);
	}
	return err;
}

bool
access_renewable(const struct access *a)
{
	return a->token.from == SECRET_FILE || a->token.from == SECRET_COMMAND ||
	    a->headers.from == SECRET_FILE;
}

void
access_advice(const struct access *a, bool basic, struct buf *out)
{
	if (basic && !a->endpoint.basic)
		buf_str(out, STR("it wants USER:PASSWORD as the token and --auth basic (auth = basic in "
		    "weirrc); "));
	switch (a->token.from) {
	case SECRET_FILE:
		buf_printf(out, "put a token that is good into %s", a->token.what);
		break;
	case SECRET_ENV:
		buf_printf(out, "start weir again with a token that is good in $%s", a->token.what);
		break;
	case SECRET_COMMAND:
		buf_printf(out, "what \"%s\" prints is refused; see what it gives", a->token.what);
		break;
	default:
		if (a->headers.from != SECRET_NONE)
			buf_printf(out, "correct the headers in %s", a->headers.what);
		else
			buf_str(out, STR("give one with --token-file FILE, --token-env NAME or "
			    "--token-command CMD, or say it in weirrc"));
	}
}
