#include "base/date.h"

#include <time.h>

/* Takes `n` digits off the front of `s`. */
static bool
take(struct str *s, size_t n, int *out)
{
	*out = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, n);
	return true;
}

static bool
take_char(struct str *s, const char *any)
{
	for (; s->n > 0 && *any != '\0'; any++) {
		if (s->p[0] == *any) {
			*s = str_skip(*s, 1);
			return true;
		}
	}
	return false;
}

static bool
take_fraction(struct str *s, int *ms)
{
	int digits = 0, scale = 100, digit;

	*ms = 0;
	if (!take_char(s, "."))
		return true;
	for (; take(s, 1, &digit); digits++, scale /= 10)
		*ms += digit * scale;
	return digits > 0;
}

/* "Z" or "+hh:mm": minutes east of Greenwich. */
static bool
take_zone(struct str *s, int *minutes)
{
	int h, m, sign;

	*minutes = 0;
	if (take_char(s, "Zz"))
		return true;
	sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take(s, 2, &h) || !take_char(s, ":") || !take(s, 2, &m) ||
	    h > 23 || m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool
date_parse(struct str s, int64_t *ms)
{
	int y, mo, d, h, mi, sec, fraction, zone;
	struct tm tm = { 0 };

	if (!take(&s, 4, &y) || !take_char(&s, "-") || !take(&s, 2, &mo) || !take_char(&s, "-") ||
	    !take(&s, 2, &d) || !take_char(&s, "Tt") || !take(&s, 2, &h) || !take_char(&s, ":") ||
	    !take(&s, 2, &mi) || !take_char(&s, ":") || !take(&s, 2, &sec) ||
	    !take_fraction(&s, &fraction) || !take_zone(&s, &zone) || s.n > 0)
		return false;
	if (mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) || h > 23 || mi > 59 || sec > 60)
		return false;
	tm.tm_year = y - 1900;
	tm.tm_mon = mo - 1;
	tm.tm_mday = d;
	tm.tm_hour = h;
	tm.tm_min = mi;
	tm.tm_sec = sec;
	*ms = ((int64_t)timegm(&tm) - (int64_t)zone * 60) * 1000 + fraction;
	return true;
}

bool
date_parse_http(struct str s, int64_t *ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = { 0 };
	int y, month = 0;

	/* "Sun, " and the zone are always the same to us. */
	s = str_skip(s, 5);
	if (!take(&s, 2, &tm.tm_mday) || !take_char(&s, " ") || s.n < 4)
		return false;
	while (month < 12 && !str_eq(str_head(s, 3), str_of(months + 3 * month, 3)))
		month++;
	s = str_skip(s, 4);
	if (month == 12 || !take(&s, 4, &y) || !take_char(&s, " ") || !take(&s, 2, &tm.tm_hour) ||
	    !take_char(&s, ":") || !take(&s, 2, &tm.tm_min) || !take_char(&s, ":") ||
	    !take(&s, 2, &tm.tm_sec) || !str_eq(s, STR(" GMT")))
		return false;
	tm.tm_year = y - 1900;
	tm.tm_mon = month;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}
