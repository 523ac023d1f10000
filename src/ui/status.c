#include "ui/status.h"

#include "base/width.h"

enum { MAX_PARTS = 16, MAX_NAMES = 4 };

/* What may stand on a row, one row of `rows` each; the highest `rank` is left out first. */
struct parts {
	struct rows rows;
	unsigned rank[MAX_PARTS];
	bool left_out[MAX_PARTS];
	const char *between;
	bool ascii;
};

static void
parts_init(struct parts *p, bool ascii)
{
	*p = (struct parts){ .ascii = ascii, .between = ascii ? " | " : " · " };
}

static void
end_part(struct parts *p, unsigned rank)
{
	p->rank[rows_count(&p->rows)] = rank;
	rows_end(&p->rows, 0);
}

static unsigned
parts_cols(const struct parts *p)
{
	unsigned cols = 0, between = (unsigned)width_cols(str_from(p->between));

	for (size_t i = 0; i < rows_count(&p->rows); i++)
		if (!p->left_out[i])
			cols += rows_line(&p->rows, i).cols + (cols > 0 ? between : 0);
	return cols;
}

/* Leaves out the least important until the rest fits; one part stays whatever it takes. */
static void
parts_fit(struct parts *p, unsigned width)
{
	size_t left = rows_count(&p->rows);

	while (left > 1 && parts_cols(p) > width) {
		size_t least = 0;

		while (p->left_out[least])
			least++;
		for (size_t i = least + 1; i < rows_count(&p->rows); i++)
			if (!p->left_out[i] && p->rank[i] >= p->rank[least])
				least = i;
		p->left_out[least] = true;
		left--;
	}
}

/* Adds the parts to the open row of `out`, at most `width` columns of them. */
static void
parts_put(const struct parts *p, unsigned width, struct rows *out)
{
	struct rows joined = { 0 };
	bool any = false;

	for (size_t i = 0; i < rows_count(&p->rows); i++) {
		if (p->left_out[i])
			continue;
		if (any)
			rows_say(&joined, STYLE(ROLE_STATUS), p->between);
		rows_add_line(&joined, rows_line(&p->rows, i));
		any = true;
	}
	rows_add_cols(out, rows_open(&joined), 0, width);
	rows_done(&joined);
}

static void
parts_done(struct parts *p)
{
	rows_done(&p->rows);
}

/* 12345 as "12.3k". */
static void
add_count(struct rows *out, int64_t n, const char *unit)
{
	struct style style = STYLE(ROLE_STATUS);

	if (n < 10000)
		rows_printf(out, style, "%lld%s", (long long)n, unit);
	else if (n < 1000000)
		rows_printf(out, style, "%lld.%lldk%s", (long long)(n / 1000),
		    (long long)(n % 1000 / 100), unit);
	else
		rows_printf(out, style, "%lld.%lldM%s", (long long)(n / 1000000),
		    (long long)(n % 1000000 / 100000), unit);
}

static enum role
mood_role(enum mood mood)
{
	return mood == MOOD_LIVE ? ROLE_STATUS_LIVE : mood == MOOD_WAIT ? ROLE_STATUS_WAIT :
	    ROLE_STATUS_BAD;
}

static enum role
proof_role(char proof)
{
	return proof == '=' ? ROLE_STATUS_LIVE : proof == '!' ? ROLE_STATUS_BAD : ROLE_STATUS_WAIT;
}

static void
connection(const struct status *st, struct parts *p)
{
	static const char *const dots[] = {
		[MOOD_WAIT] = "◌ ", [MOOD_LIVE] = "● ", [MOOD_BAD] = "✗ ",
	};

	rows_say(&p->rows, STYLE(mood_role(st->mood)), p->ascii ? "" : dots[st->mood]);
	rows_add(&p->rows, STYLE(mood_role(st->mood)), st->connection, LINE_NO_SRC);
	if (st->proof != 0)
		rows_printf(&p->rows, STYLE_WITH(proof_role(st->proof), ATTR_BOLD), " %c", st->proof);
	end_part(p, 0);
	if (st->rate >= 0) {
		rows_printf(&p->rows, STYLE(ROLE_STATUS), "%.0f tok/s", st->rate);
		end_part(p, 1);
	}
}

/* The title on the left, cut where the connection on the right needs the room. */
void
status_title(const struct status *st, unsigned width, bool ascii, struct rows *out)
{
	struct str title = st->session != NULL ? buf_view(&st->session->title) : STR_NONE;
	struct parts right;
	struct rows left = { 0 };
	unsigned cols, room;

	parts_init(&right, ascii);
	right.between = " ";
	connection(st, &right);
	parts_fit(&right, width > 12 ? width - 12 : width);
	cols = parts_cols(&right);
	room = cols + 1 < width ? width - cols - 1 : 0;
	rows_add(&left, STYLE_WITH(ROLE_STATUS, ATTR_BOLD), st->name, LINE_NO_SRC);
	if (title.n > 0) {
		rows_say(&left, STYLE(ROLE_STATUS), ascii ? " | " : " · ");
		rows_add(&left, STYLE(ROLE_STATUS), title, LINE_NO_SRC);
	}
	if (rows_open(&left).cols > room && room > 0) {
		rows_add_cols(out, rows_open(&left), 0, room - 1);
		rows_say(out, STYLE(ROLE_STATUS), ascii ? "~" : "…");
	} else {
		rows_add_cols(out, rows_open(&left), 0, room);
	}
	if (cols < width)
		rows_pad(out, STYLE(ROLE_STATUS), width - cols);
	parts_put(&right, width, out);
	rows_end(out, 0);
	rows_done(&left);
	parts_done(&right);
}

/* Agents, then the people who are here. */
static void
who_is_here(const struct status *st, struct parts *p)
{
	const struct session *s = st->session;
	size_t named = 0, more = 0;

	for (size_t i = 0; i < s->nagents + s->npeople; i++) {
		const struct person *person = i >= s->nagents ? &s->people[i - s->nagents] : NULL;
		const struct buf *name = person == NULL ? &s->agents[i].id :
		    person->name.n > 0 ? &person->name : &person->user;

		if (person != NULL && !session_is_here(person, st->now))
			continue;
		if (named == MAX_NAMES) {
			more++;
			continue;
		}
		rows_say(&p->rows, STYLE(ROLE_STATUS), named++ > 0 ? ", " : "");
		rows_add(&p->rows, STYLE(ROLE_STATUS), buf_view(name), LINE_NO_SRC);
	}
	if (more > 0)
		rows_printf(&p->rows, STYLE(ROLE_STATUS), " +%zu", more);
	if (named > 0)
		end_part(p, 3);
}

/* Which try of the agent's is next, when, and why. */
static void
retry_part(const struct status *st, struct parts *p)
{
	const struct session *s = st->session;
	int64_t wait = s->next_try > st->now ? (s->next_try - st->now + 999) / 1000 : 0;

	rows_say(&p->rows, STYLE(ROLE_STATUS_WAIT), "retry");
	if (s->attempt > 0)
		rows_printf(&p->rows, STYLE(ROLE_STATUS_WAIT), " %lld", (long long)s->attempt);
	if (wait > 0)
		rows_printf(&p->rows, STYLE(ROLE_STATUS_WAIT), " in %lld s", (long long)wait);
	end_part(p, 1);
	if (s->status_message.n == 0)
		return;
	rows_add(&p->rows, STYLE(ROLE_STATUS_WAIT), buf_view(&s->status_message), LINE_NO_SRC);
	end_part(p, 8);
}

/* What the session itself does, whatever the connection to it does. */
static void
state_part(const struct status *st, struct parts *p)
{
	static const struct {
		const char *word;
		enum role role;
	} states[] = {
		[SESS_IDLE] = { "idle", ROLE_STATUS }, [SESS_BUSY] = { "busy", ROLE_STATUS_LIVE },
		[SESS_WAITING] = { "waiting", ROLE_STATUS_WAIT }, [SESS_LOST] = { "lost", ROLE_STATUS_BAD },
	};
	const struct session *s = st->session;
	enum sess_status status;

	if (s == NULL)
		return;
	status = s->nasks > 0 ? SESS_WAITING : s->status;
	if (status == SESS_RETRY) {
		retry_part(st, p);
	} else if (status != SESS_UNSAID) {
		rows_say(&p->rows, STYLE(states[status].role), states[status].word);
		end_part(p, 1);
	}
}

static void
session_parts(const struct status *st, struct parts *p)
{
	const struct session *s = st->session;
	int64_t turn = -1, tokens = 0;

	if (s == NULL)
		return;
	who_is_here(st, p);
	for (size_t i = 0; i < s->nagents; i++)
		if (s->agents[i].turn > turn)
			turn = s->agents[i].turn;
	if (turn >= 0) {
		rows_printf(&p->rows, STYLE(ROLE_STATUS), "turn %lld", (long long)turn);
		end_part(p, 6);
	}
	tokens += s->tokens_in > 0 ? s->tokens_in : 0;
	tokens += s->tokens_out > 0 ? s->tokens_out : 0;
	if (tokens > 0) {
		add_count(&p->rows, tokens, " tokens");
		end_part(p, 5);
	}
	/* What nobody can have spent is none. */
	if (s->cost > 0 && s->cost < 1e9) {
		rows_printf(&p->rows, STYLE(ROLE_STATUS), s->cost < 1 ? "cost %.4f" : "cost %.2f", s->cost);
		end_part(p, 7);
	}
}

/* Who answers, and with what. */
static void
choice_part(const struct status *st, struct parts *p)
{
	if (st->agent.n == 0 && st->model.n == 0)
		return;
	rows_add(&p->rows, STYLE(ROLE_AGENT), st->agent, LINE_NO_SRC);
	if (st->agent.n > 0 && st->model.n > 0)
		rows_say(&p->rows, STYLE(ROLE_STATUS), " ");
	rows_add(&p->rows, STYLE(ROLE_STATUS), st->model, LINE_NO_SRC);
	end_part(p, 4);
}

/* Received and applied differ only while something waits to be folded, or is dropped for good. */
static void
proof(const struct status *st, struct parts *p)
{
	if (st->received != st->applied) {
		rows_printf(&p->rows, STYLE(ROLE_STATUS), "received %llu", (unsigned long long)st->received);
		end_part(p, 2);
	}
	rows_printf(&p->rows, STYLE(ROLE_STATUS), "applied %llu ", (unsigned long long)st->applied);
	rows_printf(&p->rows, STYLE(proof_role(st->proof)), "%c", st->proof != 0 ? st->proof : '?');
	if (st->head > 0)
		rows_printf(&p->rows, STYLE(ROLE_STATUS), " head %llu", (unsigned long long)st->head);
	end_part(p, 0);
	/* Where nothing is numbered nobody can say that nothing is missing. */
	if (st->gaps == 0 && (st->proof == '?' || st->proof == 0))
		return;
	rows_printf(&p->rows, STYLE(st->gaps > 0 ? ROLE_STATUS_BAD : ROLE_STATUS), "%llu gap%s",
	    (unsigned long long)st->gaps, st->gaps == 1 ? "" : "s");
	end_part(p, st->gaps > 0 ? 1 : 4);
}

void
status_line(const struct status *st, unsigned width, bool ascii, struct rows *out)
{
	struct parts p;

	parts_init(&p, ascii);
	if (st->pending > 0) {
		rows_printf(&p.rows, STYLE(ROLE_STATUS_WAIT), "%zu unsent", st->pending);
		end_part(&p, 1);
	}
	state_part(st, &p);
	choice_part(st, &p);
	session_parts(st, &p);
	if (st->resumes > 0) {
		rows_printf(&p.rows, STYLE(ROLE_STATUS), "resumed %llu%s",
		    (unsigned long long)st->resumes, ascii ? "x" : "×");
		end_part(&p, 7);
	}
	proof(st, &p);
	parts_fit(&p, width);
	parts_put(&p, width, out);
	rows_end(out, 0);
	parts_done(&p);
}

static bool
one_of(struct str s, const char *words)
{
	struct str rest = str_from(words);

	while (rest.n > 0)
		if (str_eq_nocase(s, str_cut(rest, ' ', &rest)))
			return true;
	return false;
}

/* How long ago it was said that an agent works, when that is so long that it need not be true. */
static void
add_age(const struct agent *a, int64_t now, struct rows *out)
{
	enum { OLD = 600000, HOUR = 3600000 };
	int64_t age = a->time > 0 ? now - a->time : 0;

	if (age < OLD || agent_rests(a))
		return;
	rows_printf(out, STYLE(ROLE_STATUS_WAIT), " %lld %s ago",
	    (long long)(age < HOUR ? age / 60000 : age / HOUR), age < HOUR ? "min" : "h");
}

static void
agent_part(const struct agent *a, struct parts *p, unsigned rank, int64_t now)
{
	struct style style = STYLE(ROLE_STATUS);

	rows_add(&p->rows, STYLE(ROLE_AGENT), buf_view(&a->id), LINE_NO_SRC);
	if (a->status.n > 0) {
		rows_say(&p->rows, style, " ");
		rows_add(&p->rows, style, buf_view(&a->status), LINE_NO_SRC);
		add_age(a, now, &p->rows);
	}
	if (a->turn >= 0 && a->max_turns > 0)
		rows_printf(&p->rows, style, " %lld/%lld", (long long)a->turn, (long long)a->max_turns);
	if (a->progress >= 0)
		rows_printf(&p->rows, style, " %d%%", a->progress);
	if (a->tool.n > 0 || a->message.n > 0) {
		rows_say(&p->rows, style, ": ");
		rows_add(&p->rows, style, buf_view(a->tool.n > 0 ? &a->tool : &a->message), LINE_NO_SRC);
	}
	end_part(p, rank);
}

/* Of a session that an agent began, while somebody works in it: "general busy: grep". */
static void
child_part(const struct child *c, struct parts *p, unsigned rank)
{
	static const char *const words[] = {
		[SESS_BUSY] = "busy", [SESS_RETRY] = "retry", [SESS_WAITING] = "waiting",
	};
	struct style style = STYLE(ROLE_STATUS);

	rows_add(&p->rows, STYLE(ROLE_AGENT), buf_view(c->agent.n > 0 ? &c->agent : &c->title), LINE_NO_SRC);
	rows_printf(&p->rows, style, " %s", words[c->status]);
	if (c->tool.n > 0 || c->title.n > 0) {
		rows_say(&p->rows, style, ": ");
		rows_add(&p->rows, style, buf_view(c->tool.n > 0 ? &c->tool : &c->title), LINE_NO_SRC);
	}
	end_part(p, rank);
}

static void
children_parts(const struct session *s, struct parts *p)
{
	unsigned named = 0;

	for (size_t i = s->nchildren; i > 0 && named < MAX_NAMES; i--) {
		enum sess_status status = s->children[i - 1].status;

		if (status == SESS_BUSY || status == SESS_RETRY || status == SESS_WAITING)
			child_part(&s->children[i - 1], p, MAX_NAMES + 3 + named++);
	}
}

/* "todo 2/3: fix and prove": how far a list is, and what is done now. */
static void
list_part(const struct session *s, enum flow_op op, const char *name, struct parts *p,
    unsigned rank)
{
	const struct step *now = NULL;
	unsigned done = 0, all = 0;

	for (size_t i = 0; i < s->nsteps; i++) {
		struct str state = buf_view(&s->steps[i].state);

		if (s->steps[i].op != op)
			continue;
		all++;
		if (one_of(state, "done completed complete ok finished"))
			done++;
		else if (one_of(state, "running in_progress active doing"))
			now = &s->steps[i];
	}
	if (all == 0)
		return;
	rows_printf(&p->rows, STYLE(ROLE_STATUS), "%s %u/%u", name, done, all);
	if (now != NULL) {
		rows_say(&p->rows, STYLE(ROLE_STATUS), ": ");
		rows_add(&p->rows, STYLE(ROLE_STATUS), buf_view(&now->text), LINE_NO_SRC);
	}
	end_part(p, rank);
}

bool
status_strip(const struct status *st, unsigned width, bool ascii, struct rows *out)
{
	const struct session *s = st->session;
	struct parts p;
	bool any;

	parts_init(&p, ascii);
	for (size_t i = 0; s != NULL && i < s->nagents && i < MAX_NAMES; i++)
		agent_part(&s->agents[i], &p, (unsigned)i, st->now);
	if (s != NULL) {
		children_parts(s, &p);
		list_part(s, FLOW_PLAN, "plan", &p, MAX_NAMES);
		list_part(s, FLOW_TODO, "todo", &p, MAX_NAMES + 1);
		list_part(s, FLOW_STEP, "step", &p, MAX_NAMES + 2);
	}
	any = rows_count(&p.rows) > 0;
	if (any) {
		rows_say(out, STYLE(ROLE_BORDER), ascii ? "> " : "▸ ");
		parts_fit(&p, width > 2 ? width - 2 : 0);
		parts_put(&p, width > 2 ? width - 2 : 0, out);
		rows_end(out, 0);
	}
	parts_done(&p);
	return any;
}
