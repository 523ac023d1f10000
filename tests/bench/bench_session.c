/* Long sessions: taking them in, opening them again, watching many, and doing nothing. */

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/bench/bench.h"
#include "tests/bench/source.h"
#include "tests/harness/term.h"
#include "tests/tempdir.h"

enum { WAIT = 120000 };		/* ms within which anything here comes to an end */

static char dir[TEMPDIR_NAME];

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_session: %s\n", what);
	tempdir_remove(dir);
	exit(1);
}

static size_t
scale(const char *name, size_t usual)
{
	const char *value = getenv(name);

	return value != NULL ? strtoul(value, NULL, 10) : usual;
}

/* A number of /proc/PID/status, in its unit. */
static long
status_of(pid_t pid, const char *field)
{
	char path[64], line[256];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && n < 0 && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			n = strtol(line + strlen(field) + 1, NULL, 10);
	if (f != NULL)
		fclose(f);
	return n;
}

/* ---- taking in */

struct taken {
	double wall, cpu;	/* s */
	size_t events;
	double worst;		/* ms one turn of the loop took */
};

/* Until the session has `events` records. */
static struct taken
follow(struct client *c, size_t events)
{
	struct error e = { 0 };
	struct taken t = { 0 };
	int64_t from = clock_mono_ns();
	double cpu = bench_cpu_ns();
	bool changed;

	must(client_connect(c, &e) == ERR_OK, e.text);
	while (client_proof(c).records < events) {
		struct pollfd fd = { .fd = client_fd(c), .events = POLLIN };
		int64_t left = client_deadline(c) - clock_mono(), turn;

		if (client_drained(c))
			poll(&fd, 1, left < 0 ? 0 : left > 1000 ? 1000 : (int)left);
		turn = clock_mono_ns();
		must(client_work(c, &changed, &e) == ERR_OK, e.text);
		turn = clock_mono_ns() - turn;
		if ((double)turn / 1e6 > t.worst)
			t.worst = (double)turn / 1e6;
	}
	t.wall = (double)(clock_mono_ns() - from) / 1e9;
	t.cpu = (bench_cpu_ns() - cpu) / 1e9;
	t.events = events;
	return t;
}

static void
bulk(const char *name, size_t events, size_t batch, const char *cache)
{
	const struct source_order order = { .events = events, .batch = batch };
	struct client_options options = { .user = "bench", .cache = cache };
	struct source source;
	struct client *c;
	struct error e = { 0 };
	struct taken t;
	int64_t from;

	source_open(&source, &order);
	options.url = source.url;
	must(client_open(&c, &options, &e) == ERR_OK, e.text);
	t = follow(c, events);
	from = clock_mono_ns();
	client_close(c);
	printf("%-44s %8.3f M events/s  %6.0f ns CPU each  worst turn %5.1f ms  close %4.0f ms  RSS %ld MB\n",
	    name, (double)t.events / t.wall / 1e6, t.cpu / (double)t.events * 1e9, t.worst,
	    (double)(clock_mono_ns() - from) / 1e6, status_of(getpid(), "VmRSS:") / 1024);
	source_close(&source);
}

/* ---- opening again */

static void
apply(void *ctx, const struct event *e)
{
	struct cached **c = ctx;

	session_apply(cached_session(*c), e);
}

/* A token, or a paragraph of an answer where there should be more in each. */
static size_t
event_of_size(size_t n, size_t text, char *out, size_t room)
{
	size_t at;

	if (text == 0 || n % SOURCE_TURN == 0)
		return source_event(n, out);
	at = (size_t)snprintf(out, room, "{\"type\":\"chunks\",\"key\":\"c%zu\",\"value\":{\"agentId\":"
	    "\"claude\",\"turn\":%zu,\"timestamp\":1700000000000,\"text\":\"\\n\\nparagraph %zu: ", n,
	    n / SOURCE_TURN, n);
	for (size_t i = 0; i < text; i++)
		out[at++] = i % 9 == 8 ? ' ' : (char)('a' + (n + i) % 26);
	return at + (size_t)snprintf(out + at, room - at, "\"},\"headers\":{\"operation\":\"insert\"}}");
}

/* A session of the cache that was written without any network; `text` as above. */
static void
make_session(const char *cache, const char *url, size_t events, size_t text)
{
	struct endpoint endpoint;
	struct buf name = { 0 };
	static char event[16384];
	struct cached *c;
	struct error e = { 0 };

	must(endpoint_parse(&endpoint, str_from(url), &e) == ERR_OK, e.text);
	endpoint_name(&endpoint, &name);
	const struct cached_options options = { .path = cache, .name = buf_view(&name),
		.dialect = &dialect_durable, .sink = { apply, &c } };
	must(cached_open(&c, &options, NULL, &e) == ERR_OK, e.text);
	for (size_t i = 0; i < events; i++) {
		size_t n = event_of_size(i, text, event, sizeof event);

		must(cached_record(c, str_of(event, n), 1700000000000, &e) == ERR_OK, e.text);
		if (i % 100 == 0)
			must(cached_commit(c, &e) == ERR_OK, e.text);
	}
	cached_close(c);
	endpoint_done(&endpoint);
	buf_done(&name);
}

static bool
painted(struct term *t, const void *what)
{
	return term_has(t, what);
}

static struct term *
attach(const char *url, const char *const *env)
{
	const char *weir = getenv("WEIR");
	const char *const argv[] = { weir != NULL ? weir : "./weir", "attach", url, NULL };
	const struct term_options options = { .display = { .rows = 40, .cols = 120 }, .env = env };

	return term_open(argv, &options);
}

/* ms until `text` stands on the screen: the median of some starts. */
static double
first_paint(const char *url, const char *const *env, const char *text, long *rss)
{
	enum { ROUNDS = 15 };
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		int64_t from = clock_mono_ns();
		struct term *t = attach(url, env);

		must(term_wait(t, painted, text, "the first paint", WAIT), "no first paint");
		ms[i] = (double)(clock_mono_ns() - from) / 1e6;
		*rss = status_of(term_pid(t), "VmRSS:");
		term_close(t);
	}
	qsort(ms, ROUNDS, sizeof ms[0], bench_compare);
	return ms[ROUNDS / 2];
}

static void
open_again(void)
{
	size_t events = scale("BENCH_OPEN_EVENTS", 200000);
	char cache[96], state[96], empty[96], full[96], all[64];
	const char *const env[] = { state, "USER=bench", "NO_COLOR", NULL };
	double none, some;
	long rss;

	snprintf(state, sizeof state, "XDG_STATE_HOME=%s", dir);
	snprintf(cache, sizeof cache, "%s/weir/sessions.db", dir);
	snprintf(empty, sizeof empty, "unix:%s/none.sock:/v1/stream/empty", dir);
	snprintf(full, sizeof full, "unix:%s/none.sock:/v1/stream/full", dir);
	snprintf(all, sizeof all, "applied %zu", events);
	make_session(cache, empty, 0, 0);
	make_session(cache, full, events, 0);
	none = first_paint(empty, env, "applied 0", &rss);
	some = first_paint(full, env, all, &rss);
	printf("%-44s %8.1f ms, empty %.1f ms: %.1f ms more  RSS %.1f MB\n", "first paint, 200,000 events", some,
	    none, some - none, (double)rss / 1024);
}

/* ---- memory */

static bool
drew(struct term *t, const void *before)
{
	return strcmp(term_screen(t), before) != 0;
}

static void
type_and_wait(struct term *t, const char *keys)
{
	char *before = mem_strdup(term_screen(t));

	term_type(t, keys);
	must(term_wait(t, drew, before, "the screen to change", WAIT), "no change");
	free(before);
}

/* RSS of weir with a session of so many bytes: opened, and after a walk to the top and a search. */
static void
memory(const char *name, size_t bytes)
{
	enum { TEXT = 900 };
	size_t events = bytes / (TEXT + 130);
	char cache[96], state[96], url[96], all[64];
	const char *const env[] = { state, "USER=bench", "NO_COLOR", NULL };
	struct term *t;
	long opened;

	snprintf(state, sizeof state, "XDG_STATE_HOME=%s/%s", dir, name);
	snprintf(cache, sizeof cache, "%s/%s/weir/sessions.db", dir, name);
	snprintf(url, sizeof url, "unix:%s/none.sock:/v1/stream/long", dir);
	snprintf(all, sizeof all, "applied %zu", events);
	make_session(cache, url, events, TEXT);
	t = attach(url, env);
	must(term_wait(t, painted, all, "the session", WAIT), "no session");
	opened = status_of(term_pid(t), "VmRSS:");
	type_and_wait(t, "g");
	type_and_wait(t, "f");
	type_and_wait(t, "/nowhere to be found\r");
	type_and_wait(t, "G");
	printf("%-44s opened %5.1f MB, after top, search, end %5.1f MB, peak %5.1f MB\n", name,
	    (double)opened / 1024, (double)status_of(term_pid(t), "VmRSS:") / 1024,
	    (double)status_of(term_pid(t), "VmHWM:") / 1024);
	term_close(t);
}

static void
memories(void)
{
	memory("history of 10 MB", 10 << 20);
	memory("history of 100 MB", 100 << 20);
	if (getenv("BENCH_LARGE") != NULL)
		memory("history of 1 GB", 1 << 30);
}

/* ---- many, and nothing */

static void
many(void)
{
	enum { MOST = 200, RATE = 20 };
	size_t seconds = scale("BENCH_SECONDS", 10), events = 0;
	const struct source_order order = { .events = SIZE_MAX / 2, .batch = 1, .rate = RATE };
	struct client *clients[MOST];
	struct pollfd fds[MOST];
	struct source source;
	struct error e = { 0 };
	int64_t from, worst = 0;
	double cpu = 0;
	bool changed;

	source_open(&source, &order);
	for (size_t i = 0; i < MOST; i++) {
		const struct client_options options = { .url = source.url, .user = "bench", .read_only = true };

		must(client_open(&clients[i], &options, &e) == ERR_OK, e.text);
		must(client_connect(clients[i], &e) == ERR_OK, e.text);
		fds[i] = (struct pollfd){ .fd = client_fd(clients[i]), .events = POLLIN };
	}
	from = clock_mono();
	for (bool warm = false; clock_mono() - from < (int64_t)seconds * 1000;) {
		int64_t turn;

		poll(fds, MOST, 100);
		turn = clock_mono_ns();
		for (size_t i = 0; i < MOST; i++)
			if (fds[i].revents != 0 || client_deadline(clients[i]) <= clock_mono())
				must(client_work(clients[i], &changed, &e) == ERR_OK, e.text);
		turn = clock_mono_ns() - turn;
		if (!warm && clock_mono() - from > 1000) {
			warm = true;
			from = clock_mono();
			cpu = bench_cpu_ns();
			worst = 0;
		}
		worst = turn > worst ? turn : worst;
	}
	cpu = (bench_cpu_ns() - cpu) / 1e9 / (double)seconds;
	for (size_t i = 0; i < MOST; i++) {
		events += client_proof(clients[i]).records;
		client_close(clients[i]);
	}
	printf("%-44s %.1f %% of a core, %zu events, worst turn %.1f ms, RSS %ld MB\n",
	    "200 streams, 20 events/s each", cpu * 100, events, (double)worst / 1e6,
	    status_of(getpid(), "VmRSS:") / 1024);
	source_close(&source);
}

/* How often the threads of a process went to sleep by themselves. */
static long
switches(pid_t pid)
{
	char path[64];
	struct dirent *task;
	long n = 0;
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	must(tasks != NULL, "no such process");
	while ((task = readdir(tasks)) != NULL)
		if (task->d_name[0] != '.')
			n += status_of((pid_t)strtol(task->d_name, NULL, 10), "voluntary_ctxt_switches:");
	closedir(tasks);
	return n;
}

static void
idle(void)
{
	const struct source_order order = { .events = 1000, .batch = 10 };
	size_t seconds = scale("BENCH_SECONDS", 10), bytes;
	char state[96];
	const char *const env[] = { state, "USER=bench", "NO_COLOR", NULL };
	struct source source;
	struct term *t;
	long before;

	snprintf(state, sizeof state, "XDG_STATE_HOME=%s/idle", dir);
	source_open(&source, &order);
	t = attach(source.url, env);
	must(term_wait(t, painted, "applied 1000", "all of it", WAIT), "not all of it");
	/* The rate of what just came goes from the screen by and by. */
	for (int i = 0; i < 30; i++) {
		usleep(100000);
		term_poll(t);
	}
	before = switches(term_pid(t));
	bytes = term_received(t);
	sleep((unsigned)seconds);
	term_poll(t);
	printf("%-44s %.2f wake-ups/s, %zu bytes to the terminal, RSS %.1f MB\n", "idle, attached",
	    (double)(switches(term_pid(t)) - before) / (double)seconds, term_received(t) - bytes,
	    (double)status_of(term_pid(t), "VmRSS:") / 1024);
	term_close(t);
	source_close(&source);
}

static void
take_in(void)
{
	size_t events = scale("BENCH_EVENTS", 2400000);

	bulk("bulk over SSE, one an event", events, 1, NULL);
	bulk("bulk over SSE, 64 an event", events, 64, NULL);
}

static void
take_in_cached(void)
{
	char cache[96];

	snprintf(cache, sizeof cache, "%s/cache.db", dir);
	bulk("bulk over SSE, 64 an event, into the cache", scale("BENCH_EVENTS", 2400000), 64, cache);
}

/* All of it, or the parts that are named. */
int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{ "bulk", take_in }, { "cache", take_in_cached }, { "open", open_again },
		{ "memory", memories }, { "many", many }, { "idle", idle },
	};

	must(tempdir_make(dir), "no directory");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		bool named = argc < 2;

		for (int k = 1; k < argc; k++)
			named |= strcmp(argv[k], parts[i].name) == 0;
		if (named)
			parts[i].run();
	}
	tempdir_remove(dir);
	return 0;
}
