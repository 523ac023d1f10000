/* weir copy: streams from one Durable Streams server to another, through the protocol itself. */

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/config.h"
#include "app/exchange.h"
#include "app/loop.h"
#include "app/output.h"
#include "app/subcommand.h"
#include "wire/json.h"

enum { BATCH_BYTES = 256 << 10, PAGE_MAX = 1 << 30, LIST_PAGE = 500 };

struct options {
	struct access_settings access;
};

/* A server, and the path below which its streams are. */
struct side {
	struct access *access;
	struct buf root;
};

/* What was read so far of a stream, so that two can be compared however it was cut. */
struct content {
	bool json;
	uint64_t messages, bytes, hash;
};

struct copy {
	struct side from, to;
	struct exchange x;
	/* The stream that is copied, as it stands in a URL. */
	struct str path;
	struct buf type;
	struct content read;
	struct buf batch, position, place;	/* the last two: offsets there and here */
	uint64_t seq;
	enum err failed;			/* while a page is taken apart */
	struct error *error;
	struct buf out;				/* the places */
	unsigned copied, known, rewritten;
};

/* ---- content */

static void
content_init(struct content *c, bool json)
{
	*c = (struct content){ .json = json, .hash = UINT64_C(14695981039346656037) };
}

static void
content_add(struct content *c, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		c->hash = (c->hash ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	c->bytes += s.n;
	c->messages++;
}

/* ---- requests */

static enum err
ask(struct copy *c, const struct side *side, struct http_request *r, const char *method,
    struct str query, struct error *e)
{
	struct buf target = { 0 };
	enum err err;

	buf_printf(&target, "%.*s/%.*s%s%.*s", STR_ARG(buf_view(&side->root)), STR_ARG(c->path),
	    query.n > 0 ? "?" : "", STR_ARG(query));
	err = endpoint_request_at(access_endpoint(side->access), method, buf_view(&target), r, e);
	buf_done(&target);
	if (err == ERR_OK)
		r->max_body = PAGE_MAX;
	return err;
}

/* Another status than one that is wanted. */
static enum err
refused(const struct copy *c, const char *what, struct error *e)
{
	enum err err = c->x.status == 401 || c->x.status == 403 ? ERR_DENIED : ERR_FAILED;

	return error_set(e, err, "%.*s: %s: status %d: %.*s", STR_ARG(c->path), what, c->x.status,
	    (int)(c->x.body.n < 200 ? c->x.body.n : 200), c->x.body.n > 0 ? c->x.body.p : "");
}

static enum err
get(struct copy *c, const struct side *side, struct str offset, struct error *e)
{
	struct http_request r;
	struct buf query = { 0 };
	enum err err;

	buf_str(&query, STR("offset="));
	http_escape(&query, offset);
	err = ask(c, side, &r, "GET", buf_view(&query), e);
	buf_done(&query);
	if (err == ERR_OK)
		err = exchange_ask(&c->x, &r, e);
	if (err == ERR_OK && c->x.status != 200)
		err = refused(c, "cannot be read", e);
	return err;
}

/* ---- one stream */

static void
say_place(struct copy *c)
{
	buf_printf(&c->out, "%.*s\t%.*s\t%.*s\n", STR_ARG(c->path), STR_ARG(buf_view(&c->position)),
	    STR_ARG(buf_view(&c->place)));
}

/* Sends what is batched, or closes the stream. */
static enum err
post(struct copy *c, bool close, struct error *e)
{
	struct http_request r;
	char number[24];
	enum err err = ask(c, &c->to, &r, "POST", STR_NONE, e);

	if (err != ERR_OK)
		return err;
	if (close) {
		http_request_header(&r, "Stream-Closed", STR("true"));
	} else {
		/* It may be sent again, and is there once. */
		snprintf(number, sizeof number, "%llu", (unsigned long long)c->seq++);
		http_request_header(&r, "Producer-Id", STR("weir-copy"));
		http_request_header(&r, "Producer-Epoch", STR("0"));
		http_request_header(&r, "Producer-Seq", str_from(number));
		if (c->read.json)
			buf_byte(&c->batch, ']');
		http_request_body(&r, buf_cstr(&c->type), buf_view(&c->batch));
	}
	err = exchange_ask(&c->x, &r, e);
	if (err == ERR_OK && c->x.status != 200 && c->x.status != 204)
		return refused(c, "the target does not take it", e);
	buf_set(&c->place, exchange_header(&c->x, "Stream-Next-Offset"));
	buf_clear(&c->batch);
	return err;
}

/* One message, or a piece of what has no messages. */
static void
take(struct copy *c, struct str s)
{
	content_add(&c->read, s);
	if (c->failed == ERR_OK && c->batch.n > 0 && c->batch.n + s.n > BATCH_BYTES)
		c->failed = post(c, false, c->error);
	if (c->read.json)
		buf_byte(&c->batch, c->batch.n > 0 ? ',' : '[');
	buf_str(&c->batch, s);
}

static void
take_item(void *ctx, struct str item)
{
	take(ctx, item);
}

static void
count_item(void *ctx, struct str item)
{
	content_add(ctx, item);
}

/* Takes the page apart; false when it is not what its type says. */
static bool
split(struct str page, bool json, void (*item)(void *ctx, struct str s), void *ctx)
{
	struct json_items items = { .item = item, .ctx = ctx, .max = PAGE_MAX };
	bool ok = true;

	if (json)
		ok = json_items_feed(&items, page) && json_items_end(&items);
	for (; !json && page.n > 0; page = str_skip(page, BATCH_BYTES))
		item(ctx, str_head(page, BATCH_BYTES));
	json_items_done(&items);
	return ok;
}

/* Walks the pages of a stream from its beginning to where it ends now. */
static enum err
walk(struct copy *c, const struct side *side, bool send, struct content *content, struct error *e)
{
	struct buf offset = { 0 }, page = { 0 };
	bool last = false;
	enum err err = ERR_OK;

	buf_str(&offset, STR("-1"));
	while (!last && (err = get(c, side, buf_view(&offset), e)) == ERR_OK) {
		struct str next = exchange_header(&c->x, "Stream-Next-Offset");

		last = exchange_header(&c->x, "Stream-Up-To-Date").p != NULL;
		if (next.n == 0 || (!last && str_eq(next, buf_view(&offset)))) {
			err = error_set(e, ERR_PROTOCOL, "%.*s: the server does not say how it goes on",
			    STR_ARG(c->path));
			break;
		}
		buf_set(&offset, next);
		buf_done(&page);
		page = c->x.body;
		c->x.body = (struct buf){ 0 };
		c->failed = ERR_OK;
		if (!split(buf_view(&page), content->json, send ? take_item : count_item,
		    send ? (void *)c : content))
			err = error_set(e, ERR_PROTOCOL, "%.*s: a page is not JSON", STR_ARG(c->path));
		else if (send && c->failed == ERR_OK && c->batch.n > 0)
			err = post(c, false, e);
		err = err == ERR_OK ? c->failed : err;
		if (err != ERR_OK)
			break;
		buf_set(&c->position, buf_view(&offset));
		if (send)
			say_place(c);
	}
	buf_done(&offset);
	buf_done(&page);
	return err;
}

/* Makes the stream as it is there; *made is false when it was here before. */
static enum err
create(struct copy *c, bool *closed, bool *made, struct error *e)
{
	static const char *const names[] = { "Stream-TTL", "Stream-Expires-At" };
	struct http_request r;
	enum err err = ask(c, &c->from, &r, "HEAD", STR_NONE, e);
	struct buf life[2] = { { 0 }, { 0 } };

	if (err != ERR_OK || (err = exchange_ask(&c->x, &r, e)) != ERR_OK)
		return err;
	if (c->x.status != 200)
		return refused(c, "cannot be read", e);
	buf_set(&c->type, exchange_header(&c->x, "Content-Type"));
	*closed = str_eq_nocase(exchange_header(&c->x, "Stream-Closed"), STR("true"));
	for (size_t i = 0; i < 2; i++)
		buf_set(&life[i], exchange_header(&c->x, names[i]));
	if ((err = ask(c, &c->to, &r, "PUT", STR_NONE, e)) == ERR_OK) {
		http_request_header(&r, "Content-Type", buf_view(&c->type));
		for (size_t i = 0; i < 2; i++)
			if (life[i].n > 0)
				http_request_header(&r, names[i], buf_view(&life[i]));
		err = exchange_ask(&c->x, &r, e);
	}
	*made = c->x.status == 201;
	/* A closed one that is here already has another configuration; its content will tell. */
	if (err == ERR_OK && c->x.status != 201 && c->x.status != 200 && c->x.status != 409)
		err = refused(c, "cannot be made", e);
	buf_set(&c->place, exchange_header(&c->x, "Stream-Next-Offset"));
	buf_done(&life[0]);
	buf_done(&life[1]);
	return err;
}

static bool
same_content(struct copy *c, const struct content *a, const struct content *b)
{
	bool same = a->bytes == b->bytes && a->hash == b->hash;

	/* A server may write JSON in its own words; every message must be there. */
	if (!same && a->json && a->messages == b->messages) {
		c->rewritten++;
		return true;
	}
	return same;
}

/* True when the target already holds it, or holds nothing; what else is there is not touched. */
static enum err
check_known(struct copy *c, bool *known, struct error *e)
{
	struct content there, here;
	enum err err;

	content_init(&there, c->read.json);
	content_init(&here, c->read.json);
	err = walk(c, &c->to, false, &here, e);
	*known = here.bytes > 0;
	if (err != ERR_OK || !*known)
		return err;
	buf_set(&c->place, buf_view(&c->position));
	err = walk(c, &c->from, false, &there, e);
	if (err == ERR_OK && !same_content(c, &there, &here))
		err = error_set(e, ERR_FAILED, "%.*s: the target has another stream of this name; "
		    "delete it there", STR_ARG(c->path));
	if (err == ERR_OK)
		say_place(c);
	return err;
}

/* Reads what is here now and compares it with what was sent. */
static enum err
verify(struct copy *c, struct error *e)
{
	struct content here;
	enum err err;

	content_init(&here, c->read.json);
	err = walk(c, &c->to, false, &here, e);
	if (err == ERR_OK && !same_content(c, &c->read, &here))
		err = error_set(e, ERR_FAILED, "%.*s: the copy differs: %llu of %llu bytes",
		    STR_ARG(c->path), (unsigned long long)here.bytes,
		    (unsigned long long)c->read.bytes);
	return err;
}

static enum err
copy_stream(struct copy *c, struct str path, struct error *e)
{
	bool closed = false, made = false, known = false;
	enum err err;

	c->path = path;
	c->error = e;
	c->seq = 0;
	buf_clear(&c->batch);
	if ((err = create(c, &closed, &made, e)) != ERR_OK)
		return err;
	content_init(&c->read, str_starts(buf_view(&c->type), STR("application/json")));
	if (!made && (err = check_known(c, &known, e)) != ERR_OK)
		return err;
	if (known) {
		c->known++;
		return ERR_OK;
	}
	err = walk(c, &c->from, true, &c->read, e);
	if (err == ERR_OK && closed)
		err = post(c, true, e);
	if (err == ERR_OK)
		err = verify(c, e);
	c->copied += err == ERR_OK;
	return err == ERR_OK ? output_write(STDOUT_FILENO, &c->out, "stdout", e) : err;
}

/* ---- all of them */

static void
escape_path(struct buf *out, struct str path)
{
	while (path.p != NULL) {
		http_escape(out, str_cut(path, '/', &path));
		if (path.p != NULL)
			buf_byte(out, '/');
	}
}

/* Copies the streams of one page of the list; `after` is where the next one begins. */
static enum err
copy_page(struct copy *c, struct buf *after, struct error *e)
{
	struct buf list = c->x.body, path = { 0 }, escaped = { 0 };
	struct str data, item, view;
	enum err err = ERR_OK;
	struct json j;

	c->x.body = (struct buf){ 0 };
	buf_clear(after);
	if (!json_get(buf_view(&list), "data", &data))
		err = error_set(e, ERR_PROTOCOL, "the list of streams is none; name them");
	json_get_text(buf_view(&list), "after", after);
	json_init(&j, err == ERR_OK ? data : STR("[]"));
	json_array(&j);
	while (err == ERR_OK && json_element(&j) && json_value(&j, &item)) {
		buf_clear(&path);
		buf_clear(&escaped);
		/* What only shows others shows those that were copied. */
		if (!json_get_text(item, "path", &path) ||
		    (json_get(item, "view", &view) && str_eq(view, STR("true"))))
			continue;
		escape_path(&escaped, buf_view(&path));
		err = copy_stream(c, buf_view(&escaped), e);
	}
	buf_done(&list);
	buf_done(&path);
	buf_done(&escaped);
	return err;
}

static enum err
copy_all(struct copy *c, struct error *e)
{
	struct buf after = { 0 }, target = { 0 };
	enum err err = ERR_OK;

	do {
		struct http_request r;

		buf_clear(&target);
		buf_printf(&target, "/api/streams?limit=%d&after=", LIST_PAGE);
		http_escape(&target, buf_view(&after));
		err = endpoint_request_at(access_endpoint(c->from.access), "GET", buf_view(&target), &r,
		    e);
		if (err == ERR_OK)
			err = exchange_ask(&c->x, &r, e);
		if (err == ERR_OK && c->x.status != 200)
			err = error_set(e, ERR_FAILED, "the source does not list its streams (status %d); "
			    "name them", c->x.status);
		if (err == ERR_OK)
			err = copy_page(c, &after, e);
	} while (err == ERR_OK && after.n > 0);
	buf_done(&after);
	buf_done(&target);
	return err;
}

/* The path of its URL; one without is a weir serve. */
static enum err
open_side(struct side *side, const struct config *config, const struct access_settings *given,
    const char *address, struct error *e)
{
	enum err err = access_open(&side->access, config, given, address, e);
	struct str url, authority;

	if (err != ERR_OK || (err = access_wait(side->access, e)) != ERR_OK)
		return err;
	url = str_from(access_endpoint(side->access)->url);
	authority = http_url_authority(url);
	url = str_skip(url, (size_t)(authority.p + authority.n - url.p));
	while (str_ends(url, STR("/")))
		url = str_head(url, url.n - 1);
	buf_str(&side->root, url.n > 0 ? url : STR("/v1/stream"));
	return ERR_OK;
}

static enum err
say_result(struct copy *c, struct error *e)
{
	struct buf text = { 0 };
	enum err err;

	buf_printf(&text, "%u copied, %u were there", c->copied, c->known);
	if (c->rewritten > 0)
		buf_printf(&text, ", %u in other words: the target rewrites JSON", c->rewritten);
	buf_byte(&text, '\n');
	err = output_write(STDERR_FILENO, &text, "stderr", e);
	buf_done(&text);
	return err;
}

static enum err
copy(struct copy *c, char **streams, int n, struct error *e)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	int fd = loop_signals(signals, e);
	enum err err = fd < 0 ? e->code : exchange_open(&c->x, fd, e);

	if (err == ERR_OK && n == 0)
		err = copy_all(c, e);
	for (int i = 0; i < n && err == ERR_OK; i++)
		err = copy_stream(c, str_from(streams[i]), e);
	if (err == ERR_OK)
		err = output_write(STDOUT_FILENO, &c->out, "stdout", e);
	if (err == ERR_OK)
		err = say_result(c, e);
	exchange_close(&c->x);
	if (fd >= 0)
		close(fd);
	return err;
}

static void
copy_done(struct copy *c)
{
	access_close(c->from.access);
	access_close(c->to.access);
	buf_done(&c->from.root);
	buf_done(&c->to.root);
	buf_done(&c->type);
	buf_done(&c->batch);
	buf_done(&c->position);
	buf_done(&c->place);
	buf_done(&c->out);
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct config config;
	struct copy c = { 0 };
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first < 2)
		return error_set(e, ERR_USAGE, "weir copy wants a source and a target; see weir copy --help");
	err = config_load(&config, e);
	if (err == ERR_OK)
		err = open_side(&c.from, &config, NULL, argv[first], e);
	if (err == ERR_OK)
		err = open_side(&c.to, &config, &o.access, argv[first + 1], e);
	if (err == ERR_OK)
		err = copy(&c, argv + first + 2, argc - first - 2, e);
	copy_done(&c);
	config_done(&config);
	return err;
}

const struct subcommand subcommand_copy = {
	.name = "copy",
	.synopsis = "[OPTION…] SOURCE TARGET [STREAM…]",
	.summary = "Copy streams from one server to another",
	.connects = true,
	.run = run,
};
