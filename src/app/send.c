/* weir send: posts into a session from a script, exactly once. */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app/client.h"
#include "app/config.h"
#include "app/loop.h"
#include "app/output.h"
#include "app/subcommand.h"
#include "app/summary.h"
#include "app/tail.h"
#include "base/clock.h"
#include "text/safe.h"

enum { TEXT_MAX = 1 << 20 };

struct options {
	struct access_settings access;
	const char *answer, *ask, *stop, *timeout, *wait;
};

enum job { SEND_TEXT, SEND_ANSWER, SEND_STOP };

struct sender {
	struct client *client;
	enum job job;
	struct buf text, ask, detail;
	enum ask_answer answer;
	uint64_t item;			/* number of what was sent, 0: not yet */
	bool sent, wait_turn;
	bool began, ended;		/* the turn behind it */
	bool stopped, refused;		/* what became of SEND_STOP */
};

static enum err
on_event(void *ctx, const struct event *ev, struct error *e)
{
	struct sender *s = ctx;
	bool busy;

	(void)ev, (void)e;
	if (s->client == NULL)
		return ERR_OK;
	busy = summary_busy(client_session(s->client));
	s->began |= s->sent && busy;
	s->ended |= s->began && !busy;
	return ERR_OK;
}

static void
on_acted(void *ctx, enum act_kind kind, bool ok, struct str detail)
{
	struct sender *s = ctx;

	if (kind != ACT_STOP)
		return;
	s->stopped = ok;
	s->refused = !ok;
	buf_set(&s->detail, detail);
}

static const struct item *
find(const struct session *session, uint64_t number)
{
	for (size_t i = session->nitems; number > 0 && i > 0; i--) {
		const struct item *it = session_item(session, i - 1);

		if (it->number <= number)
			return it->number == number ? it : NULL;
	}
	return NULL;
}

/* ---- what is to be done */

/* The question that is meant: by its id, or the only one that is open. */
static enum err
choose_ask(struct sender *s, const char *id, struct error *e)
{
	const struct session *session = client_session(s->client);

	for (size_t i = 0; id != NULL && i < session->nasks; i++)
		if (str_eq(buf_view(&session->asks[i]->id), str_from(id)))
			buf_set(&s->ask, str_from(id));
	if (id == NULL && session->nasks == 1)
		buf_set(&s->ask, buf_view(&session->asks[0]->id));
	if (s->ask.n > 0)
		return ERR_OK;
	if (session->nasks == 0 || id != NULL)
		return error_set(e, ERR_FAILED, "%s: no such question waits for an answer",
		    client_name(s->client));
	return error_set(e, ERR_USAGE, "%s: %zu questions wait; say which with --ask, the first is %.*s",
	    client_name(s->client), session->nasks, STR_ARG(buf_view(&session->asks[0]->id)));
}

static enum err
post(struct sender *s, const char *ask, struct error *e)
{
	struct session *session = client_session(s->client);
	enum err err = ERR_OK;

	s->sent = true;
	switch (s->job) {
	case SEND_TEXT:
		err = client_input(s->client, buf_view(&s->text), e);
		if (err == ERR_OK)
			s->item = session_item(session, session->nitems - 1)->number;
		break;
	case SEND_ANSWER:
		err = choose_ask(s, ask, e);
		if (err == ERR_OK) {
			s->item = session_find(session, ITEM_ASK, buf_view(&s->ask))->number;
			err = client_answer(s->client, buf_view(&s->ask), s->answer, STR_NONE, e);
		}
		break;
	case SEND_STOP:
		err = client_stop_agent(s->client, e);
		break;
	}
	s->began = summary_busy(session);
	return err;
}

/* ---- what became of it */

static enum send_state
state_of(const struct sender *s)
{
	const struct item *it = find(client_session(s->client), s->item);
	enum send_state state;

	if (s->job == SEND_STOP)
		return s->stopped ? SEND_CONFIRMED : s->refused ? SEND_REJECTED : SEND_PENDING;
	if (it == NULL)
		return SEND_PENDING;
	state = s->job == SEND_TEXT ? it->user.send : it->ask.answered ? SEND_CONFIRMED : it->ask.send;
	/* The stream may show it before the answer to it says where it stands. */
	return state == SEND_CONFIRMED && client_unsent(s->client) > 0 ? SEND_PENDING : state;
}

static enum err
rejected(struct sender *s, struct error *e)
{
	const struct item *it = find(client_session(s->client), s->item);
	struct str why = it != NULL ? buf_view(&it->error) : buf_view(&s->detail);

	return error_set(e, ERR_FAILED, "%s does not take it: %.*s", client_name(s->client), STR_ARG(why));
}

/* The connection has ended, or cannot be made. What is in the outbox is not lost, and must not be
 * sent by hand once more. */
static enum err
look_at_link(struct sender *s, struct error *e)
{
	bool over;
	enum err err = tail_ended(s->client, true, &over, e);
	struct error why = *e;

	if (err == ERR_OK && over && state_of(s) == SEND_PENDING)
		return error_set(e, ERR_GONE, "%s is closed: nothing can be sent any more",
		    client_name(s->client));
	if (err == ERR_OK || !s->sent || s->job == SEND_STOP)
		return err;
	return error_set(e, err, "%s; it is kept and goes out with the next weir on this session: do not"
	    " send it again", why.text);
}

/* The offset of what was sent. */
static void
say_offset(const struct sender *s, struct buf *out)
{
	const struct item *it = find(client_session(s->client), s->item);

	if (s->job == SEND_TEXT && it != NULL && it->user.offset.n > 0) {
		safe_add(out, buf_view(&it->user.offset));
		buf_byte(out, '\n');
	}
}

/* What agents have answered since. */
static void
say_answer(const struct sender *s, struct buf *out)
{
	const struct session *session = client_session(s->client);

	for (size_t i = 0; i < session->nitems; i++) {
		const struct item *it = session_item(session, i);
		struct str rest = buf_view(&it->text);

		if (it->number <= s->item || it->kind != ITEM_TEXT)
			continue;
		while (rest.n > 0) {
			safe_add(out, str_cut(rest, '\n', &rest));
			buf_byte(out, '\n');
		}
	}
}

/* ---- the loop */

/* A text is in the outbox before there is any connection; but what follows it can only be told from
 * the history when that has been read. */
static bool
can_post(const struct sender *s)
{
	enum link_state state = link_state(client_link(s->client));

	return !s->sent && ((s->job == SEND_TEXT && !s->wait_turn) || state == LINK_LIVE ||
	    state == LINK_STALE);
}

static enum err
step(struct sender *s, const char *ask, int signals, int64_t until, bool *done, struct error *e)
{
	struct pollfd fds[] = {
		{ .fd = client_fd(s->client), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int64_t next = client_deadline(s->client);
	enum send_state state;
	bool changed;
	enum err err;

	loop_wait(fds, 2, next < until ? next : until);
	if (loop_next_signal(signals) != 0)
		return error_set(e, ERR_INTERRUPTED, "interrupted%s", s->item != 0 ? "; what is not confirmed is"
		    " kept and goes out with the next weir on this session" : "");
	err = client_work(s->client, &changed, e);
	if (err == ERR_OK && can_post(s))
		err = post(s, ask, e);
	if (err != ERR_OK)
		return err;
	state = s->sent ? state_of(s) : SEND_PENDING;
	if (state == SEND_REJECTED)
		return rejected(s, e);
	*done = state == SEND_CONFIRMED && (!s->wait_turn || s->ended);
	if (!*done)
		err = look_at_link(s, e);
	if (err == ERR_OK && !*done && clock_mono() >= until)
		err = error_set(e, ERR_FAILED, "%s in time%s", state == SEND_CONFIRMED ? "the agent did not end its"
		    " turn" : "no confirmation", state == SEND_CONFIRMED ? "" : "; it is kept and goes out with the"
		    " next weir on this session: do not send it again");
	return err;
}

static enum err
send_all(struct sender *s, const char *ask, int64_t until, struct error *e)
{
	static const int list[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	int signals = loop_signals(list, e);
	struct buf out = { 0 };
	bool done = false, told = false;
	enum err err;

	if (signals < 0)
		return e->code;
	err = client_connect(s->client, e);
	if (err == ERR_OK && can_post(s))
		err = post(s, ask, e);
	while (err == ERR_OK && !done) {
		err = step(s, ask, signals, until, &done, e);
		if (err == ERR_OK && !told && s->sent && state_of(s) == SEND_CONFIRMED) {
			told = true;
			say_offset(s, &out);
			err = output_write(STDOUT_FILENO, &out, "standard output", e);
		}
	}
	if (err == ERR_OK && s->wait_turn) {
		say_answer(s, &out);
		err = output_write(STDOUT_FILENO, &out, "standard output", e);
	}
	buf_done(&out);
	close(signals);
	return err == ERR_INTERRUPTED && *e->text == '\0' ? ERR_OK : err;
}

/* ---- the command */

static enum err
read_text(struct sender *s, const char *arg, struct error *e)
{
	if (arg != NULL && strcmp(arg, "-") != 0) {
		buf_set(&s->text, str_from(arg));
	} else if (arg == NULL && isatty(STDIN_FILENO)) {
		return error_set(e, ERR_USAGE, "weir send wants a text, or - to read it; see weir send --help");
	} else if (!buf_read_fd(&s->text, STDIN_FILENO, TEXT_MAX)) {
		return error_set(e, ERR_FAILED, "read the text: %s", strerror(errno));
	}
	buf_set(&s->text, str_trim(buf_view(&s->text)));
	return s->text.n > 0 ? ERR_OK : error_set(e, ERR_USAGE, "there is no text to send");
}

static enum err
read_job(struct sender *s, const struct options *o, const char *text, struct error *e)
{
	static const char *const answers[] = { "once", "always", "reject" };
	size_t i = 0;

	if ((o->answer != NULL) + (o->stop != NULL) + (text != NULL) > 1)
		return error_set(e, ERR_USAGE, "give a text, --answer-permission or --stop, one of them");
	if (o->wait != NULL && strcmp(o->wait, "turn") != 0)
		return error_set(e, ERR_USAGE, "--wait %s: give turn", o->wait);
	s->wait_turn = o->wait != NULL;
	s->job = o->answer != NULL ? SEND_ANSWER : o->stop != NULL ? SEND_STOP : SEND_TEXT;
	if (s->job == SEND_TEXT)
		return read_text(s, text, e);
	while (o->answer != NULL && i < 3 && strcmp(o->answer, answers[i]) != 0)
		i++;
	if (i == 3)
		return error_set(e, ERR_USAGE, "--answer-permission %s: give once, always or reject", o->answer);
	s->answer = (enum ask_answer)i;
	return ERR_OK;
}

static enum err
open_and_send(struct sender *s, const struct options *o, struct config *config, const char *address,
    int64_t timeout, struct error *e)
{
	const struct client_tap tap = { .acted = on_acted, .ctx = s };
	const struct listener listener = { "send", ON_ALL, on_event, s };
	struct access *access = NULL;
	struct buf cache = { 0 };
	struct client_options options = { .user = config->user, .tap = &tap, .listener = &listener };
	enum err err = access_open(&access, config, &o->access, address, e);

	if (err == ERR_OK)
		err = config_cache_path(&cache, e);
	options.access = access;
	options.cache = buf_cstr(&cache);
	if (err == ERR_OK)
		err = client_open(&s->client, &options, e);
	if (err == ERR_OK)
		err = send_all(s, o->ask, timeout > 0 ? clock_mono() + timeout : INT64_MAX, e);
	client_close(s->client);
	access_close(access);
	buf_done(&cache);
	return err;
}

static enum err
run(const struct subcommand *self, int argc, char **argv, struct error *e)
{
	struct options o = { 0 };
	struct sender s = { 0 };
	struct config config = { 0 };
	double seconds = 0;
	enum err err;
	int first;

	if (subcommand_options(self, &o, argc, argv, &first, e) != ERR_OK)
		return e->code;
	if (argc - first < 1 || argc - first > 2)
		return error_set(e, ERR_USAGE, "weir send wants an address and a text; see weir send --help");
	if (o.timeout != NULL && subcommand_number("timeout", o.timeout, 0.01, 1e9, &seconds, e) != ERR_OK)
		return e->code;
	err = read_job(&s, &o, argc - first == 2 ? argv[first + 1] : NULL, e);
	if (err == ERR_OK) {
		err = config_load(&config, e);
		if (err == ERR_OK)
			err = open_and_send(&s, &o, &config, argv[first], (int64_t)(seconds * 1000), e);
		config_done(&config);
	}
	buf_done(&s.text);
	buf_done(&s.ask);
	buf_done(&s.detail);
	return err;
}

static const struct subcommand_option option_table[] = {
	{ "answer-permission", 0, "ANSWER", "answer the question that waits: once, always, reject",
	    offsetof(struct options, answer) },
	{ "ask", 0, "ID", "the question that is meant, when several wait", offsetof(struct options, ask) },
	{ "stop", 0, NULL, "interrupt the agent", offsetof(struct options, stop) },
	{ "wait", 0, "turn", "wait until the agent has ended its turn, and print its answer",
	    offsetof(struct options, wait) },
	{ "timeout", 0, "SECONDS", "end with an error after this time", offsetof(struct options, timeout) },
	{ 0 }
};

const struct subcommand subcommand_send = {
	.name = "send",
	.synopsis = "[--wait turn] [--answer-permission ANSWER | --stop] URL [TEXT | -]",
	.summary = "Post into a session, and print where it stands",
	.options = option_table,
	.connects = true,
	.run = run,
};
