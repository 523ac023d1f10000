#include "app/actions.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/agents.h"
#include "app/browser.h"
#include "app/editor.h"
#include "app/fullscreen.h"
#include "app/manage.h"
#include "base/clock.h"

/* What became of the connection and why, the newest first. */
static void
add_steps(const struct link *l, struct buf *out)
{
	const struct link_step *step;

	buf_str(out, STR("\nconnection\n"));
	for (size_t i = 0; (step = link_step(l, i)) != NULL; i++) {
		char when[9];

		clock_hms(step->time, when);
		buf_printf(out, "%s  %-14s %s\n", when, link_state_name(step->state), step->code);
	}
}

/* Who hears the events, how many, and who of them failed. */
static void
add_listeners(const struct router *r, struct buf *out)
{
	struct listener_stats l;

	buf_str(out, STR("listeners   "));
	for (size_t i = 0; router_stats(r, i, &l); i++) {
		buf_printf(out, "%s %s %" PRIu64, i > 0 ? "," : "", l.name, l.heard);
		if (l.failed > 0)
			buf_printf(out, " (%" PRIu64 " failed)", l.failed);
	}
	buf_byte(out, '\n');
}

static void
add_number(const char *name, int64_t n, struct buf *out)
{
	if (n >= 0)
		buf_printf(out, "%s %" PRId64, name, n);
	else
		buf_printf(out, "%s unknown", name);
}

/* What was used, and how fast it came. What nobody said is unknown, not nothing. */
static void
add_use(struct client *c, struct buf *out)
{
	const struct session *s = client_session(c);
	double rate = client_rate(c);

	add_number("tokens       in", s->tokens_in, out);
	add_number(", out", s->tokens_out, out);
	add_number(", cached", s->tokens_cached, out);
	add_number(", context", s->context, out);
	if (s->cost >= 0)
		buf_printf(out, "\ncost         %.4f", s->cost);
	buf_printf(out, "\nspeed        %.1f tok/s", rate > 0 ? rate : 0);
	add_number(", ms to the first word:", client_first_word(c), out);
	buf_byte(out, '\n');
}

/* Who was ever here, where their cursor is, and what they have open. */
static void
add_people(const struct session *s, int64_t now, struct buf *out)
{
	if (s->npeople > 0)
		buf_str(out, STR("\npeople\n"));
	for (size_t i = 0; i < s->npeople; i++) {
		const struct person *p = &s->people[i];

		buf_printf(out, "%-12.*s %s", STR_ARG(buf_view(&p->user)),
		    session_is_here(p, now) ? "here" : "away");
		if (p->seen > 0)
			buf_printf(out, ", seen %" PRId64 " s ago", now > p->seen ? (now - p->seen) / 1000 : 0);
		if (p->has_cursor)
			buf_printf(out, ", cursor %" PRId64 ",%" PRId64, p->x, p->y);
		if (p->file.n > 0)
			buf_printf(out, ", %.*s", STR_ARG(buf_view(&p->file)));
		buf_byte(out, '\n');
	}
	buf_byte(out, '\n');
}

static void
show_stats(struct actions *a)
{
	const struct link_stats *l = link_stats(client_link(a->client));
	const struct screen_stats *s = screen_stats(a->screen);
	const struct session *session = client_session(a->client);
	struct buf t = { 0 };

	buf_printf(&t, "address      %s\nstate        %s\nlast end     %s\n", client_name(a->client),
	    link_state_name(link_state(client_link(a->client))), *l->reason != '\0' ? l->reason : "none");
	buf_printf(&t, "records      %" PRIu64 " received, %" PRIu64 " applied, %" PRIu64
	    " duplicates dropped\nstream       %" PRIu64 " bytes, %" PRIu64 " gaps, %" PRIu64 " resumes\n",
	    l->received, client_proof(a->client).records, l->duplicates, l->bytes, l->gaps, l->resumes);
	buf_printf(&t, "events       %" PRIu64 " folded, %" PRIu64 " unknown\nitems        %zu\n",
	    session->events, session->unknown, session->nitems);
	buf_printf(&t, "md_mismatch  %" PRIu64 "\n", (uint64_t)view_mismatches(a->view));
	buf_printf(&t, "frames       %" PRIu64 " drawn, %" PRIu64 " skipped, %" PRIu64 " rows\n",
	    s->frames, s->skipped, s->rows);
	add_use(a->client, &t);
	add_listeners(client_router(a->client), &t);
	add_people(session, clock_wall() + l->skew, &t);
	add_steps(client_link(a->client), &t);
	view_page(a->view, "statistics", buf_view(&t));
	buf_done(&t);
}

/* Listeners of the session's events that failed. */
static void
add_failures(const struct router *r, struct buf *out)
{
	struct listener_stats l;

	for (size_t i = 0; router_stats(r, i, &l); i++)
		if (l.failed > 0)
			buf_printf(out, "%s failed %" PRIu64 " of %" PRIu64 " times, last: %s\n", l.name, l.failed,
			    l.heard, l.last.text);
}

/* weir's own remarks of late, the ones about errors too, in the order they were made. */
void
actions_messages(struct view *view, const struct session *s, const struct router *r)
{
	struct buf t = { 0 };

	if (r != NULL)
		add_failures(r, &t);

	for (size_t i = s->resident; i < s->nitems; i++) {
		const struct item *it = s->items[i];
		char when[9];

		if (it == NULL || it->kind != ITEM_NOTE)
			continue;
		clock_hms(it->time, when);
		buf_printf(&t, "%s  ", it->time > 0 ? when : "--:--:--");
		buf_str(&t, buf_view(&it->text));
		buf_byte(&t, '\n');
	}
	view_page(view, "messages", t.n > 0 ? buf_view(&t) : STR("Nothing went wrong so far.\n"));
	buf_done(&t);
}

void
actions_agents(struct view *view, const struct session *s)
{
	struct buf t = { 0 };

	agents_page(s, &t);
	view_page(view, "agents", buf_view(&t));
	buf_done(&t);
}

/* tmux would take the text for itself, or show it: there it must be asked for. */
static bool
may_copy(const struct actions *a)
{
	if (a->config->clipboard != NULL)
		return strcmp(a->config->clipboard, "on") == 0;
	return getenv("TMUX") == NULL;
}

static void
copy(struct actions *a, struct str text)
{
	if (!may_copy(a))
		view_say(a->view, NOTE_WARN, "copying is off here; clipboard = on in weirrc allows it");
	else if (!screen_copy(a->screen, text))
		view_say(a->view, NOTE_WARN, "too long to copy: %zu bytes", text.n);
	else
		view_say(a->view, NOTE_INFO, "copied as shown, %zu bytes", text.n);
}

static void
open_link(struct actions *a, struct str url)
{
	struct error e = { 0 };

	if (browser_open(a->config->browser != NULL ? a->config->browser : "xdg-open", url, &e) == ERR_OK)
		view_say(a->view, NOTE_INFO, "handed to the browser");
	else
		view_say(a->view, NOTE_ERROR, "%s", e.text);
}

static bool
write_whole(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0)
			return false;
		text = str_skip(text, (size_t)n);
	}
	return true;
}

/* Byte for byte, into a file that is not there yet. */
static void
save(struct actions *a, struct str text, struct str name)
{
	struct buf path = { 0 };
	const char *home = getenv("HOME");
	int fd;

	if (str_starts(name, STR("~/")) && home != NULL) {
		buf_str(&path, str_from(home));
		name = str_skip(name, 1);
	}
	buf_str(&path, name);
	fd = open(buf_cstr(&path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !write_whole(fd, text))
		view_say(a->view, NOTE_ERROR, "save as %s: %s", path.p, strerror(errno));
	else
		view_say(a->view, NOTE_INFO, "saved %zu bytes as %s", text.n, path.p);
	if (fd >= 0)
		close(fd);
	buf_done(&path);
}

static void
send_text(struct actions *a, struct str text)
{
	struct error e = { 0 };
	enum err err;

	if (!manage_slash(a->client, text, &err, &e))
		err = client_input(a->client, text, &e);
	if (err == ERR_OK)
		return;
	view_set_draft(a->view, text);
	view_say(a->view, NOTE_ERROR, "%s", e.text);
}

static void
send_answer(struct actions *a, const struct view_request *r)
{
	struct error e = { 0 };

	if (client_answer(a->client, buf_view(&r->ask->id), r->answer, r->text, &e) != ERR_OK)
		view_say(a->view, NOTE_ERROR, "%s", e.text);
}

/* The screen was somebody else's meanwhile. */
static void
come_back(struct actions *a)
{
	view_resize(a->view);
	if (a->client != NULL)
		link_remounted(client_link(a->client));
}

void
actions_suspend(struct actions *a)
{
	fullscreen_suspend(a->screen);
	come_back(a);
}

static void
edit_elsewhere(struct actions *a, struct str draft)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	enum err err;

	buf_str(&text, draft);
	screen_suspend(a->screen);
	err = editor_run(&text, &e);
	screen_resume(a->screen);
	come_back(a);
	view_set_draft(a->view, err == ERR_OK ? buf_view(&text) : draft);
	if (err != ERR_OK)
		view_say(a->view, NOTE_ERROR, "%s", e.text);
	buf_done(&text);
}

/* False: there is one to go to. */
static bool
go(struct actions *a, struct str began)
{
	if (!client_place(a->client, began, &a->next))
		buf_set(&a->next, buf_view(&a->made));
	if (a->next.n == 0)
		view_say(a->view, NOTE_WARN, "no session was made or begun here yet: select the call that did, or "
		    ":new and :fork make one");
	return a->next.n == 0;
}

/* The same. */
static bool
go_back(struct actions *a)
{
	buf_set(&a->next, a->from);
	a->back = a->next.n > 0 ||
	    client_place(a->client, buf_view(&client_session(a->client)->parent), &a->next);
	if (!a->back)
		view_say(a->view, NOTE_WARN, "no session leads here");
	return !a->back;
}

bool
actions_run(struct actions *a, enum command c, const struct view_request *r)
{
	struct error e = { 0 };

	/* Nobody is led to an older one while this is made. */
	if (c == CMD_NEW || c == CMD_FORK)
		buf_clear(&a->made);
	if (c >= CMD_NEW && c <= CMD_SHELL && a->client != NULL) {
		manage_run(a->client, a->view, c, r->text, &a->deleting);
		return true;
	}
	if (c != CMD_NONE)
		a->deleting = false;
	switch (c) {
	case CMD_QUIT:
		return false;
	case CMD_GO:
		return go(a, r->text);
	case CMD_RETURN:
		return go_back(a);
	case CMD_SEND:
		send_text(a, r->text);
		break;
	case CMD_ANSWER:
		send_answer(a, r);
		break;
	case CMD_STOP:
		if (client_stop_agent(a->client, &e) != ERR_OK)
			view_say(a->view, NOTE_ERROR, "%s", e.text);
		break;
	case CMD_RECONNECT:
		client_reconnect(a->client);
		break;
	case CMD_SUSPEND:
		actions_suspend(a);
		break;
	case CMD_EDITOR:
		edit_elsewhere(a, r->text);
		break;
	case CMD_MESSAGES:
		actions_messages(a->view, client_session(a->client), client_router(a->client));
		break;
	case CMD_STATS:
		show_stats(a);
		break;
	case CMD_AGENTS:
		actions_agents(a->view, client_session(a->client));
		break;
	case CMD_COPY:
		copy(a, r->text);
		break;
	case CMD_OPEN:
		open_link(a, r->text);
		break;
	case CMD_SAVE:
		save(a, r->text, r->path);
		break;
	case CMD_LINE:
		view_say(a->view, NOTE_WARN, "%.*s: no such command; ? shows them", STR_ARG(r->text));
		break;
	default:
		break;
	}
	return true;
}
