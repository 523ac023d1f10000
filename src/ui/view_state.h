/* The inside of struct view: view.c draws it, view_run.c, view_ask.c, view_choose.c and view_pick.c do
 * what keys say. */
#ifndef UI_VIEW_STATE_H
#define UI_VIEW_STATE_H

#include "text/layout.h"
#include "ui/choices.h"
#include "ui/composer.h"
#include "ui/picker.h"
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
	const char *user;		/* of this client, NULL not known */
	bool remembered;		/* what he sent in other runs is in the history */
	struct composer line;		/* of MODE_LINE, and the filter of MODE_PICK */
	char line_kind;			/* '/', '?' or ':' */
	struct buf needle;		/* of the last search, and where it went */
	int direction;
	struct prompt prompt;
	struct choices choices;		/* of the question in focus */
	uint64_t answering;		/* the question the composer answers, 0 none; as it was then */
	unsigned answering_version;
	bool refuses;			/* what the composer holds says why it is rejected */
	int64_t stop_at;		/* C-c was pressed once at, 0 was not */
	uint64_t rung;			/* the last question the bell rang for */

	struct picker *picker;		/* of MODE_PICK */
	enum command picking;		/* what for */

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
		enum sess_status status;
		size_t asks;
	} told;
	bool stale;			/* there is more to tell */

	struct buf message;		/* until the next key */
	enum note_level level;
	struct buf handed;		/* the text of the last request */
	struct rows chrome;		/* rows of the frame being drawn */
	struct rows news, border;	/* what the border says, and the whole of it, one row each */
	unsigned border_width;		/* 0 none yet */
};

/* The oldest question that waits for somebody here, NULL when there is none. */
const struct item *view_waiting(const struct view *v);
size_t view_waiting_count(const struct view *v);
/* The question that has the keys, NULL when it is gone. */
const struct item *view_asked(const struct view *v);
bool view_is_question(const struct item *it);
void view_leave_prompt(struct view *v);
void view_focus_question(struct view *v, int64_t now);
/* An answer key. */
enum command view_answer(struct view *v, enum ask_answer a, int64_t now, struct view_request *out);
enum command view_hand_answer(struct view *v, const struct item *it, enum ask_answer answer,
    struct view_request *out);
/* The composer is for an answer to `it` in words, or, for NULL, for messages again. */
void view_answer_words(struct view *v, const struct item *it, bool refuses);
/* The composer takes the reason why the question in focus is rejected, if it may be by now. */
void view_refuse(struct view *v, int64_t now);
/* Whether words for `it` were written for what it is now; says what is the matter. */
bool view_words_fit(struct view *v, const struct item *it);
enum command view_ask_digit(struct view *v, unsigned digit, int64_t now);
enum command view_ask_confirm(struct view *v, int64_t now, struct view_request *out);
/* True when the words are an answer to one question of several, and the others are asked. */
bool view_ask_words(struct view *v, struct str words, int64_t now);

/* A remark instead of what was asked for. */
enum command view_warn(struct view *v, const char *text);
bool view_has_draft(const struct view *v);

/* Choosing rows and links, in view_choose.c: false when the command is for somebody else. */
bool view_choose(struct view *v, enum command c, struct view_request *out, enum command *result);
enum command view_link_digit(struct view *v, unsigned digit);

/* view_pick.c: false when the command is for somebody else. */
bool view_run_pick(struct view *v, enum command c, struct view_request *out, enum command *result);
/* What is chosen, in words. */
const char *view_picking(const struct view *v);

#endif
