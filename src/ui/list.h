/*
 * The sessions there are, on the whole screen: one row each, those that wait for somebody first. It
 * keeps the selected session selected while rows come, go and move. What a row says is filled in by
 * the program, which also opens what is chosen.
 */
#ifndef UI_LIST_H
#define UI_LIST_H

#include "ui/command.h"
#include "ui/screen.h"
#include "ui/status.h"

/* Borrowed for the call. All texts are untrusted. */
struct list_row {
	struct str address;	/* what tells sessions apart, and what opens one */
	struct str title;	/* empty: the address stands for it */
	struct str place;	/* of the server */
	struct str state;	/* in words, empty when it is not known */
	enum mood mood;
	bool waits;		/* an approval or a question is open */
	bool news;		/* something was not seen here; */
	uint64_t unread;	/* so many events, 0 not known */
	int64_t time;		/* of the last event, ms since 1970; 0 unknown */
};

struct list;

/* Borrows the screen; `bindings` NULL: the defaults. */
struct list *list_new(struct screen *screen, const struct bindings *bindings, bool ascii);
void list_free(struct list *l);

/* Replaces all rows; they are sorted here. */
void list_set(struct list *l, const struct list_row *rows, size_t n);
/* What stands below the rows, one thing a line: what could not be asked, or what to do when there is
 * nothing. */
void list_say(struct list *l, enum note_level level, struct str text);

/*
 * Takes a key. CMD_ENTER opens list_selected, CMD_RECONNECT asks the servers again; the program
 * does these, CMD_QUIT and CMD_SUSPEND, the list all others, for which it returns CMD_NONE.
 */
enum command list_key(struct list *l, const struct key *k);
/* The address of the selected row, empty when there is none; valid until list_set. */
struct str list_selected(const struct list *l);
/* Selects the row of an address if there is one. */
void list_select(struct list *l, struct str address);

/* `now` in ms since 1970. False: the terminal does not take it now. */
bool list_draw(struct list *l, int64_t now);

#endif
