#include "tests/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/store_db.h"
#include "tests/tempdir.h"

/* A directory of its own for every test; what is in it goes with it. */
struct place {
	char dir[TEMPDIR_NAME];
	char path[96];
	struct store *st;
	int64_t session;
	struct error e;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	if (!tempdir_make(p->dir))
		return -1;
	snprintf(p->path, sizeof p->path, "%s/cache/weir.db", p->dir);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->st);
	tempdir_remove(p->dir);
	free(p);
	return 0;
}

static void
reopen(struct place *p)
{
	struct buf note = { 0 };

	store_close(p->st);
	assert_int_equal(store_open(&p->st, p->path, &note, &p->e), ERR_OK);
	assert_int_equal(note.n, 0);
	assert_int_equal(store_session(p->st, STR("http://h/s"), STR("durable"), &p->session, &p->e),
	    ERR_OK);
}

static void
append(struct place *p, const char *record)
{
	assert_int_equal(store_append(p->st, p->session, str_from(record), 7, &p->e), ERR_OK);
}

static void
move(struct place *p, const char *cursor, uint64_t skip)
{
	struct position at = { .skip = skip };

	buf_set(&at.cursor, str_from(cursor));
	store_set_position(p->st, p->session, &at);
	buf_done(&at.cursor);
}

static bool
collect(void *ctx, struct str bytes, int64_t time)
{
	struct buf *out = ctx;

	buf_printf(out, "%.*s@%d ", STR_ARG(bytes), (int)time);
	return true;
}

static void
expect(struct place *p, const char *records, const char *cursor, uint64_t skip)
{
	struct position at;
	struct buf got = { 0 };
	uint64_t count = 0;

	assert_int_equal(store_replay(p->st, p->session, collect, &got, &count, &p->e), ERR_OK);
	assert_str(buf_view(&got), str_from(records));
	store_position(p->st, p->session, &at);
	assert_str(buf_view(&at.cursor), str_from(cursor));
	assert_int_equal(at.skip, skip);
	buf_done(&at.cursor);
	buf_done(&got);
}

static void
test_round_trip(void **state)
{
	struct place *p = *state;

	reopen(p);
	expect(p, "", "", 0);
	append(p, "a");
	append(p, "");
	move(p, "c1", 0);
	append(p, "b");
	expect(p, "a@7 @7 b@7 ", "c1", 1);
	reopen(p);
	expect(p, "a@7 @7 b@7 ", "c1", 1);
	assert_int_equal(store_forget(p->st, p->session, &p->e), ERR_OK);
	expect(p, "", "", 0);
	append(p, "z");
	reopen(p);
	expect(p, "z@7 ", "", 1);
	/* What another dialect made of the same place is no past of this one. */
	store_close(p->st);
	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_OK);
	assert_int_equal(store_session(p->st, STR("http://h/s"), STR("sse"), &p->session, &p->e), 0);
	expect(p, "", "", 0);
}

static void
test_memory(void **state)
{
	struct place *p = *state;

	assert_int_equal(store_open(&p->st, NULL, NULL, &p->e), ERR_OK);
	assert_int_equal(store_session(p->st, STR("s"), STR("durable"), &p->session, &p->e), ERR_OK);
	append(p, "a");
	assert_int_equal(store_commit(p->st, &p->e), ERR_OK);
	expect(p, "a@7 ", "", 1);
}

static unsigned
mode_of(const char *path)
{
	struct stat sb;

	assert_int_equal(stat(path, &sb), 0);
	return sb.st_mode & 0777;
}

static void
test_permissions(void **state)
{
	struct place *p = *state;
	char name[128];
	mode_t mask = umask(0);

	reopen(p);
	append(p, "a");
	assert_int_equal(store_commit(p->st, &p->e), ERR_OK);
	umask(mask);
	assert_int_equal(mode_of(p->path), 0600);
	snprintf(name, sizeof name, "%s-wal", p->path);
	assert_int_equal(mode_of(name), 0600);
	snprintf(name, sizeof name, "%s/cache", p->dir);
	assert_int_equal(mode_of(name), 0700);
	store_close(p->st);
	p->st = NULL;
	/* What was opened wider is narrowed; a directory that others write to is refused. */
	chmod(p->path, 0644);
	reopen(p);
	assert_int_equal(mode_of(p->path), 0600);
	store_close(p->st);
	chmod(name, 0770);
	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_STORE);
	assert_null(p->st);
	assert_non_null(strstr(p->e.text, "chmod go-w"));
	chmod(name, 0700);
}

static void
test_links_are_refused(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", "-lock" };
	struct place *p = *state;
	char name[128], target[128];

	reopen(p);
	store_close(p->st);
	snprintf(target, sizeof target, "%s/target", p->dir);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(name, sizeof name, "%s%s", p->path, suffixes[i]);
		unlink(name);
		assert_int_equal(symlink(target, name), 0);
		assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_STORE);
		assert_int_equal(access(target, F_OK), -1);
		unlink(name);
	}
	/* A link above the directory is the user's own affair. */
	snprintf(name, sizeof name, "%s/cache", p->dir);
	snprintf(target, sizeof target, "%s/link", p->dir);
	assert_int_equal(symlink(name, target), 0);
	snprintf(p->path, sizeof p->path, "%s/link/weir.db", p->dir);
	reopen(p);
}

static void
scribble(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void
expect_set_aside(struct place *p, unsigned n)
{
	struct buf note = { 0 };
	char name[128];

	assert_int_equal(store_open(&p->st, p->path, &note, &p->e), ERR_OK);
	snprintf(name, sizeof name, "%s.damaged-%u", p->path, n);
	assert_true(str_find(buf_view(&note), str_from(name)) < note.n);
	assert_int_equal(access(name, F_OK), 0);
	buf_done(&note);
	assert_int_equal(store_session(p->st, STR("http://h/s"), STR("durable"), &p->session, &p->e),
	    ERR_OK);
	expect(p, "", "", 0);
	append(p, "new");
	reopen(p);
	expect(p, "new@7 ", "", 1);
	store_close(p->st);
	p->st = NULL;
}

static void
fill(struct place *p)
{
	char record[200];

	reopen(p);
	memset(record, 'x', sizeof record);
	record[sizeof record - 1] = '\0';
	for (int i = 0; i < 500; i++)
		append(p, record);
	store_close(p->st);
	p->st = NULL;
}

static void
test_damage(void **state)
{
	struct place *p = *state;
	char garbage[8192];

	memset(garbage, 0xa5, sizeof garbage);
	fill(p);
	scribble(p->path, 0, "no database at all", 18);
	expect_set_aside(p, 1);
	fill(p);
	/* The middle of the table. */
	scribble(p->path, 12288, garbage, sizeof garbage);
	expect_set_aside(p, 2);
	fill(p);
	assert_int_equal(truncate(p->path, 5000), 0);
	expect_set_aside(p, 3);
}

/* Changes the file behind the store's back. */
static void
sqlite(struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_foreign_files(void **state)
{
	struct place *p = *state;

	fill(p);
	sqlite(p, "PRAGMA user_version = 99");
	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_STORE);
	assert_non_null(strstr(p->e.text, "newer weir"));
	sqlite(p, "PRAGMA user_version = 1; PRAGMA application_id = 5");
	assert_int_equal(store_open(&p->st, p->path, NULL, &p->e), ERR_STORE);
	assert_non_null(strstr(p->e.text, "no cache of weir"));
	/* Something that would run when weir writes. */
	sqlite(p, "PRAGMA application_id = 2003134834; CREATE TRIGGER t AFTER INSERT ON record BEGIN "
	    "DELETE FROM outbox; END");
	expect_set_aside(p, 1);
	/* A position that no record supports. */
	fill(p);
	sqlite(p, "UPDATE session SET skip = -1, cursor = x'41'");
	reopen(p);
	expect(p, "", "", 0);
}

/* A cache of the first version becomes one of today, and is kept as it was. */
static void
test_migration(void **state)
{
	struct place *p = *state;
	struct buf sql = { 0 };
	char name[128];

	reopen(p);
	store_close(p->st);
	p->st = NULL;
	unlink(p->path);
	buf_str(&sql, STR("PRAGMA application_id = 2003134834; PRAGMA user_version = 1;"));
	for (const char *const *s = store_migrations[0]; *s != NULL; s++)
		buf_printf(&sql, "%s;", *s);
	buf_str(&sql, STR("INSERT INTO session VALUES (3, CAST('http://h/s' AS BLOB), "
	    "CAST('durable' AS BLOB), x'6331', 1, 2);"
	    "INSERT INTO record VALUES (3, 1, 7, x'61'), (3, 2, 7, x'62')"));
	sqlite(p, buf_cstr(&sql));
	reopen(p);
	expect(p, "a@7 b@7 ", "c1", 1);
	append(p, "c");
	reopen(p);
	expect(p, "a@7 b@7 c@7 ", "c1", 2);
	snprintf(name, sizeof name, "%s.v1", p->path);
	assert_int_equal(mode_of(name), 0600);
	/* The copy is one an older weir can go on with. */
	store_close(p->st);
	p->st = NULL;
	assert_int_equal(rename(name, p->path), 0);
	sqlite(p, "INSERT INTO record VALUES (3, 3, 7, x'63'); UPDATE session SET records = 3");
	reopen(p);
	expect(p, "a@7 b@7 c@7 ", "c1", 1);
	buf_done(&sql);
}

/* A file somebody has had his hands on: whatever it holds, it is read, refused or set aside. */
static void
test_mutated(void **state)
{
	struct place *p = *state;
	struct buf file = { 0 }, got = { 0 };
	char lock[128];
	uint64_t seed = 5;
	int fd;

	fill(p);
	fd = open(p->path, O_RDONLY);
	assert_true(buf_read_fd(&file, fd, 1 << 20));
	close(fd);
	snprintf(lock, sizeof lock, "%s-lock", p->path);
	for (int round = 0; round < 100; round++) {
		struct buf copy = { 0 };
		uint64_t count = 0;

		buf_set(&copy, buf_view(&file));
		for (unsigned i = unit_random(&seed) % 20; i-- > 0;) {
			size_t range = unit_random(&seed) % 2 == 0 ? 200 : copy.n;

			copy.p[unit_random(&seed) % range] = (char)unit_random(&seed);
		}
		unlink(p->path);
		unlink(lock);
		scribble(p->path, 0, copy.p, copy.n);
		buf_done(&copy);
		if (store_open(&p->st, p->path, NULL, &p->e) != ERR_OK)
			continue;
		if (store_session(p->st, STR("http://h/s"), STR("durable"), &p->session, &p->e) == 0) {
			store_replay(p->st, p->session, collect, &got, &count, &p->e);
			store_append(p->st, p->session, STR("x"), 1, &p->e);
		}
		store_close(p->st);
		p->st = NULL;
		buf_clear(&got);
	}
	buf_done(&file);
	buf_done(&got);
}

/* Commits 1, 2, … records a time until it is killed. */
static void
write_until_killed(struct place *p, int out)
{
	char text[32], cursor[32];
	int n = 0;

	reopen(p);
	for (int turn = 1;; turn++) {
		for (int i = 0; i < turn % 7; i++) {
			snprintf(text, sizeof text, "%d", ++n);
			append(p, text);
			if (n % 5 == 0) {
				snprintf(cursor, sizeof cursor, "c%d", n);
				move(p, cursor, 0);
			}
		}
		if (store_commit(p->st, &p->e) != ERR_OK || write(out, &n, sizeof n) < 0)
			_exit(1);
	}
}

static bool
count_up(void *ctx, struct str bytes, int64_t time)
{
	int64_t n;

	assert_true(str_to_i64(bytes, &n));
	assert_int_equal(n, ++*(int *)ctx);
	assert_int_equal(time, 7);
	return true;
}

/* What was committed is there, whole, and the position is behind exactly that. */
static void
test_killed(void **state)
{
	struct place *p = *state;
	uint64_t seed = 4;

	for (int round = 0; round < 20; round++) {
		int fds[2], committed = 0, n, replayed = 0;
		size_t turns = unit_random(&seed) % 60;
		struct position at;
		uint64_t count = 0;
		char want[32];
		pid_t child;

		unlink(p->path);
		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0) {
			close(fds[0]);
			write_until_killed(p, fds[1]);
		}
		close(fds[1]);
		for (size_t i = 0; i <= turns; i++)
			assert_int_equal(read(fds[0], &committed, sizeof committed), sizeof committed);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(fds[0], &n, sizeof n) == sizeof n)
			committed = n;
		close(fds[0]);
		reopen(p);
		assert_int_equal(store_replay(p->st, p->session, count_up, &replayed, &count, &p->e), 0);
		assert_true(replayed >= committed && replayed <= committed + 6);
		store_position(p->st, p->session, &at);
		assert_int_equal(at.skip, replayed % 5);
		snprintf(want, sizeof want, "c%d", replayed - replayed % 5);
		assert_str(buf_view(&at.cursor), replayed < 5 ? STR("") : str_from(want));
		buf_done(&at.cursor);
		store_close(p->st);
		p->st = NULL;
	}
}

/* A full disk: the rest of the run is not stored, and what was stored has no hole. */
static void
test_disk_full(void **state)
{
	struct place *p = *state;
	struct rlimit was, small = { 200000, RLIM_INFINITY };
	char record[1000];
	enum err r = ERR_OK;
	int n = 0, stored = 0;

	memset(record, 'x', sizeof record);
	reopen(p);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	setrlimit(RLIMIT_FSIZE, &small);
	for (; r == ERR_OK && n < 1000; n++) {
		r = store_append(p->st, p->session, str_of(record, sizeof record), 7, &p->e);
		if (r == ERR_OK)
			r = store_commit(p->st, &p->e);
		if (r == ERR_OK)
			stored++;
	}
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(r, ERR_STORE);
	assert_int_equal(store_append(p->st, p->session, STR("later"), 7, &p->e), ERR_STORE);
	assert_true(p->e.text[0] != '\0');
	reopen(p);
	uint64_t count = 0;
	struct buf all = { 0 };
	assert_int_equal(store_replay(p->st, p->session, collect, &all, &count, &p->e), ERR_OK);
	assert_int_equal(count, stored);
	buf_done(&all);
}

/* Runs `what` in a child; its exit status. */
static int
in_child(struct place *p, int (*what)(struct place *p))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(what(p));
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static int
second_program(struct place *p)
{
	struct place mine = *p;
	struct buf id = { 0 };
	int64_t epoch;
	int lane;
	uint64_t count = 0;
	struct buf got = { 0 };

	mine.st = NULL;
	reopen(&mine);
	if (store_writes(mine.st, mine.session))
		return 1;
	if (store_append(mine.st, mine.session, STR("b"), 7, NULL) != ERR_OK)
		return 2;
	if (store_replay(mine.st, mine.session, collect, &got, &count, NULL) != ERR_OK || count != 1)
		return 3;
	if (store_lanes(mine.st, mine.session) != 1 ||
	    store_producer(mine.st, mine.session, 0, &lane, &id, &epoch, NULL) != ERR_OK)
		return 4;
	/* Its producer is another one. */
	return str_eq(buf_view(&id), str_from(getenv("FIRST_PRODUCER"))) ? 5 : 0;
}

static void
test_two_programs(void **state)
{
	struct place *p = *state;
	struct buf id = { 0 };
	int64_t epoch;
	int lane;

	reopen(p);
	assert_true(store_writes(p->st, p->session));
	append(p, "a");
	assert_int_equal(store_commit(p->st, &p->e), ERR_OK);
	assert_int_equal(store_lanes(p->st, p->session), 1);
	assert_int_equal(store_producer(p->st, p->session, 0, &lane, &id, &epoch, &p->e), ERR_OK);
	assert_int_equal(epoch, 0);
	setenv("FIRST_PRODUCER", buf_cstr(&id), 1);
	assert_int_equal(in_child(p, second_program), 0);
	expect(p, "a@7 ", "", 1);
	buf_done(&id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_migration, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mutated, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_programs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
