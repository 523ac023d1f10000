#include "model/store_sync.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/store_db.h"

enum { MOVE = 1, CHECK = 2, STOP = 4, DAMAGED = 8, PRUNE = 16 };

struct store_sync {
	const char *path;
	pthread_t thread;
	sqlite3 *db;		/* the thread's */
	pthread_mutex_t lock;
	pthread_cond_t asked;
	struct store_limits limits;	/* written before PRUNE is asked for */
	unsigned word;		/* what is to be done and is not done yet, what was found */
};

static void
done(struct store_sync *y, unsigned what, unsigned found)
{
	pthread_mutex_lock(&y->lock);
	y->word &= ~what;
	y->word |= found;
	pthread_mutex_unlock(&y->lock);
}

/* Stops looking as soon as the program wants to end. */
static int
shall_stop(void *arg)
{
	struct store_sync *y = arg;
	bool stop;

	pthread_mutex_lock(&y->lock);
	stop = (y->word & STOP) != 0;
	pthread_mutex_unlock(&y->lock);
	return stop;
}

static bool
is_damaged(struct store_sync *y)
{
	sqlite3_stmt *s = NULL;
	bool bad = false;
	int rc;

	sqlite3_progress_handler(y->db, 10000, shall_stop, y);
	rc = sqlite3_prepare_v2(y->db, "PRAGMA quick_check(1)", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		bad = strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0;
	sqlite3_finalize(s);
	sqlite3_progress_handler(y->db, 0, NULL, NULL);
	return bad || (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

static bool
may_not_go_on(void *ctx)
{
	struct store_sync *y = ctx;

	/* The log goes first: the main thread may wait for it. */
	if (store_sync_moving(y))
		sqlite3_wal_checkpoint_v2(y->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	done(y, MOVE, 0);
	return shall_stop(y);
}

static void
prune(struct store_sync *y)
{
	struct store_pruned pruned;
	struct store *st;
	struct error e;

	if (store_open_second(&st, y->path, &e) != ERR_OK ||
	    store_prune(st, &y->limits, may_not_go_on, y, &pruned, &e) != ERR_OK)
		log_write(LOG_WARN, "prune the cache: %s", e.text);
	store_close(st);
}

static void
work(struct store_sync *y, unsigned what)
{
	if ((what & MOVE) != 0) {
		sqlite3_wal_checkpoint_v2(y->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		done(y, MOVE, 0);
	}
	if ((what & CHECK) != 0)
		done(y, CHECK, is_damaged(y) ? DAMAGED : 0);
	if ((what & PRUNE) != 0) {
		prune(y);
		done(y, PRUNE, 0);
	}
}

static void *
run(void *arg)
{
	struct store_sync *y = arg;
	unsigned what;

	for (;;) {
		pthread_mutex_lock(&y->lock);
		while ((y->word & (MOVE | CHECK | PRUNE | STOP)) == 0)
			pthread_cond_wait(&y->asked, &y->lock);
		what = y->word;
		pthread_mutex_unlock(&y->lock);
		if ((what & STOP) != 0)
			return NULL;
		work(y, what);
	}
}

/* Signals are for the main thread. */
static bool
start_thread(struct store_sync *y)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&y->thread, NULL, run, y) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

struct store_sync *
store_sync_start(const char *path)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	struct store_sync *y = mem_zalloc(sizeof *y);

	y->path = path;
	pthread_mutex_init(&y->lock, NULL);
	pthread_cond_init(&y->asked, NULL);
	if (sqlite3_open_v2(path, &y->db, flags, NULL) == SQLITE_OK &&
	    sqlite3_db_config(y->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
	    sqlite3_exec(y->db, "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL", NULL, NULL,
	    NULL) == SQLITE_OK && start_thread(y))
		return y;
	sqlite3_close(y->db);
	free(y);
	return NULL;
}

static void
ask(struct store_sync *y, unsigned what)
{
	pthread_mutex_lock(&y->lock);
	if ((y->word & what) == 0) {
		y->word |= what;
		pthread_cond_signal(&y->asked);
	}
	pthread_mutex_unlock(&y->lock);
}

static bool
is_set(struct store_sync *y, unsigned bit)
{
	bool set;

	pthread_mutex_lock(&y->lock);
	set = (y->word & bit) != 0;
	pthread_mutex_unlock(&y->lock);
	return set;
}

void
store_sync_stop(struct store_sync *y)
{
	if (y == NULL)
		return;
	ask(y, STOP);
	pthread_join(y->thread, NULL);
	sqlite3_close(y->db);
	pthread_cond_destroy(&y->asked);
	pthread_mutex_destroy(&y->lock);
	free(y);
}

void
store_sync_move(struct store_sync *y)
{
	ask(y, MOVE);
}

bool
store_sync_moving(struct store_sync *y)
{
	return is_set(y, MOVE);
}

void
store_sync_check(struct store_sync *y)
{
	ask(y, CHECK);
}

void
store_sync_prune(struct store_sync *y, const struct store_limits *limits)
{
	y->limits = *limits;
	ask(y, PRUNE);
}

bool
store_sync_damaged(struct store_sync *y)
{
	return is_set(y, DAMAGED);
}
