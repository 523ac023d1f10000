/*
 * What it costs to follow one long answer: weir and `opencode attach` beside each other, both on the
 * same session of a real server. Prints their CPU time as the kernel counts it, and its peak memory.
 *	opencode_bench KB TOKENS_PER_SECOND
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/opencode_server.h"
#include "tests/e2e/world.h"

enum { ROWS = 50, COLS = 120, LINE = 512 };

struct rival {
	const char *name;
	struct term *t;
	double before, after;		/* seconds of CPU */
	long peak;			/* KB */
};

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static double
cpu_of(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64], line[LINE];
	FILE *f;
	char *p;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL || fgets(line, sizeof line, f) == NULL || (p = strrchr(line, ')')) == NULL ||
	    sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
		fprintf(stderr, "opencode_bench: %s cannot be read\n", path);
		abort();
	}
	fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long
peak_of(pid_t pid)
{
	char path[64], line[LINE];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL && sscanf(line, "VmHWM: %ld", &kb) != 1)
		continue;
	if (f != NULL)
		fclose(f);
	return kb;
}

/* As the tool runs it: nothing of it is kept anywhere else. */
static struct term *
peer_term(const char *url, const char *session)
{
	static const char *const places[][2] = { { "HOME", "home" }, { "XDG_CONFIG_HOME", "home/.config" },
		{ "XDG_DATA_HOME", "home/.local/share" }, { "XDG_STATE_HOME", "home/.local/state" },
		{ "XDG_CACHE_HOME", "home/.cache" } };
	enum { PLACES = sizeof places / sizeof *places };
	char values[PLACES][LINE], program[LINE];
	const char *env[PLACES + 3] = { [PLACES] = "OPENCODE_DISABLE_AUTOUPDATE=1", "COLORTERM=truecolor" };
	const struct term_options options = { .display = { .rows = ROWS, .cols = COLS }, .env = env };
	const char *const argv[] = { program, "attach", url, "--session", session, NULL };
	const char *dir = getenv("OPENCODE_DIR");

	for (int i = 0; i < PLACES; i++) {
		snprintf(values[i], LINE, "%s=%s/%s", places[i][0], dir, places[i][1]);
		env[i] = values[i];
	}
	snprintf(program, sizeof program, "%s/node_modules/.bin/opencode", dir);
	return term_open(argv, &options);
}

/* Both are looked at all the time: a terminal that does not read would be a rest for its program. */
static void
follow(struct rival r[2], struct opencode_server *o, const char *session)
{
	bool busy = true;

	for (unsigned turn = 0; busy; turn++) {
		for (int i = 0; i < 2; i++)
			term_poll(r[i].t);
		pause_ms(10);
		if (turn % 100 == 99) {
			struct str status = opencode_get(o, "/session/status");

			busy = str_find(status, str_from(session)) < status.n;
		}
	}
	/* What is drawn a moment later counts as well. */
	for (int i = 0; i < 200; i++) {
		term_poll(r[i % 2].t);
		pause_ms(5);
	}
}

int
main(int argc, char **argv)
{
	struct opencode_server *o = opencode_start();
	struct rival r[2] = { { .name = "weir attach" }, { .name = "opencode attach" } };
	char id[OPENCODE_ID], prompt[80];
	const char *args[] = { "attach", "--no-cache", NULL, NULL };
	struct world w;

	snprintf(prompt, sizeof prompt, "[[big kb=%s tps=%s]]", argc > 1 ? argv[1] : "200",
	    argc > 2 ? argv[2] : "200");
	world_open(&w);
	opencode_session(o, "bench", id);
	args[2] = opencode_url(o, id);
	r[0].t = world_term(&w, args, ROWS, COLS);
	r[1].t = peer_term(opencode_url(o, NULL), id);
	for (int i = 0; i < 2; i++)
		if (!term_wait_text(r[i].t, i == 0 ? "● live" : "ctrl+p commands", SOON))
			return 1;
	for (int i = 0; i < 2; i++)
		r[i].before = cpu_of(term_pid(r[i].t));
	opencode_prompt(o, id, prompt);
	follow(r, o, id);
	for (int i = 0; i < 2; i++) {
		r[i].after = cpu_of(term_pid(r[i].t));
		r[i].peak = peak_of(term_pid(r[i].t));
		if (!term_wait_text(r[i].t, "bullet", SOON))
			return 1;
		printf("%-16s start %6.2f s  answer %6.2f s  peak %7ld KB\n", r[i].name, r[i].before,
		    r[i].after - r[i].before, r[i].peak);
	}
	printf("ratio %.1f\n", (r[1].after - r[1].before) / (r[0].after - r[0].before));
	for (int i = 0; i < 2; i++)
		term_close(r[i].t);
	world_close(&w);
	opencode_end(o);
	return 0;
}
