#include "ui/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	ALL = MODE_ALL,
	MOVE = MODE_READ | MODE_ASK | MODE_PAGE | MODE_LIST | MODE_CHOOSE,
	TYPE = MODE_WRITE | MODE_LINE | MODE_PICK
};

static const struct command_info commands[CMD_COUNT] = {
	[CMD_NONE] = { "none", "", "nothing", 0 },

	[CMD_QUIT] = { "quit", "q", "leave; the agent goes on", MODE_READ | MODE_LIST },
	[CMD_SEND] = { "send", "", "send what the composer holds", MODE_WRITE },
	[CMD_ANSWER] = { "answer", "", "answer the question with the composer's text", MODE_WRITE },
	[CMD_STOP] = { "stop", "C-c", "interrupt the agent (asked for once)", MODE_READ | MODE_WRITE },
	[CMD_RECONNECT] = { "reconnect", "R", "connect or ask again now", MODE_READ | MODE_LIST },
	[CMD_SUSPEND] = { "suspend", "C-z", "back to the shell, `fg` returns", ALL },
	[CMD_EDITOR] = { "editor", "M-e", "write the message in $EDITOR", MODE_READ | MODE_WRITE },
	[CMD_MESSAGES] = { "messages", "", "what went wrong so far", MODE_READ },
	[CMD_AGENTS] = { "agents", "", "who works here, each below the one that began it", MODE_READ },
	[CMD_STATS] = { "stats", "", "what weir measured about itself", MODE_READ },
	[CMD_COPY] = { "copy", "y", "copy the selected item, or the chosen lines", MODE_READ | MODE_CHOOSE },
	[CMD_OPEN] = { "open-link", "y", "open it in the browser", MODE_OPEN },
	[CMD_SAVE] = { "save", "", "save FILE: the selected item's text, byte for byte", MODE_READ },
	[CMD_GO] = { "go", "s", "to the session a call on screen began, or that was made last",
	    MODE_READ },
	[CMD_RETURN] = { "return", "S", "back to the session this one was reached or begun from",
	    MODE_READ },
	[CMD_NEW] = { "new", "", "new TITLE: another session on this server", MODE_READ },
	[CMD_RENAME] = { "rename", "", "rename TITLE: call this session so", MODE_READ },
	[CMD_FORK] = { "fork", "", "another session that begins as this one", MODE_READ },
	[CMD_DELETE] = { "delete-session", "", "delete it on the server (asked for once)", MODE_READ },
	[CMD_AGENT] = { "agent", "", "agent [NAME]: who answers from now on", MODE_READ },
	[CMD_MODEL] = { "model", "", "model [PROVIDER/MODEL]: with what", MODE_READ },
	[CMD_SLASH] = { "slash", "", "slash [WORDS]: choose a command of the agent's", MODE_READ },
	[CMD_REVERT] = { "revert", "", "revert: take back the last message and what came of it", MODE_READ },
	[CMD_UNREVERT] = { "unrevert", "", "unrevert: what was taken back stands again", MODE_READ },
	[CMD_SHELL] = { "shell", "", "shell COMMAND: run it where the agent is", MODE_READ },
	[CMD_LINE] = { "line", "", "the rest of a command line", 0 },

	[CMD_PAUSE] = { "pause", "Space p", "stand still, or go on", MODE_REPLAY },
	[CMD_STEP] = { "step", ".", "play the next event, and stand still", MODE_REPLAY },
	[CMD_STEP_BACK] = { "step-back", ",", "take the last event back", MODE_REPLAY },
	[CMD_SEEK] = { "seek", "Right", "5 seconds on", MODE_REPLAY },
	[CMD_SEEK_BACK] = { "seek-back", "Left", "5 seconds back", MODE_REPLAY },
	[CMD_FASTER] = { "faster", "]", "twice as fast", MODE_REPLAY },
	[CMD_SLOWER] = { "slower", "[", "half as fast", MODE_REPLAY },

	[CMD_HELP] = { "help", "? F1", "the keys that work here", MODE_READ | MODE_WRITE | MODE_ASK },
	[CMD_REDRAW] = { "redraw", "C-l", "draw the screen anew", ALL },
	[CMD_CONFIRM] = { "confirm", "Enter", "the next question, or send what was chosen", MODE_ASK },
	[CMD_WRITE] = { "write", "i Enter", "write a message, or the answer", MODE_READ | MODE_ASK },
	[CMD_BACK] = { "back", "Esc C-g q C-c", "leave it (never interrupts the agent)", ALL },
	[CMD_ENTER] = { "enter", "Enter", "send, open, or do what the line says",
	    TYPE | MODE_LIST },
	[CMD_ASK] = { "ask", "a", "turn to an open question: the selected, the next, the oldest",
	    MODE_READ | MODE_ASK },
	[CMD_ASK_ONCE] = { "allow", "y", "allow it this once", MODE_ASK },
	[CMD_ASK_ALWAYS] = { "allow-always", "A", "allow it from now on", MODE_ASK },
	[CMD_ASK_REJECT] = { "reject", "n", "do not allow it", MODE_ASK },
	[CMD_ASK_REFUSE] = { "reject-why", "r", "do not allow it, and say why", MODE_ASK },
	[CMD_DOWN] = { "down", "j Down", "a row down", MOVE },
	[CMD_UP] = { "up", "k Up", "a row up", MOVE },
	[CMD_HALF_DOWN] = { "half-down", "d C-d", "half a page down", MOVE },
	[CMD_HALF_UP] = { "half-up", "u C-u", "half a page up", MOVE },
	[CMD_PAGE_DOWN] = { "page-down", "f Space PgDn", "a page down",
	    MOVE | MODE_WRITE | MODE_PICK },
	[CMD_PAGE_UP] = { "page-up", "b PgUp", "a page up", MOVE | MODE_WRITE | MODE_PICK },
	[CMD_TOP] = { "top", "g Home", "to the beginning", MOVE },
	[CMD_FOLLOW] = { "follow", "G End", "to the end, and follow it", MOVE },
	[CMD_NEXT_ITEM] = { "next-item", "J", "select the next item", MODE_READ },
	[CMD_PREV_ITEM] = { "prev-item", "K", "select the item before", MODE_READ },
	[CMD_NEXT_TURN] = { "next-turn", "]", "to the next message of a person", MODE_READ },
	[CMD_PREV_TURN] = { "prev-turn", "[", "to the message before", MODE_READ },
	[CMD_NEXT_ALERT] = { "next-alert", "}", "to the next error or approval", MODE_READ },
	[CMD_PREV_ALERT] = { "prev-alert", "{", "to the error or approval before", MODE_READ },
	[CMD_FOLD] = { "fold", "z", "show the item in full, or fold it", MODE_READ | MODE_ASK },
	[CMD_FOLD_ALL] = { "fold-all", "Z", "the same for all", MODE_READ },
	[CMD_CHOOSE] = { "choose", "v", "choose lines to copy, from here on", MODE_READ | MODE_CHOOSE },
	[CMD_LINKS] = { "links", "o", "open a link by its number", MODE_READ },
	[CMD_COPY_LINK] = { "copy-link", "c", "copy its address", MODE_OPEN },
	[CMD_RAW] = { "raw", "", "the selected item's text with every byte visible", MODE_READ },
	[CMD_SEARCH] = { "search", "/", "search downwards, or filter the list",
	    MODE_READ | MODE_LIST },
	[CMD_SEARCH_BACK] = { "search-back", "C-r", "search upwards", MODE_READ },
	[CMD_SEARCH_NEXT] = { "search-next", "n", "the next match", MODE_READ },
	[CMD_SEARCH_PREV] = { "search-prev", "N", "the match before", MODE_READ },
	[CMD_COMMAND] = { "command", ":", "a command by its name", MODE_READ },
	[CMD_NEWLINE] = { "newline", "M-Enter C-j", "a new line", MODE_WRITE },
	[CMD_COMPLETE] = { "complete", "Tab", "complete a slash command", MODE_WRITE },
	[CMD_HISTORY_PREV] = { "history-prev", "Up C-p", "a line up, or what was sent before", TYPE },
	[CMD_HISTORY_NEXT] = { "history-next", "Down C-n", "a line down, or back again", TYPE },

	[CMD_EDIT + EDIT_LEFT] = { "char-left", "Left", "a character back", TYPE },
	[CMD_EDIT + EDIT_RIGHT] = { "char-right", "Right C-f", "a character on", TYPE },
	[CMD_EDIT + EDIT_WORD_LEFT] = { "word-left", "M-b C-Left M-Left", "a word back", TYPE },
	[CMD_EDIT + EDIT_WORD_RIGHT] = { "word-right", "M-f C-Right M-Right", "a word on", TYPE },
	[CMD_EDIT + EDIT_LINE_START] = { "line-start", "Home M-a", "to the start of the line", TYPE },
	[CMD_EDIT + EDIT_LINE_END] = { "line-end", "End C-e", "to the end of the line", TYPE },
	[CMD_EDIT + EDIT_UP] = { "line-up", "M-p", "a line up", MODE_WRITE },
	[CMD_EDIT + EDIT_DOWN] = { "line-down", "M-n", "a line down", MODE_WRITE },
	[CMD_EDIT + EDIT_START] = { "text-start", "M-<", "to the start of the text", TYPE },
	[CMD_EDIT + EDIT_END] = { "text-end", "M->", "to the end of the text", TYPE },
	[CMD_EDIT + EDIT_BACKSPACE] = { "delete-back", "Backspace C-h",
	    "delete the character before", TYPE },
	[CMD_EDIT + EDIT_DELETE] = { "delete", "Delete C-d", "delete the character here", TYPE },
	[CMD_EDIT + EDIT_KILL_WORD_BACK] = { "kill-word-back", "C-w M-Backspace",
	    "cut the word before", TYPE },
	[CMD_EDIT + EDIT_KILL_WORD] = { "kill-word", "M-d", "cut the word here", TYPE },
	[CMD_EDIT + EDIT_KILL_TO_START] = { "kill-to-start", "C-u", "cut to the line's start", TYPE },
	[CMD_EDIT + EDIT_KILL_TO_END] = { "kill-to-end", "C-k", "cut to the line's end", TYPE },
	[CMD_EDIT + EDIT_YANK] = { "yank", "C-y", "insert what was cut", TYPE },
	[CMD_EDIT + EDIT_TRANSPOSE] = { "transpose", "C-t", "exchange two characters", TYPE },
	[CMD_EDIT + EDIT_UNDO] = { "undo", "C-_", "undo", TYPE },
};

const struct command_info *
command_info(enum command c)
{
	return &commands[c];
}

enum command
command_by_name(struct str name)
{
	for (int i = 1; i < CMD_COUNT; i++)
		if (str_eq(name, str_from(commands[i].name)))
			return (enum command)i;
	return CMD_NONE;
}

struct binding {
	struct key key;
	unsigned modes;
	enum command command;
};

/* The first that fits counts: what was set last stands first, then the table. */
struct bindings {
	struct binding *v;
	size_t n, cap;
};

static void
append(struct bindings *b, const struct key *k, unsigned modes, enum command c)
{
	b->v = mem_grow(b->v, b->n, &b->cap, sizeof *b->v);
	b->v[b->n++] = (struct binding){ *k, modes, c };
}

struct bindings *
bindings_new(void)
{
	struct bindings *b = mem_zalloc(sizeof *b);

	for (int i = 1; i < CMD_COUNT; i++) {
		struct str keys = str_from(commands[i].keys);

		while (keys.n > 0) {
			struct key k;

			if (key_parse(str_cut(keys, ' ', &keys), &k))
				append(b, &k, commands[i].modes, (enum command)i);
		}
	}
	return b;
}

void
bindings_free(struct bindings *b)
{
	if (b == NULL)
		return;
	free(b->v);
	free(b);
}

enum err
bindings_set(struct bindings *b, struct str key, struct str command, struct error *e)
{
	enum command c = command_by_name(command);
	bool none = str_eq(command, STR("none"));
	struct key k;

	if (!key_parse(key, &k))
		return error_set(e, ERR_USAGE, "no key is called '%.*s'; keys are a character, C-x, M-x "
		    "and names like PgUp", STR_ARG(key));
	if (c == CMD_NONE && !none)
		return error_set(e, ERR_USAGE, "no command is called '%.*s'", STR_ARG(command));
	append(b, &k, 0, c);
	memmove(b->v + 1, b->v, (b->n - 1) * sizeof *b->v);
	b->v[0] = (struct binding){ k, none ? MODE_ALL : commands[c].modes, c };
	return ERR_OK;
}

/* Where text is typed, a character is text whatever is bound to it. */
static bool
types(unsigned mode, const struct key *k)
{
	return (mode & TYPE) && k->kind == INPUT_KEY && k->code < KEYCODE_ENTER &&
	    !(k->mods & (MOD_CTRL | MOD_ALT));
}

enum command
bindings_find(const struct bindings *b, unsigned mode, const struct key *k)
{
	if (types(mode, k))
		return CMD_NONE;
	for (size_t i = 0; i < b->n; i++)
		if ((b->v[i].modes & mode) && key_eq(&b->v[i].key, k))
			return b->v[i].command;
	return CMD_NONE;
}

void
bindings_keys(const struct bindings *b, unsigned mode, enum command c, struct buf *out)
{
	size_t start = out->n;

	for (size_t i = 0; i < b->n; i++) {
		const struct key *k = &b->v[i].key;

		if (b->v[i].command != c || bindings_find(b, mode, k) != c)
			continue;
		if (out->n > start)
			buf_byte(out, ' ');
		key_text(k, out);
	}
}
