#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static bool fixed;
static int64_t fixed_mono, fixed_boot, fixed_wall;

static int64_t
read_clock(clockid_t id, int64_t unit)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * (1000000000 / unit) + ts.tv_nsec / unit;
}

int64_t
clock_mono(void)
{
	return fixed ? fixed_mono : read_clock(CLOCK_MONOTONIC, 1000000);
}

int64_t
clock_mono_ns(void)
{
	return fixed ? fixed_mono * 1000000 : read_clock(CLOCK_MONOTONIC, 1);
}

int64_t
clock_boot(void)
{
	return fixed ? fixed_boot : read_clock(CLOCK_BOOTTIME, 1000000);
}

int64_t
clock_wall(void)
{
	return fixed ? fixed_wall : read_clock(CLOCK_REALTIME, 1000000);
}

void
clock_set(int64_t mono, int64_t wall)
{
	fixed = true;
	fixed_mono = fixed_boot = mono;
	fixed_wall = wall;
}

void
clock_advance(int64_t ms)
{
	fixed_mono += ms;
	clock_sleep(ms);
}

void
clock_sleep(int64_t ms)
{
	fixed_boot += ms;
	fixed_wall += ms;
}

void
clock_unset(void)
{
	fixed = false;
}

void
clock_hms(int64_t wall, char out[9])
{
	time_t t = (time_t)(wall / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(out, 9, "%H:%M:%S", &tm) != 8)
		snprintf(out, 9, "--:--:--");
}
