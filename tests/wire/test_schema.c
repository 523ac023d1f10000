/*
 * Every type of event of the session channels and of the servers that came before them, member by
 * member: without it, with a value of another type, with one more. What does not fit is a warning
 * that names it; nothing is ever dropped without a word, and nothing stops.
 */
#include "tests/unit.h"
#include "wire/dialect.h"

enum need {
	OPTIONAL,
	REQUIRED,	/* the event means nothing without it */
	ANYTHING,	/* of any type */
	REQUIRED_ANYTHING
};

struct member {
	const char *name, *value;
	enum need need;
};

struct schema {
	const char *type;
	struct member members[20];
};

#define ID(name) { name, "\"x1\"", OPTIONAL }
#define MEANT(name) { name, "\"x1\"", REQUIRED }
#define WORD(name) { name, "\"word\"", OPTIONAL }
#define COUNT(name) { name, "7", OPTIONAL }
#define ANY(name) { name, "{\"a\":1}", ANYTHING }
#define TASK ID("taskId"), ID("sessionId")

static const struct schema channels[] = {
	{ "chunk", { ID("id"), ID("agentId"), ID("sessionId"), MEANT("text"), COUNT("turn"),
		COUNT("timestamp"), WORD("kind"), ANY("error"), ANY("meta") } },
	{ "chunk", { WORD("text"), { "state", "\"done\"", OPTIONAL } } },
	{ "chunks", { ID("id"), WORD("text"), WORD("accumulated"), COUNT("timestamp") } },
	{ "tool:start", { MEANT("id"), ID("agentId"), ID("sessionId"), MEANT("tool"), ANY("input"),
		{ "status", "\"running\"", REQUIRED }, COUNT("timestamp"), COUNT("turn"), WORD("title") } },
	{ "tool:result", { MEANT("id"), ID("agentId"), ID("sessionId"), WORD("tool"), ANY("input"),
		ANY("output"), { "status", "\"complete\"", REQUIRED }, COUNT("duration"),
		COUNT("timestamp"), WORD("diff"), COUNT("exitCode"), ANY("error") } },
	{ "toolCalls", { MEANT("id"), WORD("tool"), { "status", "\"error\"", REQUIRED } } },
#define PERSON { MEANT("userId"), ID("sessionId"), WORD("displayName"), WORD("avatarUrl"), \
	{ "cursor", "{\"x\":1,\"y\":2.5}", OPTIONAL }, WORD("activeFile"), COUNT("lastSeen"), \
	COUNT("joinedAt") }
	{ "presence:joined", PERSON }, { "presence:left", PERSON }, { "presence:cursor", PERSON },
	{ "presence:timeout", PERSON }, { "presence", PERSON },
	{ "terminal:input", { MEANT("id"), ID("sessionId"), { "type", "\"input\"", OPTIONAL },
		MEANT("data"), { "source", "\"user\"", OPTIONAL }, COUNT("timestamp"), ID("userId") } },
	{ "terminal:output", { MEANT("id"), ID("sessionId"), { "type", "\"error\"", OPTIONAL },
		MEANT("data"), { "source", "\"agent\"", OPTIONAL }, COUNT("timestamp") } },
	{ "terminal", { MEANT("id"), { "type", "\"output\"", REQUIRED }, MEANT("data") } },
	{ "approval:requested", { MEANT("id"), TASK, { "payload", "{\"command\":\"ls\"}", REQUIRED },
		WORD("actor"), COUNT("timestamp") } },
	{ "approval:approved", { MEANT("id"), TASK, { "payload", "{\"ask\":\"x1\"}", OPTIONAL },
		WORD("actor"), COUNT("timestamp") } },
	{ "approval:rejected", { MEANT("id"), TASK, { "payload", "{\"ask\":\"x1\"}", OPTIONAL },
		WORD("actor"), COUNT("timestamp") } },
	{ "agent:resumed", { ID("id"), TASK, { "payload", "{\"text\":\"on\"}", OPTIONAL }, WORD("actor"),
		COUNT("timestamp"), WORD("message") } },
	{ "worktree:created", { ID("id"), TASK, { "payload", "{\"branch\":\"b\"}", OPTIONAL } } },
	{ "worktree:merged", { ID("id"), TASK, { "payload", "{\"branch\":\"b\"}", OPTIONAL } } },
	{ "worktree:removed", { ID("id"), TASK, { "payload", "{\"branch\":\"b\"}", OPTIONAL } } },
	{ "workflow", { ID("id"), TASK, { "type", "\"stage\"", REQUIRED },
		{ "payload", "{\"text\":\"t\"}", OPTIONAL }, COUNT("timestamp") } },
	{ "state:update", { MEANT("agentId"), TASK, { "status", "\"running\"", REQUIRED },
		COUNT("turn"), COUNT("maxTurns"), COUNT("progress"), WORD("currentTool"), WORD("message"),
		ANY("error"), COUNT("timestamp"), { "tokens", "{\"in\":1}", OPTIONAL } } },
	{ "agentState", { MEANT("agentId"), { "status", "\"idle\"", REQUIRED } } },
	{ "session", { ID("id"), WORD("title"), ID("parent"), WORD("directory"), WORD("model"),
		{ "status", "\"idle\"", OPTIONAL }, WORD("message"), { "tokens", "{\"out\":1}", OPTIONAL },
		COUNT("timestamp") } },
};

#define QUESTIONS { "questions", "[{\"question\":\"Why?\"}]", REQUIRED_ANYTHING }
#define ERROR { "error", "\"broke\"", REQUIRED_ANYTHING }
#define PROJECT MEANT("sandboxId"), ID("projectId")
#define JOB ID("jobId")

static const struct schema streams[] = {
	{ "container-agent:status", { TASK, MEANT("stage"), WORD("message") } },
	{ "container-agent:started", { TASK, WORD("model"), COUNT("maxTurns"), WORD("sandboxProvider") } },
	{ "container-agent:token", { TASK, MEANT("delta"), WORD("accumulated") } },
	{ "container-agent:turn", { TASK, { "turn", "1", REQUIRED }, COUNT("maxTurns"),
		COUNT("remaining") } },
	{ "container-agent:tool:start", { TASK, MEANT("toolName"), MEANT("toolId"), ANY("input") } },
	{ "container-agent:tool:result", { TASK, WORD("toolName"), MEANT("toolId"), ANY("result"),
		{ "isError", "false", OPTIONAL }, COUNT("durationMs") } },
	{ "container-agent:message", { TASK, { "role", "\"user\"", REQUIRED }, MEANT("content") } },
	{ "container-agent:complete", { TASK, { "status", "\"completed\"", REQUIRED },
		COUNT("turnCount"), ANY("result") } },
	{ "container-agent:error", { TASK, ERROR, ANY("code"), COUNT("turnCount") } },
	{ "container-agent:cancelled", { TASK, COUNT("turnCount") } },
	{ "container-agent:plan_ready", { TASK, { "plan", "\"do it\"", REQUIRED_ANYTHING },
		COUNT("turnCount"), ID("sdkSessionId"),
		{ "allowedPrompts", "[{\"tool\":\"Bash\",\"prompt\":\"ls\"}]", OPTIONAL },
		{ "launchSwarm", "true", OPTIONAL }, COUNT("teammateCount") } },
	{ "container-agent:task-update-failed", { TASK, ERROR, WORD("attemptedStatus") } },
	{ "container-agent:worktree", { TASK, ID("worktreeId"), MEANT("branch"), WORD("containerPath") } },
	{ "container-agent:file_changed", { TASK, MEANT("path"), MEANT("action"), WORD("toolName"),
		COUNT("additions"), COUNT("deletions") } },
	{ "plan:started", { TASK, ID("projectId") } },
	{ "plan:turn", { ID("sessionId"), ID("turnId"), { "role", "\"assistant\"", REQUIRED },
		MEANT("content") } },
	{ "plan:token", { ID("sessionId"), MEANT("delta"), WORD("accumulated") } },
	{ "plan:interaction", { ID("sessionId"), MEANT("interactionId"), QUESTIONS } },
	{ "plan:completed", { ID("sessionId"), WORD("issueUrl"), COUNT("issueNumber") } },
	{ "plan:error", { ID("sessionId"), ERROR, ANY("code") } },
	{ "plan:cancelled", { ID("sessionId") } },
	{ "sandbox:creating", { PROJECT, WORD("image") } },
	{ "sandbox:ready", { PROJECT, ID("containerId") } },
	{ "sandbox:idle", { PROJECT, COUNT("idleSince"), COUNT("timeoutMinutes") } },
	{ "sandbox:stopping", { PROJECT, WORD("reason") } },
	{ "sandbox:stopped", { PROJECT } },
	{ "sandbox:error", { PROJECT, ERROR, ANY("code") } },
	{ "sandbox:tmux:created", { PROJECT, MEANT("sessionName"), ID("taskId") } },
	{ "sandbox:tmux:destroyed", { PROJECT, MEANT("sessionName") } },
	{ "task-creation:started", { TASK } },
	{ "task-creation:message", { TASK, WORD("role"), WORD("content") } },
	{ "task-creation:token", { TASK, WORD("delta") } },
	{ "task-creation:suggestion", { TASK, MEANT("title"), WORD("description"),
		{ "labels", "[\"a\"]", OPTIONAL }, ANY("priority") } },
	{ "task-creation:questions", { TASK, QUESTIONS } },
	{ "task-creation:processing", { TASK } }, { "task-creation:completed", { TASK } },
	{ "task-creation:cancelled", { TASK } },
	{ "task-creation:error", { TASK, ANY("error"), WORD("message") } },
	{ "topology:agent_spawned", { MEANT("agentId"), ID("taskId"), MEANT("name"), WORD("role"),
		ID("parentId"), ID("sdkTaskId") } },
	{ "topology:agent_progress", { MEANT("agentId"), ID("sdkTaskId"), COUNT("tokens"),
		COUNT("toolUses"), COUNT("durationMs"), WORD("summary"), WORD("lastToolName") } },
	{ "topology:agent_completed", { MEANT("agentId"), { "status", "\"failed\"", REQUIRED },
		WORD("summary") } },
	{ "terraform:status", { JOB, WORD("status") } }, { "terraform:text", { JOB, WORD("text") } },
	{ "terraform:modules", { JOB, ANY("modules") } }, { "terraform:questions", { JOB, QUESTIONS } },
	{ "terraform:code", { JOB, ANY("code") } }, { "terraform:done", { JOB } },
	{ "terraform:error", { JOB, ANY("error") } },
};

/* What a record came to, with all the warnings' words. */
struct result {
	size_t events, warnings, raw;
	struct buf words;
};

static void
on_event(void *ctx, const struct event *e)
{
	struct result *r = ctx;
	bool note = e->kind == EVENT_NOTE;

	r->events++;
	r->warnings += note && e->note.level == NOTE_WARN;
	r->raw += note && e->note.level == NOTE_RAW;
	if (note)
		buf_str(&r->words, e->note.text);
}

static struct result
decode(struct str record)
{
	struct result r = { 0 };

	dialect_session.decode(record, &(struct event_sink){ on_event, &r });
	return r;
}

/* The event without member `out`, with another value for member `other`; -1: as it is. */
static struct result
decode_changed(const struct schema *s, int out, int other, const char *more)
{
	struct buf b = { 0 };
	struct result r;
	bool any = false;

	buf_printf(&b, "{\"type\":\"%s\",\"timestamp\":1,\"data\":{", s->type);
	for (int i = 0; s->members[i].name != NULL; i++) {
		const struct member *m = &s->members[i];
		/* No field is a list of true, and a list of them is no list of what it should be. */
		const char *value = i != other ? m->value : m->value[0] == '[' ? "7" : "[true]";

		if (i == out)
			continue;
		buf_printf(&b, "%s\"%s\":%s", any ? "," : "", m->name, value);
		any = true;
	}
	buf_printf(&b, "%s%s}}", any && *more != '\0' ? "," : "", more);
	r = decode(buf_view(&b));
	buf_done(&b);
	return r;
}

static bool
names(const struct result *r, const char *name)
{
	return str_find(buf_view(&r->words), str_from(name)) < r->words.n;
}

/* True when it is as it should be; says what is not. */
static bool
judge(const struct schema *s, const struct member *m, const char *how, struct result r, bool warns)
{
	bool right = warns ? r.warnings == 1 && names(&r, s->type) && names(&r, m->name) :
	    r.warnings == 0 && r.raw == 0;

	/* Never silently dropped. */
	right &= r.events > 0;
	if (!right)
		print_error("%s: %s %s: %zu events, %zu warnings, %zu raw: %.*s\n", s->type,
		    m != NULL ? m->name : "", how, r.events, r.warnings, r.raw, STR_ARG(buf_view(&r.words)));
	buf_done(&r.words);
	return right;
}

static void
check(const struct schema *s)
{
	const struct member *m;
	bool ok = judge(s, NULL, "as it is", decode_changed(s, -1, -1, ""), false);

	ok &= judge(s, NULL, "with one more", decode_changed(s, -1, -1, "\"unheardOf\":[1]"), false);
	for (int i = 0; (m = &s->members[i])->name != NULL; i++) {
		bool required = m->need == REQUIRED || m->need == REQUIRED_ANYTHING;
		bool typed = m->need == OPTIONAL || m->need == REQUIRED;

		ok &= judge(s, m, "left out", decode_changed(s, i, -1, ""), required);
		ok &= judge(s, m, "of another type", decode_changed(s, -1, i, ""), typed);
	}
	assert_true(ok);
}

static void
test_channels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
		check(&channels[i]);
}

static void
test_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		check(&streams[i]);
}

/* The same as items of a State stream, whose key stands for the id. */
static void
test_items(void **state)
{
	static const struct {
		const char *type, *value;
	} items[] = {
		{ "chunks", "{\"text\":\"a\"}" },
		{ "toolCalls", "{\"status\":\"running\"}" },
		{ "presence", "{}" },
		{ "terminal", "{\"type\":\"output\",\"data\":\"a\"}" },
		{ "workflow", "{\"type\":\"approval:requested\",\"payload\":{}}" },
		{ "agentState", "{\"status\":\"idle\"}" },
		{ "session", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		struct buf b = { 0 };
		struct result r;

		buf_printf(&b, "{\"type\":\"%s\",\"key\":\"k\",\"value\":%s,\"headers\":{\"operation\":"
		    "\"update\"}}", items[i].type, items[i].value);
		r = decode(buf_view(&b));
		assert_true(r.events > 0 && r.warnings == 0 && r.raw == 0);
		buf_done(&r.words);
		buf_clear(&b);
		buf_printf(&b, "{\"type\":\"%s\",\"key\":\"k\",\"value\":[7]}", items[i].type);
		r = decode(buf_view(&b));
		assert_true(r.events == 1 && r.warnings == 1 && names(&r, items[i].type));
		buf_done(&r.words);
		buf_done(&b);
	}
}

/* A type nobody knows is kept as it is, whole. */
static void
test_unknown(void **state)
{
	static const char *const records[] = {
		"{\"type\":\"nothing\",\"data\":{\"text\":\"a\"}}",
		"{\"type\":\"container-agent:dance\",\"data\":{\"taskId\":\"t\"}}",
		"{\"type\":\"plan:b\",\"data\":{}}", "{\"type\":\"sandbox:castle\",\"data\":{}}",
		"{\"type\":\"task-creation:myth\",\"data\":{}}", "{\"type\":\"topology:hole\",\"data\":{}}",
		"{\"type\":\"terraform:mars\",\"data\":{}}", "{\"type\":\"container-agent\",\"data\":{}}",
		"{\"channel\":\"gossip\",\"data\":{}}", "{\"type\":\"outputs\",\"chunk\":{}}",
		"{\"type\":7,\"data\":{}}", "{\"data\":{}}", "[]", "7", "{\"type\":\"chunk\"", "\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
		struct result r = decode(str_from(records[i]));

		assert_int_equal(r.events, 1);
		assert_int_equal(r.raw, 1);
		assert_str(buf_view(&r.words), str_from(records[i]));
		buf_done(&r.words);
	}
	/* Of a channel that is known but not the type on it, that is said. */
	for (size_t i = 0; i < 2; i++) {
		struct result r = decode(i == 0 ? STR("{\"channel\":\"workflow\",\"data\":{\"id\":\"1\","
		    "\"type\":\"dance\"}}") : STR("{\"type\":\"approval:forgotten\",\"data\":{\"id\":\"1\"}}"));

		assert_true(r.events == 1 && r.warnings == 1 && names(&r, "its type is not known"));
		buf_done(&r.words);
	}
}

/* What command-line agents put out stands beside its type. */
static void
test_output_of_agents(void **state)
{
	static const struct {
		const char *record, *warns;	/* NULL: it fits */
	} cases[] = {
		{ "{\"type\":\"output\",\"chunk\":{\"type\":\"text\",\"content\":\"a\",\"new\":1}}", NULL },
		{ "{\"type\":\"output\"}", "output: \"type\" is missing" },
		{ "{\"type\":\"output\",\"chunk\":7}", "output: not an object" },
		{ "{\"type\":\"output\",\"chunk\":{\"content\":\"a\"}}", "output: \"type\" is missing" },
		{ "{\"type\":\"output\",\"chunk\":{\"type\":\"text\"}}", "output: \"content\" is missing" },
		{ "{\"type\":\"output\",\"chunk\":{\"type\":7,\"content\":\"a\"}}",
			"output: \"type\" is not a string" },
		{ "{\"type\":\"output\",\"chunk\":{\"type\":\"smell\",\"content\":\"a\"}}",
			"output: \"type\" is not known" },
		{ "{\"type\":\"output\",\"chunk\":{\"type\":\"tool_use\",\"content\":\"a\",\"metadata\":"
			"{\"isError\":\"no\"}}}", "output: \"isError\" is not true or false" },
		{ "{\"type\":\"status_change\",\"status\":\"running\"}", NULL },
		{ "{\"type\":\"status_change\"}", "status_change: \"status\" is missing" },
		{ "{\"type\":\"approval_request\",\"id\":[]}",
			"approval_request: \"id\" is not a string or number" },
		{ "{\"type\":\"input_request\",\"prompt\":\"name?\"}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct result r = decode(str_from(cases[i].record));

		assert_true(r.events > 0);
		assert_str(buf_view(&r.words), str_from(cases[i].warns != NULL ? cases[i].warns : ""));
		assert_int_equal(r.warnings, cases[i].warns != NULL);
		buf_done(&r.words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_output_of_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
