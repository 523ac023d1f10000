/* Measuring: the CPU time of one operation, the median of some rounds, printed as one line. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double
bench_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* `run` does `ops` operations over `bytes` bytes in all; returns and prints ns an operation. */
static inline double
bench(const char *name, void (*run)(void *ctx), void *ctx, size_t ops, size_t bytes)
{
	enum { ROUNDS = 9 };
	double rounds[ROUNDS], least = 20e6, ns;

	run(ctx);
	for (int i = 0; i < ROUNDS; i++) {
		double from = bench_cpu_ns(), took = 0;
		size_t times = 0;

		for (; took < least; took = bench_cpu_ns() - from, times++)
			run(ctx);
		rounds[i] = took / (double)times;
	}
	qsort(rounds, ROUNDS, sizeof rounds[0], bench_compare);
	ns = rounds[ROUNDS / 2];
	printf("%-44s %10.1f ns %10.1f MB/s\n", name, ns / (double)ops, (double)bytes * 1e3 / ns);
	return ns / (double)ops;
}

#endif
