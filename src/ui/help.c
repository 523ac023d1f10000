#include "ui/help.h"

#include "base/width.h"

enum { KEY_COLUMNS = 22 };

static const struct {
	unsigned mode;
	const char *title;
} parts[] = {
	{ MODE_REPLAY, "Replaying" },
	{ MODE_READ, "Reading" },
	{ MODE_WRITE, "Writing" },
	{ MODE_ASK, "Answering" },
	{ MODE_PICK, "Choosing of what the server offers" },
	{ MODE_LINE, "Search and command lines" },
	{ MODE_LIST, "The list of sessions" },
	{ MODE_CHOOSE, "Choosing lines" },
	{ MODE_LINK, "Numbers of links" },
	{ MODE_OPEN, "Opening a link" },
	{ MODE_PAGE, "Pages like this one" },
};

static void
add_command(const struct bindings *b, unsigned mode, enum command c, struct buf *out)
{
	struct buf keys = { 0 };
	size_t cols;

	bindings_keys(b, mode, c, &keys);
	/* What no key does can be said on the command line. */
	if (keys.n == 0 && (mode & command_info(c)->modes & MODE_READ))
		buf_printf(&keys, ":%s", command_info(c)->name);
	if (keys.n > 0) {
		cols = width_cols(buf_view(&keys));
		buf_str(out, STR("  "));
		buf_str(out, buf_view(&keys));
		buf_fill(out, ' ', cols < KEY_COLUMNS ? KEY_COLUMNS - cols : 1);
		buf_str(out, str_from(command_info(c)->help));
		buf_byte(out, '\n');
	}
	buf_done(&keys);
}

static void
add_part(const struct bindings *b, size_t i, struct buf *out)
{
	buf_printf(out, "%s%s\n", out->n > 0 ? "\n" : "", parts[i].title);
	for (int c = 1; c < CMD_COUNT; c++)
		add_command(b, parts[i].mode, (enum command)c, out);
}

void
help_text(const struct bindings *b, unsigned mode, struct buf *out)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i].mode & mode)
			add_part(b, i, out);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!(parts[i].mode & mode) && parts[i].mode != MODE_REPLAY)
			add_part(b, i, out);
}
