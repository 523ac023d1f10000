/*
 * A disk for SQLite that can fail and can lose power, as the default of this process. What was not
 * synced is only in its memory: beside every file F stands F.durable, which holds what a power
 * failure leaves of it.
 */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

enum disk_fault { DISK_SYNC, DISK_WRITE, DISK_FULL };

/* From now on SQLite of this process writes through it. */
void disk_use(void);
/* The `n`th such call from now on fails, once; 0: none. */
void disk_fail(enum disk_fault fault, int n);
/* Whether it has. */
int disk_failed(void);
/* Every file of `dir` becomes what is durable of it. Nobody may have one open. */
void disk_lose_power(const char *dir);

#endif
