#include "app/player.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/client.h"
#include "app/demo_script.h"
#include "app/loop.h"
#include "app/publish.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/json.h"

/* Streamed text comes in pieces of about TOKEN bytes, one every TOKEN_PAUSE ms. */
enum { TOKEN = 4, TOKEN_PAUSE = 24 };

#define AGENT "claude"

struct player {
	struct player_options options;
	struct endpoint endpoint;
	struct http *http;
	struct publisher *publisher;
	struct client *client;		/* listens to what others send */

	size_t step;
	int64_t due;			/* clock_mono of the next thing to do */
	const char *streaming;		/* the rest of the text that is being said */
	bool reasoning, answering;
	char *reply;			/* owns what `streaming` points into while answering */
	size_t nreplies;
	int turn;
	uint64_t number;		/* of items, for their keys */
	size_t heard;			/* session items that were looked at */
	bool listening;
	int64_t ask_until;		/* an approval is awaited; 0: none */
};

/* One State Protocol item: begin, then pairs of its value, then finish. */

struct item_writer {
	struct buf json;
	struct json_writer w;
};

static void
begin(struct player *p, struct item_writer *iw, const char *channel, const char *key)
{
	char made[32];

	if (key == NULL) {
		snprintf(made, sizeof made, "d%" PRIu64, ++p->number);
		key = made;
	}
	*iw = (struct item_writer){ 0 };
	iw->w.out = &iw->json;
	jw_object(&iw->w);
	jw_pair(&iw->w, "type", str_from(channel));
	jw_pair(&iw->w, "key", str_from(key));
	jw_key(&iw->w, "value");
	jw_object(&iw->w);
	jw_pair(&iw->w, "id", str_from(key));
	jw_pair(&iw->w, "sessionId", STR("demo"));
	jw_pair_i64(&iw->w, "timestamp", clock_wall());
}

static void
pair(struct item_writer *iw, const char *key, const char *value)
{
	if (value != NULL)
		jw_pair(&iw->w, key, str_from(value));
}

static void
finish(struct player *p, struct item_writer *iw)
{
	jw_end_object(&iw->w);
	jw_key(&iw->w, "headers");
	jw_object(&iw->w);
	jw_pair(&iw->w, "operation", STR("upsert"));
	jw_end_object(&iw->w);
	jw_end_object(&iw->w);
	publisher_add(p->publisher, buf_view(&iw->json));
	buf_done(&iw->json);
}

static void
chunk(struct player *p, struct str text, const char *state)
{
	struct item_writer iw;

	begin(p, &iw, "chunks", NULL);
	pair(&iw, "agentId", AGENT);
	jw_pair_i64(&iw.w, "turn", p->turn);
	jw_pair(&iw.w, "text", text);
	if (p->reasoning)
		pair(&iw, "kind", "reasoning");
	pair(&iw, "state", state);
	finish(p, &iw);
}

static void
tool(struct player *p, const char *id, const char *status, const struct demo_step *s)
{
	struct item_writer iw;

	begin(p, &iw, "toolCalls", id);
	pair(&iw, "agentId", AGENT);
	pair(&iw, "status", status);
	if (s->op == DEMO_TOOL) {
		pair(&iw, "tool", s->b);
		pair(&iw, "input", s->c);
	} else
		pair(&iw, "output", s->b);
	if (s->op == DEMO_RESULT) {
		pair(&iw, "diff", s->c);
		jw_pair_i64(&iw.w, "exitCode", 0);
	}
	if (s->op == DEMO_FAIL)
		jw_pair_i64(&iw.w, "exitCode", 1);
	finish(p, &iw);
}

static void
workflow(struct player *p, const char *key, const char *type, const char *actor, const char *text,
    const char *state, const char *command)
{
	struct item_writer iw;

	begin(p, &iw, "workflow", key);
	pair(&iw, "type", type);
	pair(&iw, "actor", actor);
	jw_key(&iw.w, "payload");
	jw_object(&iw.w);
	if (strncmp(type, "approval:", 9) == 0) {
		pair(&iw, "title", text);
		pair(&iw, "tool", command != NULL ? "bash" : NULL);
		pair(&iw, "command", command);
	} else {
		pair(&iw, "text", text);
		pair(&iw, "state", state);
	}
	jw_end_object(&iw.w);
	finish(p, &iw);
}

static void
presence(struct player *p, const char *who, const char *type)
{
	struct item_writer iw;

	begin(p, &iw, "presence", who);
	pair(&iw, "type", type);
	pair(&iw, "userId", who);
	pair(&iw, "displayName", who);
	jw_pair_i64(&iw.w, "lastSeen", clock_wall());
	finish(p, &iw);
}

static void
terminal(struct player *p, const char *type, const char *source, const char *user, const char *data)
{
	struct item_writer iw;

	begin(p, &iw, "terminal", NULL);
	pair(&iw, "type", type);
	pair(&iw, "source", source);
	pair(&iw, "userId", user);
	pair(&iw, "data", data);
	finish(p, &iw);
}

static void
agent_state(struct player *p, const struct demo_step *s)
{
	struct item_writer iw;

	begin(p, &iw, "agentState", AGENT);
	pair(&iw, "agentId", AGENT);
	pair(&iw, "status", s->a);
	pair(&iw, "currentTool", s->b);
	pair(&iw, "message", s->c);
	jw_pair_i64(&iw.w, "turn", p->turn);
	finish(p, &iw);
}

static void
add_session(struct player *p, const struct demo_step *s)
{
	struct item_writer iw;

	begin(p, &iw, "session", "demo");
	if (s->op == DEMO_TITLE) {
		pair(&iw, "title", s->a);
		pair(&iw, "model", s->b);
	} else {
		jw_key(&iw.w, "tokens");
		jw_object(&iw.w);
		jw_pair_i64(&iw.w, "input", atoll(s->a));
		jw_pair_i64(&iw.w, "output", atoll(s->b));
		jw_end_object(&iw.w);
		jw_key(&iw.w, "cost");
		jw_raw(&iw.w, str_from(s->c));
	}
	finish(p, &iw);
}

static void
wait_ms(struct player *p, int64_t ms)
{
	if (p->options.speed > 0)
		p->due = clock_mono() + (int64_t)((double)ms / p->options.speed);
}

/* A piece of about TOKEN bytes that does not cut a character. */
static void
say_token(struct player *p)
{
	struct str rest = str_from(p->streaming);
	size_t n = rest.n < TOKEN ? rest.n : TOKEN;

	while (n < rest.n && ((unsigned char)rest.p[n] & 0xC0) == 0x80)
		n++;
	chunk(p, str_head(rest, n), NULL);
	p->streaming += n;
	wait_ms(p, TOKEN_PAUSE);
	if (n == rest.n) {
		p->streaming = NULL;
		if (p->answering)
			chunk(p, STR(""), "done");
		p->answering = false;
		free(p->reply);
		p->reply = NULL;
	}
}

static void
say(struct player *p, const char *text, bool reasoning)
{
	p->streaming = text;
	p->reasoning = reasoning;
}

static void
play_step(struct player *p, const struct demo_step *s)
{
	switch (s->op) {
	case DEMO_TITLE:
	case DEMO_USAGE:
		add_session(p, s);
		break;
	case DEMO_USER:
		p->turn++;
		terminal(p, "input", "user", s->a, s->b);
		break;
	case DEMO_THINK:
		say(p, s->a, true);
		break;
	case DEMO_SAY:
		say(p, s->a, false);
		break;
	case DEMO_END:
		p->reasoning = false;
		chunk(p, STR(""), "done");
		break;
	case DEMO_TOOL:
	case DEMO_OUTPUT:
		tool(p, s->a, "running", s);
		break;
	case DEMO_RESULT:
		tool(p, s->a, "complete", s);
		break;
	case DEMO_FAIL:
		tool(p, s->a, "error", s);
		break;
	case DEMO_ASK:
		workflow(p, s->a, "approval:requested", AGENT, s->b, NULL, s->c);
		p->ask_until = clock_mono() + p->options.patience;
		break;
	case DEMO_STATE:
		agent_state(p, s);
		break;
	case DEMO_STEP:
		workflow(p, s->a, "step", AGENT, s->b, s->c, NULL);
		break;
	case DEMO_TODO:
		workflow(p, s->a, "todo", AGENT, s->b, s->c, NULL);
		break;
	case DEMO_JOIN:
		presence(p, s->a, "presence:joined");
		break;
	case DEMO_LEAVE:
		presence(p, s->a, "presence:left");
		break;
	case DEMO_INPUT:
		terminal(p, "input", "agent", NULL, s->a);
		break;
	case DEMO_TERM:
		terminal(p, "output", "agent", NULL, s->a);
		break;
	}
}

/* What was typed, as a markdown quote, one line. */
static char *
make_reply(const char *form, struct str typed)
{
	struct buf quoted = { 0 }, out = { 0 };
	const char *hole = strstr(form, "%s");

	typed = str_head(typed, 200);
	typed.n -= utf8_partial_tail(typed);
	for (size_t i = 0; i < typed.n; i++)
		buf_byte(&quoted, typed.p[i] == '\n' ? ' ' : typed.p[i]);
	buf_add(&out, form, (size_t)(hole - form));
	buf_str(&out, buf_view(&quoted));
	buf_str(&out, str_from(hole + 2));
	buf_cstr(&out);
	buf_done(&quoted);
	return out.p;
}

static void
reply_to(struct player *p, const struct item *it)
{
	const char *form = demo_replies[p->nreplies++];

	if (demo_replies[p->nreplies] == NULL)
		p->nreplies = 0;
	/* A turn of its own, so that the step that was interrupted goes on as another message. */
	p->turn++;
	p->reply = make_reply(form, buf_view(&it->text));
	p->answering = true;
	say(p, p->reply, false);
}

static bool
by_script(const struct item *it)
{
	return str_eq(buf_view(&it->agent), STR("anna"));
}

/* The next thing others typed since the last look. */
static const struct item *
next_typed(struct player *p)
{
	struct session *s = client_session(p->client);

	while (p->heard < s->nitems) {
		const struct item *it = s->items[p->heard++];

		if (it->kind == ITEM_USER && !by_script(it))
			return it;
	}
	return NULL;
}

/* True while an approval is awaited; gives it in anna's name when patience is over. */
static bool
awaiting(struct player *p)
{
	const struct demo_step *asked;
	const struct item *it;

	if (p->ask_until == 0)
		return false;
	asked = &demo_steps[p->step - 1];
	it = session_find(client_session(p->client), ITEM_ASK, str_from(asked->a));
	if (it == NULL || !it->ask.answered) {
		if (clock_mono() < p->ask_until)
			return true;
		workflow(p, asked->a, "approval:approved", "anna", asked->b, NULL, NULL);
	}
	p->ask_until = 0;
	return false;
}

static bool
over(const struct player *p)
{
	return p->step == demo_nsteps && p->streaming == NULL && p->ask_until == 0;
}

/* Does what is due; at unlimited speed a bounded amount, so that the network is looked at. */
static void
play(struct player *p)
{
	for (int budget = 64; budget > 0 && clock_mono() >= p->due; budget--) {
		const struct item *typed;

		if (p->streaming != NULL) {
			say_token(p);
			continue;
		}
		if ((typed = next_typed(p)) != NULL) {
			reply_to(p, typed);
			continue;
		}
		if (awaiting(p) || p->step == demo_nsteps)
			return;
		play_step(p, &demo_steps[p->step++]);
		if (p->step < demo_nsteps)
			wait_ms(p, demo_steps[p->step].pause);
	}
}

static int64_t
deadline(const struct player *p)
{
	int64_t next = publisher_deadline(p->publisher), t;

	if (!p->listening)
		return next;
	if (!over(p)) {
		t = p->ask_until > 0 && p->streaming == NULL ? p->ask_until : p->due;
		next = t < next ? t : next;
	}
	t = client_deadline(p->client);
	return t < next ? t : next;
}

/* Nobody can listen to a stream before it is there. */
static enum err
listen_when_created(struct player *p, struct error *e)
{
	if (p->listening || !publisher_created(p->publisher))
		return ERR_OK;
	p->listening = true;
	if (p->options.ready_fd >= 0 && write(p->options.ready_fd, "", 1) != 1)
		return error_set(e, ERR_FAILED, "nobody waits for the session any more");
	return client_connect(p->client, e);
}

static enum err
run(struct player *p, struct error *e)
{
	struct http_message m;
	bool changed;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = http_fd(p->http), .events = POLLIN },
			{ .fd = client_fd(p->client), .events = POLLIN },
		};

		loop_wait(fds, 2, deadline(p));
		while (http_next(p->http, &m))
			publisher_message(p->publisher, &m);
		publisher_tick(p->publisher);
		if (publisher_failed(p->publisher, e) || listen_when_created(p, e) != ERR_OK)
			return e->code;
		if (client_work(p->client, &changed, e) != ERR_OK)
			return e->code;
		if (p->listening)
			play(p);
		if (over(p) && !p->options.stay) {
			if (p->options.close)
				publisher_finish(p->publisher);
			if (publisher_idle(p->publisher))
				return ERR_OK;
		}
	}
}

enum err
player_run(const struct player_options *options, struct error *e)
{
	const struct client_options listen = { .url = options->url, .user = "player", .read_only = true };
	struct player p = { .options = *options };
	char producer[64];
	enum err err;

	err = endpoint_parse(&p.endpoint, str_from(options->url), e);
	if (err == ERR_OK && (p.http = http_new(e)) == NULL)
		err = e->code;
	if (err == ERR_OK)
		err = client_open(&p.client, &listen, e);
	if (err != ERR_OK)
		goto out;
	snprintf(producer, sizeof producer, "player-%" PRId64 "-%d", clock_wall(), (int)getpid());
	p.publisher = publisher_new(p.http, &p.endpoint, str_from(producer));
	err = run(&p, e);
out:
	client_close(p.client);
	publisher_free(p.publisher);
	http_free(p.http);
	endpoint_done(&p.endpoint);
	free(p.reply);
	return err;
}
