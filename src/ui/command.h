/*
 * What a key can do: one table of commands from which keys, the help and the manual are made.
 * ui/view does those of the screen itself and hands the others to the program.
 */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include "base/err.h"
#include "text/line.h"
#include "ui/edit.h"
#include "ui/keys.h"

enum {
	MODE_READ = 1,		/* the transcript has the keys */
	MODE_WRITE = 2,		/* the composer */
	MODE_ASK = 4,		/* an approval or question */
	MODE_LINE = 8,		/* the search and command lines */
	MODE_PAGE = 16,		/* help and other texts over the transcript */
	MODE_LIST = 32,		/* the list of sessions */
	MODE_CHOOSE = 128,	/* rows are chosen to be copied */
	MODE_LINK = 256,	/* the number of a link is typed */
	MODE_OPEN = 512,	/* it is asked whether the link is to be opened */
	MODE_PICK = 1024,	/* one of what the server offers is chosen */
	MODE_ALL = 63 | 128 | 256 | 512 | 1024,
	MODE_REPLAY = 64	/* with MODE_READ, where what is read is a recording */
};

enum command {
	CMD_NONE,

	/* The program's: view_key returns them. */
	CMD_QUIT,
	CMD_SEND,		/* request.text */
	CMD_ANSWER,		/* request.ask, request.answer, request.text */
	CMD_STOP,		/* interrupt the agent; the view has asked once */
	CMD_RECONNECT,
	CMD_SUSPEND,
	CMD_EDITOR,		/* edit request.text elsewhere, then view_set_draft */
	CMD_MESSAGES,		/* view_page with what went wrong */
	CMD_STATS,
	CMD_AGENTS,		/* view_page with who works here */
	CMD_COPY,		/* request.text: what was asked to be copied */
	CMD_OPEN,		/* request.text: an address for the browser, asked for and shown */
	CMD_GO,			/* request.text: the id of the session a selected call began, may be empty */
	CMD_RETURN,
	CMD_SAVE,		/* request.text: the selected item's, request.path: where to */
	/* With the session, on its server; request.text: what stands behind the name. */
	CMD_NEW,
	CMD_RENAME,
	CMD_FORK,
	CMD_DELETE,
	CMD_AGENT,		/* without a text: view_pick, and again with what was chosen */
	CMD_MODEL,
	CMD_SLASH,		/* the same; what is chosen goes to the composer */
	CMD_REVERT,
	CMD_UNREVERT,
	CMD_SHELL,
	CMD_LINE,		/* request.text: a command line whose first word is no command's name */

	/* The same, of a replay. */
	CMD_PAUSE,		/* or go on */
	CMD_STEP,
	CMD_STEP_BACK,
	CMD_SEEK,
	CMD_SEEK_BACK,
	CMD_FASTER,
	CMD_SLOWER,

	/* The view's own. */
	CMD_HELP,
	CMD_REDRAW,
	CMD_CONFIRM,		/* Enter on a question: go on, send, or write */
	CMD_WRITE,
	CMD_BACK,
	CMD_ENTER,		/* the composer's Enter, the line's Enter */
	CMD_ASK,
	CMD_ASK_ONCE,
	CMD_ASK_ALWAYS,
	CMD_ASK_REJECT,
	CMD_ASK_REFUSE,
	CMD_DOWN,
	CMD_UP,
	CMD_HALF_DOWN,
	CMD_HALF_UP,
	CMD_PAGE_DOWN,
	CMD_PAGE_UP,
	CMD_TOP,
	CMD_FOLLOW,
	CMD_NEXT_ITEM,
	CMD_PREV_ITEM,
	CMD_NEXT_TURN,
	CMD_PREV_TURN,
	CMD_NEXT_ALERT,
	CMD_PREV_ALERT,
	CMD_FOLD,
	CMD_FOLD_ALL,
	CMD_CHOOSE,
	CMD_LINKS,
	CMD_COPY_LINK,
	CMD_RAW,
	CMD_SEARCH,
	CMD_SEARCH_BACK,
	CMD_SEARCH_NEXT,
	CMD_SEARCH_PREV,
	CMD_COMMAND,
	CMD_NEWLINE,
	CMD_COMPLETE,
	CMD_HISTORY_PREV,
	CMD_HISTORY_NEXT,
	CMD_EDIT,		/* + an enum edit_op: one command each */
	CMD_COUNT = CMD_EDIT + EDIT_OPS
};

struct command_info {
	const char *name;	/* what the rc file and `:` call it */
	const char *keys;	/* by default, separated by spaces */
	const char *help;
	unsigned modes;
};

const struct command_info *command_info(enum command c);
/* CMD_NONE when there is none. */
enum command command_by_name(struct str name);

/* Which key does what; starts from the table. */
struct bindings;

struct bindings *bindings_new(void);
void bindings_free(struct bindings *b);
/* In all modes the command works in; "none" unbinds in all modes. */
enum err bindings_set(struct bindings *b, struct str key, struct str command, struct error *e);
/* `mode` is one of the modes. */
enum command bindings_find(const struct bindings *b, unsigned mode, const struct key *k);
/* The keys of a command in a mode, separated by spaces. */
void bindings_keys(const struct bindings *b, unsigned mode, enum command c, struct buf *out);

#endif
