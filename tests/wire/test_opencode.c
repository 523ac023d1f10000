#include "tests/unit.h"

#include "tests/wire/framing.h"

static const struct dialect *const d = &dialect_opencode;

#define EVENT(type, properties) "{\"id\":\"evt_1\",\"type\":\"" type "\",\"properties\":{\"sessionID\":" \
	"\"ses_1\"," properties "}}"
#define PART(part) EVENT("message.part.updated", "\"part\":{\"id\":\"prt_1\",\"messageID\":\"msg_1\"," \
	part "},\"time\":1700")

/* ---- events */

static void
test_sessions(void **state)
{
	(void)state;
	framing_decode(d, EVENT("session.updated", "\"info\":{\"id\":\"ses_1\",\"title\":\"fix it\","
	    "\"directory\":\"/p\",\"parentID\":\"ses_0\",\"agent\":\"build\",\"model\":{\"id\":\"m\","
	    "\"providerID\":\"lab\"},\"cost\":0.5,\"tokens\":{\"input\":10,\"output\":2,\"reasoning\":0,"
	    "\"cache\":{\"read\":7,\"write\":0}}}"),
	    "sess whose=ses_1 id=ses_1 title=fix it parent=ses_0 directory=/p agent=build model=lab/m\n"
	    "use whose=ses_1 in=10 out=2 cached=7 cost=0.5\nback whose=ses_1 op=none\n");
	framing_decode(d, EVENT("session.updated", "\"info\":{\"id\":\"ses_1\",\"revert\":"
	    "{\"messageID\":\"msg_2\",\"partID\":\"prt_3\"}}"),
	    "sess whose=ses_1 id=ses_1\nback whose=ses_1 op=from msg=msg_2 part=prt_3\n");
	framing_decode(d, EVENT("session.status", "\"status\":{\"type\":\"busy\"}"),
	    "sess whose=ses_1 id=ses_1 status=busy\n");
	framing_decode(d, EVENT("session.status", "\"status\":{\"type\":\"retry\",\"attempt\":2,"
	    "\"message\":\"no answer\",\"next\":99}"),
	    "sess whose=ses_1 id=ses_1 status=retry attempt=2 next=99 message=no answer\n");
	framing_decode(d, EVENT("session.idle", "\"x\":1"), "sess whose=ses_1 id=ses_1 status=idle\n");
	framing_decode(d, EVENT("session.deleted", "\"info\":{}"),
	    "note whose=ses_1 level=warn text=The session was deleted on the server.\n");
	framing_decode(d, EVENT("weir.lost", "\"x\":1"), "sess whose=ses_1 id=ses_1 status=lost\n");
	framing_decode(d, EVENT("session.error", "\"error\":{\"name\":\"APIError\",\"data\":"
	    "{\"message\":\"too many\"}}"),
	    "note whose=ses_1 level=error turn text=APIError: too many\n");
	framing_decode(d, EVENT("session.error", "\"error\":{\"name\":\"MessageAbortedError\"}"), "");
}

static void
test_messages(void **state)
{
	(void)state;
	framing_decode(d, EVENT("message.updated", "\"info\":{\"id\":\"msg_1\",\"role\":\"user\","
	    "\"time\":{\"created\":5}}"),
	    "msg t=5 whose=ses_1 id=msg_1 role=user state=sent\n");
	framing_decode(d, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"parentID\":\"msg_1\",\"agent\":\"build\",\"time\":{\"created\":6}}"),
	    "msg t=6 whose=ses_1 id=msg_2 agent=build turn=msg_1 parent=msg_1 role=agent state=open\n");
	framing_decode(d, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"tokens\":{\"total\":77},\"time\":{\"created\":6,\"completed\":9}}"),
	    "msg t=6 whose=ses_1 id=msg_2 role=agent state=done\nuse t=6 whose=ses_1 context=77\n");
	framing_decode(d, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"error\":{\"name\":\"MessageAbortedError\",\"data\":{\"message\":\"Aborted\"}}}"),
	    "msg whose=ses_1 id=msg_2 role=agent state=cut\n");
	framing_decode(d, EVENT("message.updated", "\"info\":{\"id\":\"msg_2\",\"role\":\"assistant\","
	    "\"error\":{\"name\":\"APIError\",\"data\":{\"message\":\"no\"}}}"),
	    "msg whose=ses_1 id=msg_2 role=agent state=error error=APIError: no\n");
	framing_decode(d, EVENT("message.removed", "\"messageID\":\"msg_2\""),
	    "back whose=ses_1 op=gone msg=msg_2\n");
	framing_decode(d, EVENT("message.part.removed", "\"messageID\":\"msg_2\",\"partID\":\"prt_1\""),
	    "back whose=ses_1 op=gone msg=msg_2 part=prt_1\n");
}

static void
test_texts(void **state)
{
	(void)state;
	framing_decode(d, PART("\"type\":\"text\",\"text\":\"\",\"time\":{\"start\":3}"),
	    "text t=3 whose=ses_1 op=open msg=msg_1 part=prt_1\n");
	framing_decode(d, EVENT("message.part.delta", "\"messageID\":\"msg_1\",\"partID\":\"prt_1\","
	    "\"field\":\"text\",\"delta\":\"a\\nb\""),
	    "text whose=ses_1 op=append msg=msg_1 part=prt_1 data=a\\nb\n");
	framing_decode(d, PART("\"type\":\"reasoning\",\"text\":\"all\",\"time\":{\"start\":3,\"end\":4}"),
	    "text t=3 whose=ses_1 op=close msg=msg_1 part=prt_1 sort=reason data=all\n");
	framing_decode(d, PART("\"type\":\"text\",\"text\":\"said\""),
	    "text t=1700 whose=ses_1 op=replace msg=msg_1 part=prt_1 data=said\n");
	framing_decode(d, PART("\"type\":\"text\",\"synthetic\":true,\"text\":\"a file\""), "");
	framing_decode(d, EVENT("weir.gap", "\"messageID\":\"msg_1\",\"partID\":\"prt_1\""),
	    "text whose=ses_1 op=append msg=msg_1 part=prt_1 gap\n");
	framing_decode(d, PART("\"type\":\"file\",\"mime\":\"image/png\",\"filename\":\"x.png\","
	    "\"url\":\"data:image/png;base64,AAAA\""),
	    "text t=1700 whose=ses_1 op=close msg=msg_1 part=prt_1 data=[file: x.png image/png]\n");
}

#define TOOL(state) PART("\"type\":\"tool\",\"tool\":\"bash\",\"callID\":\"c1\",\"state\":{" state "}")
#define TOOL_IS "tool t=3 whose=ses_1 id=msg_1/c1 msg=msg_1 name=bash"

static void
test_tools(void **state)
{
	(void)state;
	framing_decode(d, TOOL("\"status\":\"pending\",\"input\":{},\"raw\":\"\""),
	    "tool t=1700 whose=ses_1 id=msg_1/c1 msg=msg_1 name=bash state=pending\n");
	framing_decode(d, TOOL("\"status\":\"running\",\"input\":{\"command\":\"ls\"},\"metadata\":"
	    "{\"output\":\"a\\n\"},\"time\":{\"start\":3}"),
	    TOOL_IS " state=running input=ls output=a\\n\n");
	/* A command that failed is a call that went well. */
	framing_decode(d, TOOL("\"status\":\"completed\",\"input\":{\"command\":\"ls\"},\"output\":\"no\","
	    "\"title\":\"List\",\"metadata\":{\"output\":\"n\",\"exit\":3},\"time\":{\"start\":3,\"end\":9}"),
	    TOOL_IS " title=List state=ok input=ls output=no exit=3 ms=6\n");
	framing_decode(d, TOOL("\"status\":\"error\",\"input\":{\"path\":\"x\"},\"error\":\"The user rejected"
	    " permission to use this\",\"time\":{\"start\":3,\"end\":4}"),
	    TOOL_IS " state=denied input={\"path\":\"x\"} error=The user rejected permission to use this"
	    " ms=1\n");
	framing_decode(d, TOOL("\"status\":\"running\",\"input\":\"x\",\"metadata\":{\"sessionId\":\"ses_2\","
	    "\"diff\":\"+a\"},\"time\":{\"start\":3}"),
	    TOOL_IS " state=running input=x diff=+a child=ses_2\n");
}

#define TERMINAL "\"id\":\"pty_1\",\"title\":\"a\\u001bb\",\"command\":\"sh\",\"args\":[\"-c\",\"ls\",7]"

static void
test_terminals(void **state)
{
	(void)state;
	framing_decode(d, "{\"type\":\"pty.created\",\"properties\":{\"info\":{" TERMINAL ","
	    "\"cwd\":\"/p\",\"status\":\"running\",\"pid\":7}}}",
	    "term op=open id=pty_1 title=a\033b command=sh -c ls\n");
	framing_decode(d, "{\"type\":\"pty.updated\",\"properties\":{\"info\":{\"id\":\"pty_1\","
	    "\"title\":\"c\",\"status\":\"exited\",\"exitCode\":2}}}",
	    "term op=open id=pty_1 title=c\nterm op=exit id=pty_1 exit=2\n");
	framing_decode(d, "{\"type\":\"weir.pty\",\"properties\":{\"id\":\"pty_1\",\"data\":\"x\\r\\n\"}}",
	    "term op=output id=pty_1 data=x\r\\n\n");
	framing_decode(d, "{\"type\":\"weir.pty\",\"properties\":{\"id\":\"pty_1\",\"missing\":7,"
	    "\"data\":\"x\"}}", "term op=output id=pty_1 data=x gap\n");
	framing_decode(d, "{\"type\":\"pty.exited\",\"properties\":{\"id\":\"pty_1\",\"exitCode\":0}}",
	    "term op=exit id=pty_1 exit=0\n");
	framing_decode(d, "{\"type\":\"pty.deleted\",\"properties\":{\"id\":\"pty_1\"}}",
	    "term op=exit id=pty_1\n");
	framing_decode(d, "{\"type\":\"weir.pty\",\"properties\":{\"id\":\"pty_1\",\"lost\":true}}",
	    "term op=exit id=pty_1 gap\n");
	framing_decode(d, "{\"type\":\"pty.exited\",\"properties\":{\"id\":7}}",
	    "note level=warn text=pty.exited: \"id\" is not a string\n");
}

static void
test_what_is_asked(void **state)
{
	(void)state;
	framing_decode(d, EVENT("permission.asked", "\"id\":\"per_1\",\"permission\":\"bash\",\"patterns\":"
	    "[\"ls\",\"rm\"],\"metadata\":{\"command\":\"ls; rm\"},\"always\":[\"ls *\",\"rm *\"],\"tool\":"
	    "{\"messageID\":\"msg_1\",\"callID\":\"c1\"}"),
	    "ask whose=ses_1 id=per_1 what=permission tool=msg_1/c1 title=bash text=ls; rm more=ls *, rm *\n");
	framing_decode(d, EVENT("permission.asked", "\"id\":\"per_1\",\"permission\":\"edit\",\"patterns\":"
	    "[\"a\"],\"metadata\":{\"filepath\":\"/p/a\",\"diff\":\"+x\"},\"always\":[\"*\"]"),
	    "ask whose=ses_1 id=per_1 what=permission title=edit text=/p/a more=* diff=+x\n");
	framing_decode(d, EVENT("permission.asked", "\"id\":\"per_1\",\"permission\":\"web\",\"patterns\":"
	    "[\"a\",\"b\"]"),
	    "ask whose=ses_1 id=per_1 what=permission title=web text=a, b\n");
	framing_decode(d, EVENT("permission.replied", "\"requestID\":\"per_1\",\"reply\":\"always\""),
	    "answer whose=ses_1 ask=per_1 answer=always\n");
	framing_decode(d, EVENT("question.asked", "\"id\":\"que_1\",\"questions\":[{\"question\":\"Which?\","
	    "\"header\":\"Way\",\"options\":[{\"label\":\"L\",\"description\":\"left\"}]}]"),
	    "ask whose=ses_1 id=que_1 what=question title=Way text=Which? options=[{\"question\":\"Which?\","
	    "\"header\":\"Way\",\"options\":[{\"label\":\"L\",\"description\":\"left\"}]}]\n");
	framing_decode(d, EVENT("question.replied", "\"requestID\":\"que_1\",\"answers\":[[\"L\",\"R\"],"
	    "[\"x\"]]"),
	    "answer whose=ses_1 ask=que_1 answer=text text=L, R, x\n");
	framing_decode(d, EVENT("question.rejected", "\"requestID\":\"que_1\""),
	    "answer whose=ses_1 ask=que_1 answer=reject\n");
	framing_decode(d, EVENT("weir.pending", "\"ids\":[\"per_1\"]"),
	    "ask whose=ses_1 what=permission only=[\"per_1\"]\n");
}

static void
test_what_is_to_do(void **state)
{
	(void)state;
	framing_decode(d, EVENT("todo.updated", "\"todos\":[{\"content\":\"a\",\"status\":\"done\"},"
	    "{\"content\":\"b\",\"status\":\"pending\"}]"),
	    "flow whose=ses_1 op=todo anew id=1 text=a state=done\n"
	    "flow whose=ses_1 op=todo id=2 text=b state=pending\n");
	/* The same twice is two. */
	framing_decode(d, EVENT("todo.updated", "\"todos\":[{\"content\":\"a\",\"status\":\"done\"},"
	    "{\"content\":\"a\",\"status\":\"pending\"}]"),
	    "flow whose=ses_1 op=todo anew id=1 text=a state=done\n"
	    "flow whose=ses_1 op=todo id=2 text=a state=pending\n");
	framing_decode(d, EVENT("todo.updated", "\"todos\":[]"), "flow whose=ses_1 op=todo anew\n");
}

static void
test_what_does_not_fit(void **state)
{
	(void)state;
	framing_decode(d, "{", "note level=raw text={\n");
	framing_decode(d, "{\"type\":\"new.thing\",\"properties\":{\"sessionID\":\"s\"}}",
	    "note whose=s level=raw text={\"type\":\"new.thing\",\"properties\":{\"sessionID\":\"s\"}}\n");
	framing_decode(d, EVENT("message.updated", "\"info\":{\"role\":\"user\"}"),
	    "note whose=ses_1 level=warn text=message.updated: \"id\" is missing\n");
	framing_decode(d, PART("\"type\":\"hologram\""),
	    "note t=1700 whose=ses_1 level=warn text=message.part.updated: a part of this type is not known\n");
	framing_decode(d, TOOL("\"status\":\"odd\""), "note t=1700 whose=ses_1 level=warn text="
	    "message.part.updated: \"status\" is none of pending, running, completed and error\n");
}

/* ---- requests */

static void
check_act(struct act act, const char *want)
{
	struct endpoint ep = { .url = mem_strdup("http://h/base/session/ses_1?directory=%2Fa%20b") };
	struct http_request r;
	struct buf got = { 0 };
	struct error e = { 0 };

	if (d->encode(&ep, &act, &r, &e) == ERR_OK) {
		buf_printf(&got, "%s %s %.*s", r.method, r.url, STR_ARG(buf_view(&r.body)));
		http_request_done(&r);
	} else {
		buf_str(&got, str_from(e.text));
	}
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
	endpoint_done(&ep);
}

#define AT "http://h/base"
#define IN "?directory=%2Fa%20b"

static void
test_acts(void **state)
{
	(void)state;
	check_act((struct act){ .kind = ACT_INPUT, .id = STR("msg_x1"), .text = STR("do \"it\""),
	    .agent = STR("plan"), .model = STR("lab/a/b") },
	    "POST " AT "/session/ses_1/prompt_async" IN " {\"messageID\":\"msg_x1\",\"agent\":\"plan\","
	    "\"model\":{\"providerID\":\"lab\",\"modelID\":\"a/b\"},\"parts\":[{\"id\":\"prt_x1\","
	    "\"type\":\"text\",\"text\":\"do \\\"it\\\"\"}]}");
	check_act((struct act){ .kind = ACT_REVERT, .text = STR("msg_1") },
	    "POST " AT "/session/ses_1/revert" IN " {\"messageID\":\"msg_1\"}");
	check_act((struct act){ .kind = ACT_UNREVERT }, "POST " AT "/session/ses_1/unrevert" IN " {}");
	check_act((struct act){ .kind = ACT_STOP }, "POST " AT "/session/ses_1/abort" IN " {}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("per_1"), .answer = ANSWER_REJECT,
	    .text = STR("not today") }, "POST " AT "/permission/per_1/reply" IN " {\"reply\":\"reject\","
	    "\"message\":\"not today\"}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("per_1"), .answer = ANSWER_ALWAYS },
	    "POST " AT "/permission/per_1/reply" IN " {\"reply\":\"always\"}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("que_1"), .answer = ANSWER_TEXT,
	    .text = STR("up") }, "POST " AT "/question/que_1/reply" IN " {\"answers\":[[\"up\"]]}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("que_1"), .answer = ANSWER_CHOICES,
	    .text = STR("[[\"a\"],[\"b\",\"c\"]]") },
	    "POST " AT "/question/que_1/reply" IN " {\"answers\":[[\"a\"],[\"b\",\"c\"]]}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("que_1"), .answer = ANSWER_REJECT },
	    "POST " AT "/question/que_1/reject" IN " {}");
	check_act((struct act){ .kind = ACT_ANSWER, .ask = STR("per_1/../x") },
	    "the question has an id that cannot be answered to");
	check_act((struct act){ .kind = ACT_COMMAND, .name = STR("init"), .text = STR("a b") },
	    "POST " AT "/session/ses_1/command" IN " {\"command\":\"init\",\"arguments\":\"a b\"}");
	check_act((struct act){ .kind = ACT_SHELL, .text = STR("ls") },
	    "POST " AT "/session/ses_1/shell" IN " {\"command\":\"ls\",\"agent\":\"build\"}");
	check_act((struct act){ .kind = ACT_RENAME, .text = STR("new") },
	    "PATCH " AT "/session/ses_1" IN " {\"title\":\"new\"}");
	check_act((struct act){ .kind = ACT_FORK }, "POST " AT "/session/ses_1/fork" IN " {}");
	check_act((struct act){ .kind = ACT_DELETE }, "DELETE " AT "/session/ses_1" IN " ");
	check_act((struct act){ .kind = ACT_NEW, .text = STR("t") },
	    "POST " AT "/session" IN " {\"title\":\"t\"}");
	check_act((struct act){ .kind = ACT_AGENTS }, "GET " AT "/agent" IN " ");
	check_act((struct act){ .kind = ACT_MODELS }, "GET " AT "/config/providers" IN " ");
	check_act((struct act){ .kind = ACT_COMMANDS }, "GET " AT "/command" IN " ");
	check_act((struct act){ .kind = ACT_PRESENCE }, "an opencode server knows no such thing");
}

/* Those of the server sort by time, and so must ours among them. */
static void
test_ids_sort_by_time(void **state)
{
	unsigned char random[16] = { 0 };
	struct buf a = { 0 }, b = { 0 };

	(void)state;
	memset(random, 255, sizeof random);
	d->new_id(1795187558417, random, &a);
	memset(random, 0, sizeof random);
	d->new_id(1795187558418, random, &b);
	assert_int_equal(a.n, 30);
	assert_true(str_starts(buf_view(&a), STR("msg_1f984481")));
	assert_true(str_cmp(buf_view(&a), buf_view(&b)) < 0);
	buf_done(&a);
	buf_done(&b);
}

static void
on_listed(void *ctx, const struct listed *l)
{
	buf_printf(ctx, "%.*s %.*s %.*s %lld\n", STR_ARG(l->id), STR_ARG(l->title), STR_ARG(l->target),
	    (long long)l->time);
}

static void
test_lists(void **state)
{
	struct buf got = { 0 }, next = { 0 };
	const struct listing_sink sink = { on_listed, &got };

	(void)state;
	assert_int_equal(d->listed(STR("[{\"id\":\"ses_1\",\"title\":\"a\",\"time\":{\"updated\":4}},"
	    "{\"id\":\"../x\"},{}]"), &sink, &next, NULL), ERR_OK);
	assert_str(buf_view(&got), STR("ses_1 a /session/ses_1 4\n"));
	assert_int_equal(d->listed(STR("<html>"), &sink, &next, NULL), ERR_PROTOCOL);
	buf_done(&got);
	buf_done(&next);
}

static void
on_standing(void *ctx, struct str id, enum sess_status status)
{
	buf_printf(ctx, "%.*s=%d ", STR_ARG(id), (int)status);
}

static void
check_more(unsigned number, const char *body, const char *want)
{
	struct buf got = { 0 };
	const struct listing_sink sink = { on_listed, &got, on_standing };

	d->listed_more(number, str_from(body), &sink);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

/* Who is not named does nothing; who is asked for waits, whatever else goes on. */
static void
test_lists_how_they_stand(void **state)
{
	struct http_request r;
	struct endpoint ep;
	unsigned n = 0;

	(void)state;
	assert_int_equal(endpoint_parse(&ep, STR("http://h:1/?directory=%2Fa"), NULL), ERR_OK);
	for (; d->list_more(&ep, n, &r); n++) {
		if (n == 0)
			assert_string_equal(r.url, "http://h:1/session/status?directory=%2Fa");
		http_request_done(&r);
	}
	assert_int_equal(n, 3);
	endpoint_done(&ep);
	check_more(0, "{\"ses_1\":{\"type\":\"busy\"},\"ses_2\":{\"type\":\"retry\",\"attempt\":2},"
	    "\"ses_3\":{\"type\":7},\"ses_4\":null}", "=1 ses_1=2 ses_2=3 ");
	check_more(0, "{}", "=1 ");
	check_more(0, "{\"ses_1\":{\"type\":\"busy\"}", "");
	check_more(0, "<html>", "");
	check_more(1, "[{\"id\":\"per_1\",\"sessionID\":\"ses_1\"},{},7]", "ses_1=4 ");
	check_more(2, "[]", "");
}

static void
on_offer(void *ctx, struct str name, struct str about)
{
	buf_printf(ctx, "%.*s: %.*s\n", STR_ARG(name), STR_ARG(about));
}

static void
check_offers(enum act_kind kind, const char *body, bool good, const char *want)
{
	struct buf got = { 0 };
	const struct offer_sink sink = { on_offer, &got };

	assert_int_equal(d->offers(kind, str_from(body), &sink), good);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_offers(void **state)
{
	(void)state;
	check_offers(ACT_AGENTS, "[{\"name\":\"build\",\"description\":\"works\",\"mode\":\"primary\"},"
	    "{\"name\":\"title\",\"mode\":\"primary\",\"hidden\":true},{\"name\":\"general\",\"mode\":"
	    "\"subagent\"},{\"name\":\"pl\\u0061n\",\"mode\":\"all\",\"hidden\":false},{},7]", true,
	    "build: works\nplan: \n");
	check_offers(ACT_MODELS, "{\"providers\":[{\"id\":\"lab\",\"name\":\"Lab\",\"models\":{\"a/b\":"
	    "{\"name\":\"Model A\"},\"\\u0063\":{}}},{\"id\":\"none\"},{\"models\":{\"x\":{}}}],"
	    "\"default\":{\"lab\":\"c\"}}", true, "lab/a/b: Model A, Lab\nlab/c: Lab\n");
	check_offers(ACT_COMMANDS, "[{\"name\":\"init\",\"description\":\"begins\",\"template\":\"long\"}]",
	    true, "init: begins\n");
	check_offers(ACT_COMMANDS, "<html>", false, "");
	check_offers(ACT_MODELS, "{\"providers\":[", false, "");
	check_offers(ACT_MODELS, "[]", false, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_terminals),
		cmocka_unit_test(test_what_is_asked),
		cmocka_unit_test(test_what_is_to_do),
		cmocka_unit_test(test_what_does_not_fit),
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_ids_sort_by_time),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_lists_how_they_stand),
		cmocka_unit_test(test_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
