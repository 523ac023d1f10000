/* A followed session without a screen: who hears its events, and what becomes of it without a server. */
#include <poll.h>

#include "app/client.h"
#include "base/clock.h"
#include "tests/e2e/world.h"
#include "tests/harness/peer.h"
#include "tests/unit.h"

struct rig {
	struct world world;
	struct client *client;
	unsigned heard, late, acted;
	uint64_t number;		/* of the listener that came late */
};

static enum err
hear(void *ctx, const struct event *ev, struct error *e)
{
	struct rig *r = ctx;

	r->heard++;
	return ev->kind == EVENT_TEXT ? error_set(e, ERR_LIMIT, "no room for text") : ERR_OK;
}

static enum err
hear_late(void *ctx, const struct event *ev, struct error *e)
{
	struct rig *r = ctx;

	(void)ev, (void)e;
	r->late++;
	return ERR_OK;
}

static void
begin(struct rig *r, bool read_only)
{
	const struct listener listener = { "test", ON_ALL, hear, r };
	struct client_options o = { .user = "tester", .read_only = read_only, .listener = &listener };
	struct error e;

	world_open(&r->world);
	world_serve(&r->world);
	world_create(&r->world);
	o.url = world_url(&r->world, NULL);
	assert_int_equal(client_open(&r->client, &o, &e), ERR_OK);
	assert_int_equal(client_connect(r->client, &e), ERR_OK);
}

static void
end(struct rig *r)
{
	client_close(r->client);
	world_close(&r->world);
}

static bool
is_live(struct rig *r)
{
	return link_state(client_link(r->client)) == LINK_LIVE;
}

static bool
is_away(struct rig *r)
{
	return link_state(client_link(r->client)) == LINK_WAITING &&
	    link_stats(client_link(r->client))->attempt > 1;
}

static bool
has_an_item(struct rig *r)
{
	return client_session(r->client)->nitems > 0;
}

static bool
has_two_words(struct rig *r)
{
	return str_eq(buf_view(&session_item(client_session(r->client), 0)->text), STR("one two"));
}

static void
work_until(struct rig *r, bool (*state)(struct rig *r))
{
	int64_t until = clock_mono() + SOON;
	struct error e;
	bool changed;

	while (!state(r)) {
		struct pollfd fd = { .fd = client_fd(r->client), .events = POLLIN };
		int64_t wait = client_deadline(r->client) - clock_mono();

		assert_true(clock_mono() < until);
		poll(&fd, 1, wait < 0 ? 0 : wait < 1000 ? (int)wait : 1000);
		assert_int_equal(client_work(r->client, &changed, &e), ERR_OK);
	}
}

#define CHUNK(text) "[{\"type\":\"chunks\",\"key\":\"k\",\"value\":{\"agentId\":\"a\",\"turn\":1," \
	"\"text\":\"" text "\"}}]"

/* One fails at every text, one comes and goes: the session has it all. */
static void
test_listeners(void **state)
{
	struct rig r = { 0 };
	const struct listener late = { "late", ON(ON_CHUNKS), hear_late, &r };
	struct listener_stats s;
	struct router *router;
	size_t i = 0;

	(void)state;
	begin(&r, true);
	router = client_router(r.client);
	work_until(&r, is_live);
	world_append(&r.world, STR(CHUNK("one")));
	work_until(&r, has_an_item);
	assert_true(r.heard == 2 && r.late == 0);
	r.number = router_add(router, &late);
	world_append(&r.world, STR(CHUNK(" two")));
	work_until(&r, has_two_words);
	assert_int_equal(r.late, 2);
	router_remove(router, r.number);
	assert_int_equal(router_failed(router), 2);
	while (router_stats(router, i, &s) && s.failed == 0)
		i++;
	assert_string_equal(s.name, "test");
	assert_string_equal(s.last.text, "no room for text");
	end(&r);
}

static bool
has_words(struct rig *r)
{
	return client_first_word(r->client) >= 0;
}

static bool
awaits_word(struct rig *r)
{
	struct listener_stats s;

	for (size_t i = 0; router_stats(client_router(r->client), i, &s); i++)
		if (strcmp(s.name, "first word") == 0)
			return true;
	return false;
}

/* Who waits for the first word goes away with it; the next question has another one. */
static void
test_first_word(void **state)
{
	struct rig r = { 0 };
	struct error e;

	(void)state;
	begin(&r, false);
	work_until(&r, is_live);
	assert_false(awaits_word(&r) || has_words(&r));
	assert_int_equal(client_input(r.client, STR("go"), &e), ERR_OK);
	assert_int_equal(client_input(r.client, STR("now"), &e), ERR_OK);
	assert_true(awaits_word(&r) && !has_words(&r));
	world_append(&r.world, STR(CHUNK("one")));
	work_until(&r, has_words);
	assert_false(awaits_word(&r));
	assert_int_equal(client_input(r.client, STR("more"), &e), ERR_OK);
	assert_true(awaits_word(&r));
	end(&r);
}

/* Nobody believes for more than ten minutes in an answer whose server stays away. */
static void
test_orphans(void **state)
{
	struct rig r = { 0 };
	const struct item *it;
	struct error e;
	bool changed;

	(void)state;
	begin(&r, true);
	work_until(&r, is_live);
	world_append(&r.world, STR(CHUNK("half an ans")));
	work_until(&r, has_an_item);
	world_kill_server(&r.world);
	work_until(&r, is_away);
	it = session_item(client_session(r.client), 0);
	assert_int_equal(it->msg.state, MSG_OPEN);
	clock_set(clock_mono(), client_last_record(r.client) + 599999);
	assert_int_equal(client_work(r.client, &changed, &e), ERR_OK);
	assert_true(session_is_open(client_session(r.client)));
	clock_advance(1);
	assert_true(client_deadline(r.client) <= clock_mono());
	assert_int_equal(client_work(r.client, &changed, &e), ERR_OK);
	assert_true(changed);
	assert_int_equal(it->msg.state, MSG_CUT);
	assert_false(session_is_open(client_session(r.client)));
	assert_true(client_deadline(r.client) > clock_mono());
	clock_unset();
	end(&r);
}

static void
count_acted(void *ctx, enum act_kind kind, bool ok, struct str detail)
{
	struct rig *r = ctx;

	(void)kind, (void)detail;
	assert_true(ok);
	r->acted++;
}

static bool
have_acted(struct rig *r)
{
	return r->acted == 2;
}

static void
add_name(void *ctx, struct str name, struct str about)
{
	(void)about;
	buf_str(ctx, name);
	buf_byte(ctx, ' ');
}

static struct peer *
peer_of_opencode(void)
{
	struct peer *p = peer_new(NULL);

	peer_canned(p, "GET /event", STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"), PEER_OPEN,
	    0);
	peer_json(p, "GET /session/ses_1/", "[]");
	peer_json(p, "GET /session/ses_1", "{\"id\":\"ses_1\"}");
	peer_json(p, "GET /session/status", "{}");
	peer_json(p, "GET /agent", "[{\"name\":\"build\",\"mode\":\"primary\"}]");
	peer_json(p, "GET /command", "[{\"name\":\"init\"}]");
	peer_json(p, "GET /", "[]");
	return p;
}

/* Two lists were asked for, and both are there before anybody looks: each is told. */
static void
test_offers(void **state)
{
	struct rig r = { 0 };
	const struct client_tap tap = { .acted = count_acted, .ctx = &r };
	struct client_options o = { .user = "tester", .tap = &tap };
	struct peer *p = peer_of_opencode();
	struct buf names = { 0 };
	const struct offer_sink sink = { add_name, &names };
	enum act_kind kind;
	struct error e;
	char url[128];

	(void)state;
	world_open(&r.world);
	snprintf(url, sizeof url, "%s/session/ses_1", peer_url(p));
	o.url = url;
	assert_int_equal(client_open(&r.client, &o, &e), ERR_OK);
	assert_int_equal(client_connect(r.client, &e), ERR_OK);
	work_until(&r, is_live);
	assert_int_equal(client_do(r.client, ACT_COMMANDS, STR_NONE, STR_NONE, &e), ERR_OK);
	assert_int_equal(client_do(r.client, ACT_AGENTS, STR_NONE, STR_NONE, &e), ERR_OK);
	work_until(&r, have_acted);
	assert_true(client_offered(r.client, &kind, &sink));
	assert_int_equal(kind, ACT_AGENTS);
	assert_true(client_offered(r.client, &kind, &sink));
	assert_int_equal(kind, ACT_COMMANDS);
	assert_str(buf_view(&names), STR("build init "));
	assert_false(client_offered(r.client, &kind, &sink));
	buf_done(&names);
	end(&r);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_first_word),
		cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
