#include "app/followers.h"

#include <stdlib.h>

#include "app/client.h"
#include "app/summary.h"
#include "base/map.h"

enum {
	PASSING = 4,		/* of FOLLOWERS_MAX: those that are read through */
	PASSING_RECORDS = 2000	/* what is longer is not read for this */
};

struct follower {
	struct buf address;
	struct access *access;
	struct client *client;		/* NULL: it cannot be opened */
	int64_t records;		/* the directory's, when it was taken up */
	bool wanted, passing;
	struct buf words;
};

/* What was seen in passing. */
struct seen {
	int64_t records;
	struct buf title, state;
	enum mood mood;
	bool waits;
};

struct followers {
	const struct config *config;
	struct follower v[FOLLOWERS_MAX];
	size_t n;
	struct map seen;		/* address to struct seen */
};

struct followers *
followers_new(const struct config *config)
{
	struct followers *f = mem_zalloc(sizeof *f);

	f->config = config;
	map_init(&f->seen);
	return f;
}

static void
free_seen(void *value)
{
	struct seen *s = value;

	if (s == NULL)
		return;
	buf_done(&s->title);
	buf_done(&s->state);
	free(s);
}

void
followers_free(struct followers *f)
{
	if (f == NULL)
		return;
	followers_stop(f);
	map_done(&f->seen, free_seen);
	free(f);
}

static struct follower *
find(struct followers *f, struct str address)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(buf_view(&f->v[i].address), address))
			return &f->v[i];
	return NULL;
}

static void
drop(struct followers *f, struct follower *one)
{
	client_close(one->client);
	access_close(one->access);
	buf_done(&one->address);
	buf_done(&one->words);
	*one = f->v[--f->n];
}

void
followers_stop(struct followers *f)
{
	while (f->n > 0)
		drop(f, &f->v[f->n - 1]);
}

/* ---- who */

static void
take_up(struct followers *f, const struct directory_entry *e, bool passing)
{
	struct follower *one = find(f, e->address);
	struct client_options options = { .user = f->config->user, .read_only = true,
		.glance = true };
	struct error error;

	if (one == NULL && f->n == FOLLOWERS_MAX)
		return;
	if (one != NULL) {
		one->wanted = true;
		one->passing = passing;
		return;
	}
	one = &f->v[f->n++];
	*one = (struct follower){ .wanted = true, .passing = passing, .records = e->records };
	buf_set(&one->address, e->address);
	if (access_open(&one->access, f->config, NULL, buf_cstr(&one->address), &error) != ERR_OK)
		return;
	options.access = one->access;
	if (client_open(&one->client, &options, &error) == ERR_OK)
		client_connect(one->client, &error);
}

/* Who waits for somebody goes before what is new: it is to be seen what for. */
static int
most_urgent_first(const void *a, const void *b)
{
	const struct directory_entry *x = a, *y = b;
	bool waits = x->status == SESS_WAITING;

	if (x->closed != y->closed)
		return x->closed ? 1 : -1;
	if (waits != (y->status == SESS_WAITING))
		return waits ? -1 : 1;
	return x->time == y->time ? 0 : x->time > y->time ? -1 : 1;
}

static bool
worth_passing(const struct followers *f, const struct directory_entry *e)
{
	const struct seen *s = map_get(&f->seen, e->address);

	return !e->closed && e->records > 0 && e->records <= PASSING_RECORDS &&
	    (s == NULL || s->records != e->records);
}

static void
choose(struct followers *f, const struct directory *d)
{
	size_t n = directory_count(d), most = 0, passing = 0;
	struct directory_entry *all = mem_zalloc((n + 1) * sizeof *all);

	for (size_t i = 0; i < n; i++)
		all[i] = directory_at(d, i);
	qsort(all, n, sizeof *all, most_urgent_first);
	for (size_t i = 0; i < f->n; i++)
		f->v[i].wanted = false;
	while (most < n && most < FOLLOWERS_MAX - PASSING && !all[most].closed)
		most++;
	/* Who is no longer among the first makes room before others are taken up. */
	for (int taking = 0; taking < 2; taking++) {
		for (size_t i = 0; i < most; i++)
			if (taking > 0 || find(f, all[i].address) != NULL)
				take_up(f, &all[i], false);
		for (size_t i = f->n; i-- > 0;)
			if (!f->v[i].wanted && !f->v[i].passing)
				drop(f, &f->v[i]);
	}
	for (size_t i = most; i < n && passing < PASSING; i++)
		if (worth_passing(f, &all[i])) {
			take_up(f, &all[i], true);
			passing++;
		}
	free(all);
}

/* ---- what is inside */

static const struct agent *
busy_agent(const struct session *s)
{
	for (size_t i = 0; i < s->nagents; i++)
		if (str_eq(buf_view(&s->agents[i].status), STR("running")))
			return &s->agents[i];
	return NULL;
}

/* The state in words where its link is live. */
static struct str
live_words(struct follower *one, struct insight *out)
{
	const struct session *s = client_session(one->client);
	const struct item *ask = session_waiting(s);
	const struct agent *agent = busy_agent(s);

	out->records = (int64_t)client_proof(one->client).records;
	out->news = (int64_t)client_news(one->client);
	out->waits = ask != NULL;
	if (ask != NULL)
		return ask->ask.what == ASK_PERMISSION ? STR("approval needed") : STR("asks you");
	if (agent == NULL && s->status == SESS_RETRY)
		return STR("retry");
	if (agent == NULL && s->status == SESS_LOST)
		return STR("lost");
	if (agent == NULL)
		return summary_busy(s) ? STR("running") : STR("idle");
	buf_printf(&one->words, "running%s%.*s", agent->tool.n > 0 ? ": " : "",
	    STR_ARG(buf_view(&agent->tool)));
	return buf_view(&one->words);
}

static bool
is_coming(enum link_state s)
{
	return s == LINK_IDLE || s == LINK_CONNECTING || s == LINK_CATCHING_UP || s == LINK_WAITING;
}

static struct insight
look_into(struct follower *one)
{
	enum link_state state = link_state(client_link(one->client));
	struct insight look = {
		.title = buf_view(&client_session(one->client)->title), .records = -1, .news = -1,
		.time = client_last_record(one->client), .mood = MOOD_LIVE,
	};

	buf_clear(&one->words);
	if (state == LINK_LIVE) {
		look.state = live_words(one, &look);
	} else if (state == LINK_CLOSED) {
		look.state = STR("closed");
	} else {
		client_words(one->client, &one->words);
		look.state = buf_view(&one->words);
		look.mood = is_coming(state) ? MOOD_WAIT : MOOD_BAD;
	}
	return look;
}

static void
remember(struct followers *f, struct follower *one)
{
	struct insight look = one->client != NULL ? look_into(one) : (struct insight){ .mood = MOOD_BAD };
	struct seen *s = mem_zalloc(sizeof *s);

	*s = (struct seen){ .records = one->records, .mood = look.mood, .waits = look.waits };
	buf_set(&s->title, look.title);
	buf_set(&s->state, look.state);
	free_seen(map_put(&f->seen, buf_view(&one->address), s));
}

bool
followers_look(struct followers *f, struct str address, struct insight *out)
{
	struct follower *one = find(f, address);
	const struct seen *s = map_get(&f->seen, address);

	if (one != NULL && one->client != NULL && (s == NULL || !one->passing)) {
		*out = look_into(one);
		return true;
	}
	if (s == NULL)
		return false;
	*out = (struct insight){ .title = buf_view(&s->title), .state = buf_view(&s->state),
		.mood = s->mood, .waits = s->waits, .records = -1, .news = -1 };
	return true;
}

/* ---- work */

/* What cannot be reached is not waited for. */
static bool
has_passed(const struct follower *one)
{
	enum link_state state = one->client != NULL ? link_state(client_link(one->client)) : LINK_FAILED;

	return one->passing && (state == LINK_WAITING || !is_coming(state)) &&
	    (one->client == NULL || client_drained(one->client));
}

bool
followers_work(struct followers *f, const struct directory *d, bool listed)
{
	bool any = listed;

	for (size_t i = f->n; i-- > 0;) {
		struct follower *one = &f->v[i];
		struct error e;
		bool changed = false;

		if (one->client != NULL)
			client_work(one->client, &changed, &e);
		any |= changed;
		if (!has_passed(one))
			continue;
		remember(f, one);
		drop(f, one);
		any = listed = true;
	}
	if (listed)
		choose(f, d);
	return any;
}

int64_t
followers_deadline(const struct followers *f)
{
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < f->n; i++) {
		int64_t at = f->v[i].client != NULL ? client_deadline(f->v[i].client) : INT64_MAX;

		until = at < until ? at : until;
	}
	return until;
}

void
followers_poll(const struct followers *f, struct pollfd fds[FOLLOWERS_MAX])
{
	for (size_t i = 0; i < FOLLOWERS_MAX; i++)
		fds[i] = (struct pollfd){ .events = POLLIN, .fd = i < f->n && f->v[i].client != NULL ?
			client_fd(f->v[i].client) : -1 };
}
