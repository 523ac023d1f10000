#include "serve/commit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { BATCH_MAX = 128 };

struct queue {
	struct op *first, **last;
	size_t n;
};

struct commit {
	struct streams *log;
	struct rules *rules;
	pthread_t thread;
	int fd;
	/* Below: under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queue in, out;
	int64_t busy;			/* when the first of the batch was queued, 0 for no batch */
	struct commit_stats stats;
	bool stop;
};

static void
queue_init(struct queue *q)
{
	*q = (struct queue){ .last = &q->first };
}

static void
queue_add(struct queue *q, struct op *op)
{
	op->next = NULL;
	*q->last = op;
	q->last = &op->next;
	q->n++;
}

static struct op *
queue_take(struct queue *q)
{
	struct op *op = q->first;

	if (op == NULL)
		return NULL;
	q->first = op->next;
	if (q->first == NULL)
		q->last = &q->first;
	q->n--;
	return op;
}

/* All of `from` behind all of `to`. */
static void
queue_move(struct queue *to, struct queue *from)
{
	if (from->first == NULL)
		return;
	*to->last = from->first;
	to->last = from->last;
	to->n += from->n;
	queue_init(from);
}

static void
apply_all(struct commit *c, struct queue *batch, int64_t *sync_ns)
{
	int64_t now = clock_wall(), began;

	if (!streams_begin(c->log))
		return;
	for (struct op *op = batch->first; op != NULL && streams_ok(c->log); op = op->next)
		rules_apply(c->rules, op, now);
	began = clock_mono_ns();
	if (!streams_commit(c->log))
		streams_rollback(c->log);
	*sync_ns = clock_mono_ns() - began;
}

/* One transaction; true when it is on disk. */
static bool
write_batch(struct commit *c, struct queue *batch, int64_t *sync_ns)
{
	int status = streams_full(c->log) ? 507 : 503;

	if (streams_ok(c->log)) {
		apply_all(c, batch, sync_ns);
		if (streams_ok(c->log))
			return true;
		status = streams_full(c->log) ? 507 : 500;
	}
	for (struct op *op = batch->first; op != NULL; op = op->next)
		op_fail(op, status, "the log cannot be written; see the server's log");
	return false;
}

static void
wait_batch(struct commit *c, struct queue *batch)
{
	pthread_mutex_lock(&c->lock);
	while (c->in.n == 0 && !c->stop)
		pthread_cond_wait(&c->wake, &c->lock);
	while (batch->n < BATCH_MAX && c->in.n > 0)
		queue_add(batch, queue_take(&c->in));
	c->busy = batch->n > 0 ? batch->first->queued : 0;
	pthread_mutex_unlock(&c->lock);
}

static void
hand_back(struct commit *c, struct queue *batch, bool ok, int64_t ns, int64_t sync_ns)
{
	uint64_t one = 1, bytes = 0, appends = 0;
	size_t n = batch->n, size = 0;

	for (const struct op *op = batch->first; op != NULL && ok; op = op->next) {
		bytes += op->out.changed || op->out.status == 201 ? op->body.n : 0;
		appends += op->out.changed && op->count > 0;
	}
	while (size < COMMIT_SIZES - 1 && n > (size_t)1 << size)
		size++;
	pthread_mutex_lock(&c->lock);
	queue_move(&c->out, batch);
	c->busy = 0;
	c->stats.appends += appends;
	c->stats.sizes[size] += ok;
	c->stats.sync_ns += sync_ns;
	c->stats.ops += n;
	c->stats.commits += ok;
	c->stats.bytes += bytes;
	c->stats.failed += ok ? 0 : n;
	c->stats.ns += ns;
	c->stats.read_only = !ok;
	pthread_mutex_unlock(&c->lock);
	while (write(c->fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void *
commit_loop(void *arg)
{
	struct commit *c = arg;
	struct queue batch;

	queue_init(&batch);
	for (;;) {
		int64_t began, sync_ns = 0;
		bool ok;

		wait_batch(c, &batch);
		if (batch.n == 0)
			return NULL;
		began = clock_mono_ns();
		ok = write_batch(c, &batch, &sync_ns);
		hand_back(c, &batch, ok, clock_mono_ns() - began, sync_ns);
	}
}

struct commit *
commit_new(struct streams *l, const struct retention *keep)
{
	struct commit *c = mem_zalloc(sizeof *c);
	sigset_t all, old;

	c->log = l;
	c->rules = rules_new(l, keep);
	c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	queue_init(&c->in);
	queue_init(&c->out);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&c->thread, NULL, commit_loop, c) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return c;
}

void
commit_free(struct commit *c, void (*done)(void *ctx, struct op *op), void *ctx)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	commit_reap(c, done, ctx);
	close(c->fd);
	rules_free(c->rules);
	streams_close(c->log);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

int
commit_fd(const struct commit *c)
{
	return c->fd;
}

void
commit_submit(struct commit *c, struct op *op)
{
	op->queued = clock_mono_ns();
	pthread_mutex_lock(&c->lock);
	queue_add(&c->in, op);
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void
commit_reap(struct commit *c, void (*done)(void *ctx, struct op *op), void *ctx)
{
	struct queue finished;
	struct op *op;
	uint64_t count;

	queue_init(&finished);
	if (read(c->fd, &count, sizeof count) < 0 && errno != EAGAIN)
		return;
	pthread_mutex_lock(&c->lock);
	queue_move(&finished, &c->out);
	pthread_mutex_unlock(&c->lock);
	while ((op = queue_take(&finished)) != NULL)
		done(ctx, op);
}

void
commit_stats(struct commit *c, struct commit_stats *out)
{
	int64_t now = clock_mono_ns(), oldest;

	pthread_mutex_lock(&c->lock);
	*out = c->stats;
	out->waiting = c->in.n;
	oldest = c->busy != 0 ? c->busy : c->in.n > 0 ? c->in.first->queued : now;
	out->age_ns = now - oldest;
	pthread_mutex_unlock(&c->lock);
}

const char *
commit_error(struct commit *c)
{
	struct commit_stats st;

	/* The thread writes the text before it says so, and never again. */
	commit_stats(c, &st);
	return st.read_only ? streams_error(c->log) : "";
}
