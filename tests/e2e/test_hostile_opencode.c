/*
 * Hostile text in every field of what an opencode server says: of what is fetched, of each event, of
 * what it offers. Whatever stands there, the bytes that reach the terminal are weir's own, the frame
 * stays where it is, and what comes next is still shown.
 */

#include <locale.h>

#include "tests/e2e/scrutiny.h"
#include "tests/e2e/visit.h"
#include "tests/e2e/world.h"
#include "tests/harness/peer.h"
#include "tests/hostile.h"
#include "wire/json.h"

/* In all templates @ is a sample as JSON, # its number in six digits, ~ as it is. */
#define TIMES "\"time\":{\"created\":5,\"completed\":9}"
#define PART(id, part) "{\"id\":\"prt_#" id "\",\"messageID\":\"msg_#" id "\",\"sessionID\":\"ses_1\"," part "}"
#define TOOL(call, state) PART("c", "\"type\":\"tool\",\"callID\":\"" call "\",\"tool\":@,\"state\":" state)

static const struct message {
	const char *info;
	const char *parts[12];
} messages[] = {
	{ "{\"id\":\"msg_#a\",\"role\":\"user\",\"agent\":@,\"model\":{\"providerID\":@,\"modelID\":@},"
	    "\"summary\":{\"title\":@}," TIMES "}",
	    { PART("a", "\"type\":\"text\",\"text\":@"),
	    "{\"id\":@,\"messageID\":\"msg_#a\",\"type\":\"file\",\"filename\":@,\"url\":@,\"mime\":@}",
	    "{\"id\":\"prt_#a2\",\"messageID\":\"msg_#a\",\"type\":\"file\",\"url\":@,\"mime\":@}",
	    "{\"id\":\"prt_#a3\",\"messageID\":\"msg_#a\",\"type\":\"subtask\",\"prompt\":@,\"agent\":@,"
	    "\"description\":@}", PART("a", "\"type\":\"agent\",\"name\":@") } },
	{ "{\"id\":\"msg_#b\",\"role\":\"assistant\",\"parentID\":\"msg_#a\",\"agent\":@,\"mode\":@,"
	    "\"modelID\":@,\"providerID\":@,\"path\":{\"cwd\":@,\"root\":@},\"finish\":@," TIMES "}",
	    { PART("b", "\"type\":\"reasoning\",\"text\":@,\"time\":{\"start\":5,\"end\":6}"),
	    "{\"id\":\"prt_#b2\",\"messageID\":\"msg_#b\",\"type\":\"text\",\"text\":@,\"time\":{\"start\":6,"
	    "\"end\":7}}",
	    "{\"id\":\"prt_#b3\",\"messageID\":\"msg_#b\",\"type\":\"retry\",\"attempt\":2,\"error\":{\"name\":@,"
	    "\"data\":{\"message\":@}}}",
	    PART("b", "\"type\":\"step-finish\",\"reason\":@"), PART("b", "\"type\":\"compaction\""),
	    PART("b", "\"type\":\"patch\",\"hash\":@,\"files\":[@]"), PART("b", "\"type\":@,\"x\":@") } },
	{ "{\"id\":\"msg_#c\",\"role\":\"assistant\",\"parentID\":\"msg_#a\",\"agent\":\"build\",\"error\":{"
	    "\"name\":@,\"data\":{\"message\":@,\"responseBody\":@}}," TIMES "}",
	    { TOOL("c1", "{\"status\":\"completed\",\"input\":{\"command\":@,\"description\":@},\"output\":@,"
	    "\"title\":@,\"metadata\":{\"output\":@,\"exit\":3,\"diff\":@,\"sessionId\":@},\"time\":{\"start\":1,"
	    "\"end\":2}}"),
	    TOOL("c2", "{\"status\":\"completed\",\"input\":{\"filePath\":@,\"content\":@},\"output\":@,"
	    "\"title\":@,\"metadata\":{}}"), TOOL("c3", "{\"status\":\"error\",\"input\":{\"path\":@},\"error\":@}"),
	    TOOL("c4", "{\"status\":@}"), TOOL("c5", "{\"status\":\"running\",\"input\":{\"url\":@},\"title\":@}"),
	    "{\"id\":@,\"messageID\":\"msg_#c\",\"type\":\"tool\",\"callID\":@,\"tool\":@,\"state\":{\"status\":"
	    "\"pending\",\"input\":{},\"raw\":@}}" } },
	{ "{\"id\":\"msg_#d\",\"role\":@,\"agent\":@}", { NULL } },
	{ "{\"id\":\"msg_#e\",\"role\":\"assistant\",\"parentID\":\"msg_#a\",\"agent\":\"build\"," TIMES "}",
	    { PART("e", "\"type\":\"text\",\"text\":\" SAFE-~. \",\"time\":{\"start\":5,\"end\":6}") } },
};
enum { MESSAGES = sizeof messages / sizeof *messages };

#define INFO "{\"id\":\"ses_1\",\"title\":@,\"directory\":@,\"agent\":@,\"slug\":@,\"version\":@,\"model\":{" \
	"\"id\":@,\"providerID\":@},\"time\":{\"created\":1,\"updated\":2}}"
#define CHILD "{\"id\":\"ses_#\",\"parentID\":\"ses_1\",\"title\":@,\"agent\":@,\"directory\":@}"
#define RETRY "{\"type\":\"retry\",\"attempt\":2,\"message\":@,\"next\":9,\"action\":{\"label\":@}}"
#define TODOS "[{\"content\":@,\"status\":\"in_progress\",\"priority\":@},{\"content\":@,\"status\":@}]"
#define PERMISSION "{\"id\":\"per_#\",\"sessionID\":\"ses_1\",\"permission\":@,\"patterns\":[@,@],\"metadata\":{" \
	"\"command\":@,\"description\":@},\"always\":[@],\"tool\":{\"messageID\":\"msg_#b\",\"callID\":@}}"
#define EDIT "{\"id\":\"per_#e\",\"sessionID\":\"ses_1\",\"permission\":\"edit\",\"patterns\":[@],\"metadata\":{" \
	"\"filepath\":@,\"diff\":@},\"always\":[@]}"
#define QUESTION "{\"id\":\"que_#\",\"sessionID\":\"ses_1\",\"questions\":[{\"question\":@,\"header\":@," \
	"\"options\":[{\"label\":@,\"description\":@},{\"label\":@}],\"multiple\":true},{\"question\":@,\"header\":@," \
	"\"options\":[{\"label\":@,\"description\":@}]}]}"
/* Of a list the server forgets what they printed before anybody can read it. */
#define PTY "{\"id\":\"pty_#\",\"title\":@,\"command\":@,\"args\":[@,@],\"cwd\":@,\"status\":@,\"pid\":7}"
#define EVENT(type, properties) "{\"id\":\"evt_#\",\"type\":" type ",\"properties\":{\"sessionID\":\"ses_1\"," \
	properties "}}"

/* In front of the messages of a sample. */
static const char *const events[] = {
	EVENT("\"session.updated\"", "\"info\":" INFO),
	EVENT("\"session.status\"", "\"status\":" RETRY), EVENT("\"session.status\"", "\"status\":{\"type\":@}"),
	EVENT("\"session.error\"", "\"error\":{\"name\":@,\"data\":{\"message\":@}}"),
	EVENT("\"session.error\"", "\"error\":@"), EVENT("\"todo.updated\"", "\"todos\":" TODOS),
	"{\"type\":\"session.created\",\"properties\":{\"sessionID\":\"ses_#\",\"info\":" CHILD "}}",
	"{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"ses_#\",\"status\":{\"type\":\"busy\"}}}",
	"{\"type\":\"message.part.updated\",\"properties\":{\"sessionID\":\"ses_#\",\"part\":{\"id\":\"prt_#x\","
	"\"messageID\":\"msg_#x\",\"type\":\"tool\",\"callID\":\"x\",\"tool\":@,\"state\":{\"status\":\"running\","
	"\"input\":{},\"title\":@}}}}",
	"{\"type\":\"permission.asked\",\"properties\":" PERMISSION "}",
	"{\"type\":\"permission.asked\",\"properties\":" EDIT "}",
	"{\"type\":\"question.asked\",\"properties\":" QUESTION "}",
	EVENT("\"permission.replied\"", "\"requestID\":\"per_#\",\"reply\":\"reject\",\"message\":@"),
	EVENT("\"permission.replied\"", "\"requestID\":\"per_#e\",\"reply\":@"),
	EVENT("\"question.replied\"", "\"requestID\":\"que_#\",\"answers\":[[@,@],[@]]"),
	EVENT("\"permission.replied\"", "\"requestID\":\"per_#e\",\"reply\":\"once\""),
	EVENT("\"permission.replied\"", "\"requestID\":@,\"reply\":\"once\""),
	"{\"type\":\"pty.created\",\"properties\":{\"info\":" PTY "}}",
	"{\"type\":\"pty.updated\",\"properties\":{\"info\":" PTY "}}",
	"{\"type\":\"pty.created\",\"properties\":{\"info\":{\"id\":@,\"title\":@}}}",
	"{\"type\":\"pty.exited\",\"properties\":{\"id\":\"pty_#\",\"exitCode\":@}}",
	"{\"type\":\"pty.deleted\",\"properties\":{\"id\":\"pty_#\"}}",
	EVENT("\"command.executed\"", "\"name\":@,\"arguments\":@"),
	EVENT("\"session.diff\"", "\"diff\":[{\"file\":@,\"patch\":@}]"),
	EVENT("\"message.part.delta\"", "\"messageID\":@,\"partID\":@,\"field\":\"text\",\"delta\":@"),
	EVENT("\"message.part.delta\"", "\"messageID\":\"msg_#y\",\"partID\":\"prt_#y\",\"field\":@,\"delta\":@"),
	EVENT("@", "\"any\":@"), EVENT("\"message.updated\"", "\"info\":{\"id\":@,\"role\":\"assistant\","
	"\"agent\":@," TIMES "}"), EVENT("\"message.removed\"", "\"messageID\":@"),
};

/* ---- samples */

enum { SAMPLES = 512 };

struct samples {
	struct buf quoted[SAMPLES];
	unsigned n;
};

static void
add_sample(struct str text, void *ctx)
{
	struct samples *all = ctx;
	struct json_writer w = { 0 };

	assert_true(all->n < SAMPLES);
	w.out = &all->quoted[all->n++];
	jw_string(&w, text);
}

/* Live ones are numbered behind those that are fetched. */
static void
expand(const char *template, const struct samples *all, unsigned number, struct buf *out)
{
	for (const char *p = template; *p != '\0'; p++) {
		if (*p == '@')
			buf_str(out, buf_view(&all->quoted[number % all->n]));
		else if (*p == '#')
			buf_printf(out, "%06u", number);
		else if (*p == '~')
			buf_printf(out, "%u", number);
		else
			buf_byte(out, *p);
	}
}

/* "[a,b,…]" of a template for the samples from `from` on. */
static void
array_of(const char *template, const struct samples *all, unsigned from, unsigned n, struct buf *out)
{
	buf_byte(out, '[');
	for (unsigned i = 0; i < n; i++) {
		buf_str(out, i > 0 ? STR(",") : STR_NONE);
		expand(template, all, from + i, out);
	}
	buf_byte(out, ']');
}

/* ---- the server */

static void
canned(struct peer *p, const char *path, const struct buf *body)
{
	struct buf text = { 0 }, begins = { 0 };

	buf_printf(&begins, "GET %s", path);
	buf_printf(&text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    body->n);
	buf_str(&text, buf_view(body));
	peer_canned(p, buf_cstr(&begins), buf_view(&text), PEER_DONE, 0);
	buf_done(&begins);
	buf_done(&text);
}

static void
can_messages(struct peer *p, const struct samples *all)
{
	struct buf list = { 0 };

	buf_byte(&list, '[');
	for (unsigned i = 0; i < all->n; i++)
		for (int m = 0; m < MESSAGES; m++) {
			buf_str(&list, list.n > 1 ? STR(",{\"info\":") : STR("{\"info\":"));
			expand(messages[m].info, all, i, &list);
			buf_str(&list, STR(",\"parts\":["));
			for (int k = 0; messages[m].parts[k] != NULL; k++) {
				buf_str(&list, k > 0 ? STR(",") : STR_NONE);
				expand(messages[m].parts[k], all, i, &list);
			}
			buf_str(&list, STR("]}"));
		}
	buf_byte(&list, ']');
	canned(p, "/session/ses_1/message", &list);
	buf_done(&list);
}

/* With `asks` something always waits for an answer; else the status line says what the server does. */
static void
can_all(struct peer *p, const struct samples *all, bool asks)
{
	static const struct {
		const char *path, *template;
		bool one, ask;
	} answers[] = {
		{ "/session/ses_1/children", CHILD, false }, { "/session/ses_1/todo", TODOS, true },
		{ "/session/status", "{\"ses_1\":" RETRY ",\"ses_#\":" RETRY "}", true },
		{ "/permission", PERMISSION, false, true }, { "/question", QUESTION, false, true },
		{ "/agent", "{\"name\":@,\"description\":@,\"mode\":\"primary\"}", false },
		{ "/command", "{\"name\":@,\"description\":@,\"source\":@}", false },
		{ "/session/ses_1", INFO, true }, { "/pty", PTY, false },
	};

	can_messages(p, all);
	peer_canned(p, "GET /pty/", STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), PEER_DONE, 0);
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct buf body = { 0 };

		if (answers[i].one)
			expand(answers[i].template, all, all->n - 1, &body);
		else
			array_of(answers[i].template, all, 0, asks || !answers[i].ask ? all->n : 0, &body);
		canned(p, answers[i].path, &body);
		buf_done(&body);
	}
}

/* A provider for each sample, with a model of its name. */
static void
can_models(struct peer *p, const struct samples *all)
{
	struct buf body = { 0 };

	buf_str(&body, STR("{\"providers\":"));
	array_of("{\"id\":@,\"name\":@,\"models\":{@:{\"name\":@}}}", all, 0, all->n, &body);
	buf_byte(&body, '}');
	canned(p, "/config/providers", &body);
	buf_done(&body);
}

static size_t
stream_of(struct peer *p)
{
	for (size_t i = 0;; i++)
		if (str_starts(peer_head(p, i), STR("GET /event")))
			return i;
}

static void
write_event(struct peer *p, size_t stream, struct str event)
{
	struct buf text = { 0 };

	buf_printf(&text, "data: %.*s\n\n", STR_ARG(event));
	peer_write(p, stream, buf_view(&text), PEER_OPEN);
	buf_done(&text);
}

static void
write_member(struct peer *p, size_t stream, const char *type, const char *key, const char *template,
    const struct samples *all, unsigned number)
{
	struct buf event = { 0 };

	buf_printf(&event, "{\"type\":\"%s\",\"properties\":{\"sessionID\":\"ses_1\",\"%s\":", type, key);
	expand(template, all, number, &event);
	buf_str(&event, STR("}}"));
	write_event(p, stream, buf_view(&event));
	buf_done(&event);
}

static void
write_sample(struct peer *p, size_t stream, const struct samples *all, unsigned number)
{
	struct buf event = { 0 };

	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		buf_clear(&event);
		expand(events[i], all, number, &event);
		write_event(p, stream, buf_view(&event));
	}
	for (int m = 0; m < MESSAGES; m++) {
		write_member(p, stream, "message.updated", "info", messages[m].info, all, number);
		for (int k = 0; messages[m].parts[k] != NULL; k++)
			write_member(p, stream, "message.part.updated", "part", messages[m].parts[k], all, number);
	}
	buf_done(&event);
}

/* ---- the reader */

/* Every page of the list that a command opens. */
static void
visit_list(struct visit *v, struct term *t, const char *command, const char *title)
{
	term_type(t, command);
	assert_true(term_wait_text(t, title, SOON));
	assert_true(term_wait_gone(t, "asking the server", SOON));
	visit_look(v);
	while (!term_has(t, "▸ the last"))
		visit_type(v, "\033[6~");
	visit_type(v, "\r");
}

/* Each sample alone: what it does to the title, the strip and the status line is seen. */
static void
visit_live(struct visit *v, struct term *t, struct peer *p, const struct samples *all)
{
	size_t stream = stream_of(p);

	for (unsigned i = 0; i < all->n; i++) {
		char word[32];

		snprintf(word, sizeof word, "SAFE-%u.", all->n + i);
		write_sample(p, stream, all, all->n + i);
		assert_true(term_wait_text(t, word, SOON));
		visit_look(v);
	}
	write_event(p, stream, STR(EVENT("\"message.updated\"", "\"info\":{\"id\":\"msg_z\",\"role\":"
	    "\"assistant\",\"agent\":\"build\"," TIMES "}")));
	write_event(p, stream, STR(EVENT("\"message.part.updated\"", "\"part\":{\"id\":\"prt_z\",\"messageID\":"
	    "\"msg_z\",\"type\":\"text\",\"text\":\"THE END\",\"time\":{\"start\":5,\"end\":6}}")));
	assert_true(term_wait_text(t, "THE END", SOON));
	visit_look(v);
}

/* All that was fetched, through a pipe. */
static void
check_tail(struct world *w, const char *url)
{
	const char *const args[] = { "tail", "--no-follow", url, NULL };
	struct buf out = { 0 };
	const char *wrong;
	int status;

	world_run(w, args, &out, &status);
	assert_int_equal(status, 0);
	wrong = scrutiny_plain(buf_view(&out));
	if (wrong != NULL)
		fail_msg("weir tail wrote %s", wrong);
	assert_true(str_find(buf_view(&out), STR("SAFE-0.")) < out.n);
	buf_done(&out);
}

static void
check(const char *collection, int rows, int cols, bool asks)
{
	static struct samples all;
	struct peer *p = peer_new(NULL);
	struct world w;
	char url[128];
	const char *const args[] = { "attach", "--no-cache", url, NULL };
	struct visit *v;
	struct term *t;

	all.n = 0;
	hostile_each(collection, add_sample, &all);
	add_sample(STR("the last"), &all);
	can_all(p, &all, asks);
	can_models(p, &all);
	peer_canned(p, "GET /event", STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"), PEER_OPEN,
	    0);
	snprintf(url, sizeof url, "%s/session/ses_1", peer_url(p));
	world_open(&w);
	t = world_term(&w, args, rows, cols);
	v = visit_new(t, 2 * all.n);
	assert_true(term_wait_text(t, "● live", SOON));
	visit_look(v);
	visit_live(v, t, p, &all);
	if (asks) {
		visit_type(v, "a");
		term_type(t, "\033");
		assert_true(term_wait_text(t, "wait: press a ", SOON));
	}
	visit_list(v, t, ":agent\r", "who answers");
	visit_list(v, t, ":model\r", "with what model");
	visit_list(v, t, ":slash\r", "a command of the agent's");
	/* The one that was chosen is in the composer. */
	term_type(t, "\025");
	assert_true(term_wait_text(t, "your message", SOON));
	term_type(t, "\033");
	assert_true(term_wait_text(t, "i writes", SOON));
	visit_all(v);
	visit_free(v);
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	check_tail(&w, url);
	world_close(&w);
	peer_free(p);
	for (unsigned i = 0; i < all.n; i++)
		buf_done(&all.quoted[i]);
}

static void
test_samples(void **state)
{
	(void)state;
	check(HOSTILE_OWN, 70, 80, true);
}

static void
test_samples_on_a_wide_screen(void **state)
{
	(void)state;
	check(HOSTILE_OWN, 24, 200, false);
}

static void
test_more(void **state)
{
	(void)state;
	check(HOSTILE_MORE, 50, 132, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_samples_on_a_wide_screen),
		cmocka_unit_test(test_more),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
