#include "tests/unit.h"

#include "model/router.h"

/* A listener that writes its letter, and does what it is told when it hears something. */
struct ear {
	char letter;
	struct buf *log;
	struct router *router;
	const struct listener *adds;	/* once */
	uint64_t removes;		/* 0: nobody */
	bool fails, routes;
};

static enum err
hear(void *ctx, const struct event *ev, struct error *e)
{
	struct ear *ear = ctx;
	struct event note = event_of(EVENT_NOTE);

	(void)ev;
	buf_byte(ear->log, ear->letter);
	if (ear->adds != NULL)
		router_add(ear->router, ear->adds);
	ear->adds = NULL;
	router_remove(ear->router, ear->removes);
	if (ear->routes) {
		ear->routes = false;
		router_route(ear->router, &note);
	}
	return ear->fails ? error_set(e, ERR_LIMIT, "%c is full", ear->letter) : ERR_OK;
}

struct rig {
	struct router *router;
	struct buf log;
	struct ear a, b, c;
	uint64_t na, nb, nc;
};

static struct listener
listener(struct ear *ear, unsigned channels)
{
	return (struct listener){ "ear", channels, hear, ear };
}

static struct rig *
rig_new(void)
{
	static struct rig r;
	struct ear *ears[] = { &r.a, &r.b, &r.c };

	r = (struct rig){ .router = router_new() };
	for (size_t i = 0; i < 3; i++)
		*ears[i] = (struct ear){ .letter = "abc"[i], .log = &r.log, .router = r.router };
	return &r;
}

static void
rig_add(struct rig *r)
{
	const struct listener a = listener(&r->a, ON_ALL), b = listener(&r->b, ON_ALL),
	    c = listener(&r->c, ON_ALL);

	r->na = router_add(r->router, &a);
	r->nb = router_add(r->router, &b);
	r->nc = router_add(r->router, &c);
}

static void
rig_free(struct rig *r)
{
	router_free(r->router);
	buf_done(&r->log);
}

static void
assert_heard(struct rig *r, enum event_kind kind, const char *want)
{
	struct event e = event_of(kind);

	buf_clear(&r->log);
	router_route(r->router, &e);
	assert_str(buf_view(&r->log), str_from(want));
}

static void
test_order(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	assert_heard(r, EVENT_TEXT, "");
	rig_add(r);
	assert_true(r->na != 0 && r->na != r->nb && r->nb != r->nc);
	assert_heard(r, EVENT_TEXT, "abc");
	router_remove(r->router, r->nb);
	router_remove(r->router, r->nb);
	router_remove(r->router, 0);
	assert_heard(r, EVENT_TEXT, "ac");
	rig_free(r);
}

/* Every kind of event belongs to one channel, and is heard by who listens there and nobody else. */
static void
test_channels(void **state)
{
	static const struct {
		enum event_kind kind;
		enum channel_name channel;
	} cases[] = {
		{ EVENT_MSG, ON_CHUNKS }, { EVENT_TEXT, ON_CHUNKS }, { EVENT_TOOL, ON_TOOLS },
		{ EVENT_WHO, ON_PRESENCE }, { EVENT_TERM, ON_TERMINAL }, { EVENT_ASK, ON_WORKFLOW },
		{ EVENT_ANSWER, ON_WORKFLOW }, { EVENT_FLOW, ON_WORKFLOW }, { EVENT_AGENT, ON_AGENTS },
		{ EVENT_SESS, ON_AGENTS }, { EVENT_USE, ON_AGENTS }, { EVENT_BACK, ON_CHUNKS },
		{ EVENT_NOTE, ON_NOTES },
	};

	(void)state;
	assert_int_equal(sizeof cases / sizeof *cases, EVENT_NOTE + 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rig *r = rig_new();
		const struct listener here = listener(&r->a, ON(cases[i].channel)),
		    elsewhere = listener(&r->b, ON_ALL & ~ON(cases[i].channel));

		router_add(r->router, &here);
		router_add(r->router, &elsewhere);
		assert_heard(r, cases[i].kind, "a");
		rig_free(r);
	}
}

/* Whoever is added while an event is on its way hears the next one. */
static void
test_add_meanwhile(void **state)
{
	struct rig *r = rig_new();
	struct ear late = { .letter = 'l', .log = &r->log, .router = r->router };
	const struct listener l = listener(&late, ON_ALL);

	(void)state;
	rig_add(r);
	r->a.adds = &l;
	assert_heard(r, EVENT_TEXT, "abc");
	assert_heard(r, EVENT_TEXT, "abcl");
	rig_free(r);
}

static void
test_remove_meanwhile(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_add(r);
	/* One behind it, which does not hear of this event any more; then itself. */
	r->a.removes = r->nb;
	assert_heard(r, EVENT_TEXT, "ac");
	r->a.removes = r->na;
	assert_heard(r, EVENT_TEXT, "ac");
	assert_heard(r, EVENT_TEXT, "c");
	r->c.removes = r->nc;
	assert_heard(r, EVENT_TEXT, "c");
	assert_heard(r, EVENT_TEXT, "");
	rig_free(r);
}

/* An event that comes of another one is routed at once, and the places hold until both are. */
static void
test_nested(void **state)
{
	struct rig *r = rig_new();
	struct ear late = { .letter = 'l', .log = &r->log, .router = r->router };
	const struct listener l = listener(&late, ON_ALL);

	(void)state;
	rig_add(r);
	r->a.routes = true;
	r->b.removes = r->na;
	r->b.adds = &l;
	assert_heard(r, EVENT_TEXT, "aabcbc");
	assert_heard(r, EVENT_TEXT, "bcl");
	rig_free(r);
}

static void
test_failure(void **state)
{
	struct rig *r = rig_new();
	struct listener_stats s;

	(void)state;
	rig_add(r);
	r->b.fails = true;
	assert_heard(r, EVENT_TEXT, "abc");
	assert_heard(r, EVENT_TEXT, "abc");
	r->b.fails = false;
	assert_heard(r, EVENT_TEXT, "abc");
	assert_int_equal(router_failed(r->router), 2);
	assert_true(router_stats(r->router, 1, &s));
	assert_string_equal(s.last.text, "b is full");
	assert_int_equal(s.last.code, ERR_LIMIT);
	assert_int_equal(s.heard, 3);
	assert_int_equal(s.failed, 2);
	assert_true(router_stats(r->router, 2, &s));
	assert_true(s.heard == 3 && s.failed == 0 && s.listening);
	assert_false(router_stats(r->router, 3, &s));
	rig_free(r);
}

/* Who failed is remembered when it is gone, but not for ever. */
static void
test_failure_outlives(void **state)
{
	struct rig *r = rig_new();
	struct listener_stats s;
	size_t n = 0;

	(void)state;
	rig_add(r);
	r->b.fails = true;
	assert_heard(r, EVENT_TEXT, "abc");
	router_remove(r->router, r->nb);
	router_remove(r->router, r->na);
	assert_heard(r, EVENT_TEXT, "c");
	assert_true(router_stats(r->router, 0, &s));
	assert_true(!s.listening && s.failed == 1);
	for (int i = 0; i < 1000; i++) {
		const struct listener l = listener(&r->b, ON_ALL);
		uint64_t number = router_add(r->router, &l);

		assert_heard(r, EVENT_TEXT, "cb");
		router_remove(r->router, number);
	}
	while (router_stats(r->router, n, &s))
		n++;
	assert_in_range(n, 2, 64);
	assert_int_equal(router_failed(r->router), 1001);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_add_meanwhile),
		cmocka_unit_test(test_remove_meanwhile),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_failure_outlives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
