/*
 * The full screen of one session: title, transcript, strip, composer, status; which of them has the
 * keys; what a key does. It does what concerns the screen itself and returns what the program must
 * do. It draws only in view_draw, and only what changed.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "ui/command.h"
#include "ui/screen.h"
#include "ui/status.h"

struct view;

struct view_options {
	const struct bindings *bindings;	/* borrowed; NULL: the defaults */
	bool ascii;				/* screen_locale was false */
	bool read_only;				/* nothing can be sent: no composer */
	const char *user;			/* whose messages can be recalled; borrowed, may be NULL */
	bool replay;				/* MODE_REPLAY has its keys first */
};

/* What comes with a command; borrowed until the next call. */
struct view_request {
	struct str text;
	struct str path;		/* CMD_SAVE */
	const struct item *ask;		/* CMD_ANSWER */
	enum ask_answer answer;
};

/* Borrows the screen. */
struct view *view_new(struct screen *screen, const struct view_options *options);
void view_free(struct view *v);
/* Borrowed until another one is given. */
void view_session(struct view *v, const struct session *s);

/*
 * Takes a key, a paste, the mouse; INPUT_REPLY is for screen_reply. Returns a command of the
 * program (CMD_QUIT to CMD_SLOWER) or CMD_NONE. A text sent is out of the composer: give it back with
 * view_set_draft if it was refused.
 */
enum command view_key(struct view *v, const struct key *k, int64_t now, struct view_request *out);
/* As if its key had been pressed. */
enum command view_run(struct view *v, enum command c, int64_t now, struct view_request *out);

/* Lays out and sends what changed; false: the terminal is not ready, draw again when it is. */
bool view_draw(struct view *v, const struct status *status, int64_t now);
/* When something changes by itself, INT64_MAX for never. `now` is clock_mono, here and above. */
int64_t view_deadline(const struct view *v, int64_t now);
/* After SIGWINCH. */
void view_resize(struct view *v);

/* A remark on the status line until the next key; sanitised here. */
void view_say(struct view *v, enum note_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts a text into the composer, in front of what is in it. */
void view_set_draft(struct view *v, struct str text);
struct str view_draft(const struct view *v);
/* A text over the transcript until q or Esc (messages, statistics); copied. */
void view_page(struct view *v, const char *title, struct str text);

/*
 * Has somebody choose for `c` (CMD_AGENT, CMD_MODEL, CMD_SLASH), the words typed so far being
 * `words`; the offers come with view_pick_add, and view_pick_end says that these are all. What is
 * chosen comes back as the command with its text. Untrusted; nothing happens when nobody chooses for
 * `c` any more.
 */
void view_pick(struct view *v, enum command c, struct str words);
void view_pick_add(struct view *v, enum command c, struct str name, struct str about, bool current);
void view_pick_end(struct view *v, enum command c);

/* How often a text laid out in parts had to be put right, for the statistics. */
unsigned view_mismatches(const struct view *v);
/* What the others may know of where the person is: the item that is read, counted from 1, 0 for none,
 * and whether something is being written; not every letter of it. */
size_t view_reads(const struct view *v);
bool view_writes(const struct view *v);
/* The mode the keys are in. */
unsigned view_mode(const struct view *v);

#endif
