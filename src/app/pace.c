#include "app/pace.h"

#include "base/clock.h"

void
pace_asked(struct pace *p)
{
	p->asked = clock_mono();
}

void
pace_answered(struct pace *p)
{
	int64_t now = clock_mono();

	p->first = now - p->asked + (now == p->asked);
}

void
pace_said(struct pace *p, size_t bytes)
{
	int64_t second = clock_mono() / 1000;

	if (second != p->second) {
		p->before = second == p->second + 1 ? p->now : 0;
		p->now = 0;
		p->second = second;
	}
	p->now += bytes;
}

double
pace_rate(const struct pace *p)
{
	int64_t now = clock_mono(), second = now / 1000;
	double into = (double)(now % 1000) / 1000;
	double bytes;

	if (second == p->second)
		bytes = (double)p->now + (double)p->before * (1 - into);
	else if (second == p->second + 1)
		bytes = (double)p->now * (1 - into);
	else
		return -1;
	/* Four bytes a token: the usual estimate where the server does not count for us. */
	return bytes / 4;
}

int64_t
pace_first(const struct pace *p)
{
	return p->first > 0 ? p->first : -1;
}
