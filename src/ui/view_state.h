/* The inside of struct view, for view.c (what is drawn), view_run.c and view_choose.c (what keys do). */
#ifndef UI_VIEW_STATE_H
#define UI_VIEW_STATE_H

#include "text/layout.h"
#include "ui/composer.h"
#include "ui/prompt.h"
#include "ui/transcript.h"
#include "ui/view.h"

enum {
	STOP_MS = 3000,		/* in which the second C-c counts */
	STATUS_MS = 250		/* at most so often the counters on the status line are told */
};

struct view {
	struct screen *screen;
	struct bindings *own;		/* when none were given */
	const struct bindings *bindings;
	bool ascii, read_only, replay;
	const struct session *session;

	unsigned mode;
	struct transcript *transcript;
	struct composer composer;
	struct composer line;		/* of MODE_LINE */
	char line_kind;			/* '/', '?' or ':' */
	struct buf needle;		/* of the last search, and where it went */
	int direction;
	struct prompt prompt;
	uint64_t answering;		/* the question the composer answers, 0 none */
	int64_t stop_at;		/* C-c was pressed once at, 0 was not */
	uint64_t rung;			/* the last question the bell rang for */

	size_t nlinks, link_number;	/* of MODE_LINK: how many there are, the digits so far */

	struct layout *page;		/* of MODE_PAGE */
	struct buf page_text, page_title;
	size_t page_top, page_rows;
	unsigned page_generation, page_height;

	/* When the status line was drawn, 0 for anew, and what must be told at once on it. */
	int64_t status_at;
	struct told {
		unsigned width;
		enum mood mood;
		char proof;
		uint64_t gaps;
		size_t pending;
	} told;
	bool stale;			/* there is more to tell */

	struct buf message;		/* until the next key */
	enum note_level level;
	struct buf handed;		/* the text of the last request */
	struct rows chrome;		/* rows of the frame being drawn */
};

/* The oldest question that waits for somebody here, NULL when there is none. */
const struct item *view_waiting(const struct view *v);
/* The question that has the keys, NULL when it is gone. */
const struct item *view_asked(const struct view *v);
void view_leave_prompt(struct view *v);

/* Choosing rows and links, in view_choose.c: false when the command is for somebody else. */
bool view_choose(struct view *v, enum command c, struct view_request *out, enum command *result);
enum command view_link_digit(struct view *v, unsigned digit);

#endif
