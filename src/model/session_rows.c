#include "model/fold.h"

#include "base/mem.h"

enum { CURSOR_MS = 50 };	/* at most so often somebody's cursor is told anew */

static void
set_field(struct session *s, struct buf *field, struct str text)
{
	if (fold_set(field, text))
		s->version++;
}

static void
set_number(struct session *s, int64_t *field, int64_t n)
{
	if (n < 0 || *field == n)
		return;
	*field = n;
	s->version++;
}

/* A child of this session, or of one of those, on the same stream; of others nothing is kept. */
static void
other_session(struct session *s, const struct event *e)
{
	struct str parent = e->sess.parent;
	struct event told = *e;

	if (!str_eq(parent, buf_view(&s->id)) && session_child(s, parent) == NULL &&
	    session_child(s, e->sess.id) == NULL)
		return;
	told.whose = e->sess.id;
	fold_child(s, &told);
}

void
fold_sess(struct session *s, const struct event *e)
{
	if (s->id.n > 0 && e->sess.id.n > 0 && !str_eq(buf_view(&s->id), e->sess.id)) {
		other_session(s, e);
		return;
	}
	set_field(s, &s->id, e->sess.id);
	set_field(s, &s->title, e->sess.title);
	set_field(s, &s->parent, e->sess.parent);
	set_field(s, &s->directory, e->sess.directory);
	set_field(s, &s->agent, e->sess.agent);
	set_field(s, &s->model, e->sess.model);
	set_field(s, &s->status_message, item_error(e->sess.message));
	set_number(s, &s->attempt, e->sess.attempt);
	set_number(s, &s->next_try, e->sess.next);
	if (e->sess.status == SESS_UNSAID)
		return;
	s->version += s->status != e->sess.status;
	s->status = e->sess.status;
	if (e->sess.message.n == 0)
		buf_clear(&s->status_message);
	/* Said again it ends what was told since, too. */
	if (s->status == SESS_IDLE)
		fold_finish_all(s, MSG_DONE, false);
	else if (s->status == SESS_LOST)
		fold_finish_all(s, MSG_CUT, true);
}

static struct person *
person_of(struct session *s, struct str user)
{
	for (size_t i = 0; i < s->npeople; i++)
		if (str_eq(buf_view(&s->people[i].user), user))
			return &s->people[i];
	if (s->npeople == FOLD_MAX_ROWS) {
		s->left_out++;
		return NULL;
	}
	s->people = mem_grow(s->people, s->npeople, &s->cap_people, sizeof *s->people);
	s->people[s->npeople] = (struct person){ 0 };
	buf_set(&s->people[s->npeople].user, user);
	return &s->people[s->npeople++];
}

/* A cursor that flies about is not worth a look each time. */
static bool
is_worth_a_look(const struct person *p, bool here, int64_t seen)
{
	return p->here != here || seen - p->told >= CURSOR_MS;
}

void
fold_who(struct session *s, const struct event *e)
{
	int64_t seen = e->who.seen > 0 ? e->who.seen : e->time;
	bool here = e->who.op == WHO_JOIN || e->who.op == WHO_SEEN;
	struct person *p = person_of(s, e->who.user);

	if (p == NULL)
		return;
	/* Who leaves need not say when. */
	if (seen == 0 && !here)
		seen = p->seen;
	if (seen < p->seen)
		return;
	set_field(s, &p->name, e->who.name);
	set_field(s, &p->file, e->who.file);
	if (e->who.has_cursor) {
		p->has_cursor = true;
		p->x = e->who.x;
		p->y = e->who.y;
	}
	if (is_worth_a_look(p, here, seen)) {
		p->told = seen;
		s->version++;
	}
	p->here = here;
	p->seen = seen;
}

static struct step *
step_of(struct session *s, enum flow_op op, struct str id)
{
	for (size_t i = 0; i < s->nsteps; i++)
		if (s->steps[i].op == op && str_eq(buf_view(&s->steps[i].id), id))
			return &s->steps[i];
	if (s->nsteps == FOLD_MAX_ROWS) {
		s->left_out++;
		return NULL;
	}
	s->steps = mem_grow(s->steps, s->nsteps, &s->cap_steps, sizeof *s->steps);
	s->steps[s->nsteps] = (struct step){ .op = op };
	buf_set(&s->steps[s->nsteps].id, id);
	return &s->steps[s->nsteps++];
}

void
fold_free_step(struct step *step)
{
	buf_done(&step->id);
	buf_done(&step->text);
	buf_done(&step->state);
}

/* Lists are read beside the transcript; what happens is a line in it. */
static bool
is_list(enum flow_op op)
{
	return op == FLOW_TODO || op == FLOW_PLAN;
}

static void
flow_item(struct session *s, const struct event *e, struct str id)
{
	static const char *const names[] = {
		[FLOW_STEP] = "step", [FLOW_STAGE] = "stage", [FLOW_WORKTREE] = "worktree",
		[FLOW_FILE] = "file", [FLOW_SPAWN] = "spawn",
	};
	struct buf key = { 0 };
	struct item *it;

	buf_printf(&key, "%s ", names[e->flow.op]);
	buf_str(&key, id);
	it = fold_item(s, ITEM_FLOW, buf_view(&key), e->time);
	buf_done(&key);
	it->flow.op = e->flow.op;
	item_set(it, &it->title, id);
	item_set_text(it, e->flow.text.n > 0 ? e->flow.text : buf_view(&it->text));
	item_set(it, &it->flow.state, e->flow.state);
}

/* Of a list that begins anew nothing is left; what comes next fills it. */
static void
drop_steps(struct session *s, enum flow_op op)
{
	size_t k = 0;

	for (size_t i = 0; i < s->nsteps; i++) {
		if (s->steps[i].op != op) {
			s->steps[k++] = s->steps[i];
			continue;
		}
		fold_free_step(&s->steps[i]);
		s->version++;
	}
	s->nsteps = k;
}

void
fold_flow(struct session *s, const struct event *e)
{
	struct str id = e->flow.id.n > 0 ? e->flow.id : e->flow.text;
	struct step *step;

	if (e->flow.anew)
		drop_steps(s, e->flow.op);
	if (e->flow.anew && id.n == 0)
		return;
	step = step_of(s, e->flow.op, id);
	if (step != NULL) {
		set_field(s, &step->text, e->flow.text);
		set_field(s, &step->state, e->flow.state);
	}
	if (!is_list(e->flow.op))
		flow_item(s, e, id);
}

static struct agent *
agent_of(struct session *s, struct str id)
{
	struct agent *a;

	for (size_t i = 0; i < s->nagents; i++)
		if (str_eq(buf_view(&s->agents[i].id), id))
			return &s->agents[i];
	if (s->nagents == FOLD_MAX_ROWS) {
		s->left_out++;
		return NULL;
	}
	s->agents = mem_grow(s->agents, s->nagents, &s->cap_agents, sizeof *s->agents);
	a = &s->agents[s->nagents++];
	*a = (struct agent){ .turn = -1, .max_turns = -1, .progress = -1, .tokens_in = -1, .tokens_out = -1,
	    .tokens_cached = -1, .cost = -1 };
	buf_set(&a->id, id);
	return a;
}

bool
agent_rests(const struct agent *a)
{
	struct str rest = STR("idle completed complete done error failed stopped cancelled aborted "
	    "interrupted offline");

	if (a->status.n == 0)
		return true;
	while (rest.n > 0)
		if (str_eq_nocase(buf_view(&a->status), str_cut(rest, ' ', &rest)))
			return true;
	return false;
}

/* How an agent that says this of itself has left what it was writing. */
static enum msg_state
end_of(struct str status)
{
	static const struct {
		const char *status;
		enum msg_state state;
	} ends[] = {
		{ "idle", MSG_DONE }, { "completed", MSG_DONE }, { "error", MSG_ERROR },
		{ "failed", MSG_ERROR }, { "stopped", MSG_CUT }, { "cancelled", MSG_CUT },
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_eq(status, str_from(ends[i].status)))
			return ends[i].state;
	return MSG_UNSAID;
}

static void
agent_error(struct session *s, const struct event *e)
{
	struct buf key = { 0 };
	struct item *it;

	buf_printf(&key, "%lld %lld ", (long long)e->time, (long long)e->agent.turn);
	buf_str(&key, e->agent.id);
	it = fold_item(s, ITEM_NOTE, buf_view(&key), e->time);
	buf_done(&key);
	it->note.level = NOTE_ERROR;
	item_set(it, &it->agent, e->agent.id);
	item_set(it, &it->text, item_error(e->agent.error));
}

/* A status tells what the agent does now: a tool or message it does not name is over. */
static void
set_doing(struct session *s, struct buf *field, struct str now, const struct event *e)
{
	if (e->agent.status.n == 0 || now.n > 0)
		set_field(s, field, now);
	else if (field->n > 0) {
		buf_clear(field);
		s->version++;
	}
}

void
fold_agent(struct session *s, const struct event *e)
{
	struct agent *a = agent_of(s, e->agent.id);
	enum msg_state end = end_of(e->agent.status);

	if (a != NULL) {
		set_field(s, &a->status, e->agent.status);
		set_doing(s, &a->tool, e->agent.tool, e);
		set_doing(s, &a->message, e->agent.message, e);
		set_field(s, &a->error, item_error(e->agent.error));
		set_field(s, &a->parent, e->agent.parent);
		set_number(s, &a->turn, e->agent.turn);
		set_number(s, &a->max_turns, e->agent.max_turns);
		if (e->agent.progress >= 0 && e->agent.progress != a->progress) {
			a->progress = e->agent.progress;
			s->version++;
		}
		a->time = e->time;
	}
	if (end != MSG_UNSAID)
		fold_finish(s, e->agent.id, end);
	if (e->agent.error.n > 0)
		agent_error(s, e);
}

/* What an agent has used by now is in the session's sum with what it had used before. */
static void
add_up(struct session *s, int64_t *sum, int64_t *own, int64_t n)
{
	if (n < 0)
		return;
	set_number(s, sum, (*sum > 0 ? *sum : 0) + n - (*own > 0 ? *own : 0));
	*own = n;
}

static void
set_cost(struct session *s, double cost)
{
	if (cost < 0 || cost == s->cost)
		return;
	s->cost = cost;
	s->version++;
}

static void
agent_use(struct session *s, struct agent *a, const struct event *e)
{
	add_up(s, &s->tokens_in, &a->tokens_in, e->use.input);
	add_up(s, &s->tokens_out, &a->tokens_out, e->use.output);
	add_up(s, &s->tokens_cached, &a->tokens_cached, e->use.cached);
	if (e->use.cost < 0)
		return;
	set_cost(s, (s->cost > 0 ? s->cost : 0) + e->use.cost - (a->cost > 0 ? a->cost : 0));
	a->cost = e->use.cost;
}

void
fold_use(struct session *s, const struct event *e)
{
	struct agent *a = e->use.agent.n > 0 ? agent_of(s, e->use.agent) : NULL;

	set_number(s, &s->context, e->use.context);
	if (a != NULL) {
		agent_use(s, a, e);
		return;
	}
	set_number(s, &s->tokens_in, e->use.input);
	set_number(s, &s->tokens_out, e->use.output);
	set_number(s, &s->tokens_cached, e->use.cached);
	set_cost(s, e->use.cost);
}
