#include "ui/clip.h"

#include "base/base64.h"
#include "text/safe.h"

bool
clip_sequence(struct str text, struct buf *out)
{
	struct buf shown = { 0 };
	bool ok;

	while (text.p != NULL) {
		struct str line = str_cut(text, '\n', &text);

		safe_add(&shown, str_ends(line, STR("\r")) ? str_head(line, line.n - 1) : line);
		if (text.p != NULL)
			buf_byte(&shown, '\n');
	}
	while (shown.n > 0 && shown.p[shown.n - 1] == '\n')
		shown.n--;
	ok = shown.n <= CLIP_MAX;
	if (ok) {
		buf_str(out, STR("\033]52;c;"));
		base64_encode(buf_view(&shown), out);
		buf_byte(out, '\a');
	}
	buf_done(&shown);
	return ok;
}
