/*
 * The title line and the status line from plain facts. The program fills a struct status; when the
 * line is short the least important parts are left out, the connection and the proof last of all.
 */
#ifndef UI_STATUS_H
#define UI_STATUS_H

#include "model/session.h"
#include "text/line.h"

enum mood { MOOD_WAIT, MOOD_LIVE, MOOD_BAD };

/* Borrowed for the call. */
struct status {
	struct str name;		/* of the session; its title is in the session */
	struct str connection;		/* "live", "reconnecting in 4 s (try 3)", … */
	enum mood mood;
	char proof;			/* = all is here, ~ catching up, ! a gap, ? cannot be proven */
	uint64_t received, applied, duplicates, gaps, resumes;
	uint64_t head;			/* records the server has; 0 unknown */
	double rate;			/* tokens/s, < 0 unknown */
	struct str agent, model;	/* who is to answer what is sent next; empty: not known */
	size_t pending;			/* sends that are not confirmed */
	int64_t now;			/* ms since 1970 */
	const struct session *session;	/* people, agents, turn, tokens; may be NULL */
};

/* One row each into `out`. `ascii`: no character outside ASCII of weir's own. */
void status_title(const struct status *st, unsigned width, bool ascii, struct rows *out);
void status_line(const struct status *st, unsigned width, bool ascii, struct rows *out);
/* Agents, what they began, and workflow; false, and no row, when there is nothing to say. */
bool status_strip(const struct status *st, unsigned width, bool ascii, struct rows *out);

#endif
