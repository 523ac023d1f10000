#include "serve/metrics.h"

static void
answer(struct request *r, struct reply *p)
{
	reply_header(p, "Cache-Control", "no-store");
	request_answer(r, p);
}

void
metrics_health(struct server *s, struct request *r, struct str rest)
{
	struct commit_stats st;

	(void)rest;
	commit_stats(s->commit, &st);
	answer(r, st.read_only ? reply_error(503, "the log is read-only") : reply_error(200, "ok"));
}

/* How many writes a transaction held, as a histogram. */
static void
write_sizes(struct buf *out, const struct commit_stats *st)
{
	uint64_t sum = 0;

	buf_printf(out, "# HELP weir_commit_writes Writes in a transaction.\n"
	    "# TYPE weir_commit_writes histogram\n");
	for (int i = 0; i < COMMIT_SIZES; i++) {
		sum += st->sizes[i];
		buf_printf(out, "weir_commit_writes_bucket{le=\"%d\"} %llu\n", 1 << i,
		    (unsigned long long)sum);
	}
	buf_printf(out, "weir_commit_writes_bucket{le=\"+Inf\"} %llu\nweir_commit_writes_sum %llu\n"
	    "weir_commit_writes_count %llu\n", (unsigned long long)sum,
	    (unsigned long long)(st->ops - st->failed), (unsigned long long)sum);
}

void
metrics_handle(struct server *s, struct request *r, struct str rest)
{
	struct commit_stats st;
	struct buf out = { 0 };
	struct reply *p;

	(void)rest;
	commit_stats(s->commit, &st);
	const struct {
		const char *name, *type, *help;
		double value;
	} rows[] = {
		{ "weir_writes_total", "counter", "Writes that were committed or refused.",
		    (double)st.ops },
		{ "weir_writes_failed_total", "counter", "Writes that the log could not take.",
		    (double)st.failed },
		{ "weir_appends_total", "counter", "Appends that were committed.",
		    (double)st.appends },
		{ "weir_append_bytes_total", "counter", "Bytes that were committed.",
		    (double)st.bytes },
		{ "weir_commits_total", "counter", "Transactions, each with one fsync.",
		    (double)st.commits },
		{ "weir_commit_seconds_total", "counter", "Time in transactions.",
		    (double)st.ns / 1e9 },
		{ "weir_sync_seconds_total", "counter",
		    "Of that, the time until what was written was on disk.", (double)st.sync_ns / 1e9 },
		{ "weir_queue_age_seconds", "gauge", "Age of the oldest write without an answer.",
		    (double)st.age_ns / 1e9 },
		{ "weir_writes_waiting", "gauge", "Writes that wait for the next transaction.",
		    (double)st.waiting },
		{ "weir_read_only", "gauge", "1 after a write to the log failed.", st.read_only },
		{ "weir_subscribers", "gauge", "Readers that follow a stream.",
		    (double)hub_subscribers(s->hub) },
		{ "weir_connections", "gauge", "Open connections.", httpd_connections(s->httpd) },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		buf_printf(&out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", rows[i].name,
		    rows[i].help, rows[i].name, rows[i].type, rows[i].name, rows[i].value);
	write_sizes(&out, &st);
	p = reply_new(200, &out);
	reply_header(p, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	answer(r, p);
}
