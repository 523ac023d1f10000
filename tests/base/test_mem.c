#include "tests/unit.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void
test_copies(void **state)
{
	char *a = mem_strdup("abc"), *b = mem_str(STR("x\0y")), *c = mem_str(STR_NONE);
	unsigned char *z = mem_zalloc(100);

	(void)state;
	assert_string_equal(a, "abc");
	assert_memory_equal(b, "x\0y", 4);
	assert_string_equal(c, "");
	for (int i = 0; i < 100; i++)
		assert_int_equal(z[i], 0);
	free(a);
	free(b);
	free(c);
	free(z);
	free(mem_alloc(0));
}

static void
test_array(void **state)
{
	uint16_t *v = NULL;
	size_t n = 0, cap = 0;

	(void)state;
	for (; n < 10000; n++) {
		v = mem_grow(v, n, &cap, sizeof *v);
		assert_true(cap > n);
		v[n] = (uint16_t)n;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], i);
	free(v);
}

static void
test_arena(void **state)
{
	struct arena a = { 0 };
	char *first = NULL;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 3000; n++) {
			char *p = arena_alloc(&a, n % 100);

			assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
			memset(p, (int)n, n % 100);
		}
		memset(arena_alloc(&a, 100000), 1, 100000);
		assert_str(arena_str(&a, STR("kept")), STR("kept"));
		assert_int_equal(arena_str(&a, STR_NONE).n, 0);
		arena_reset(&a);
		if (first == NULL)
			first = arena_alloc(&a, 1);
	}
	arena_done(&a);
	arena_reset(&a);
	arena_done(&a);
}

static int told;

static void
tell(const char *message)
{
	if (write(told, message, strlen(message)) < 0)
		_exit(99);
}

/* The end comes in a child: with the hook called once, then exit(1). */
static void
check_end(size_t (*provoke)(void))
{
	char said[64] = "";
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		told = fds[1];
		mem_on_failure(tell);
		provoke();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
	assert_true(read(fds[0], said, sizeof said - 1) > 0);
	assert_string_equal(said, "weir: out of memory\n");
	close(fds[0]);
}

static size_t
overflow(void)
{
	return mem_mul(SIZE_MAX / 2, 3);
}

/* Not a constant, so that no compiler sees what is wrong. */
static volatile size_t too_much = SIZE_MAX - 4096;

static size_t
ask_arena(void)
{
	struct arena a = { 0 };

	return (uintptr_t)arena_alloc(&a, too_much);
}

static void
test_end(void **state)
{
	(void)state;
	assert_int_equal(mem_mul(6, 7), 42);
	assert_int_equal(mem_mul(0, SIZE_MAX), 0);
	check_end(overflow);
	check_end(ask_arena);
}

/* Large pieces are mapped by themselves, but for a while they come from the heap, which stays. */
static void
test_keep(void **state)
{
	(void)state;
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
	enum { LARGE = 4 << 20 };
	struct mallinfo2 before, after;
	void *p, *q;

	if (SANITIZED)
		skip();
	mem_keep();
	before = mallinfo2();
	p = mem_alloc(LARGE);
	mem_brief(true);
	q = mem_alloc(LARGE);
	mem_brief(false);
	after = mallinfo2();
	assert_int_equal(after.hblks, before.hblks + 1);
	free(p);
	free(q);
	after = mallinfo2();
	assert_int_equal(after.hblks, before.hblks);
	assert_true(after.keepcost >= LARGE);
#else
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_array),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
