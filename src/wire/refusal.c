#include "wire/refusal.h"

#include "base/utf8.h"
#include "wire/json.h"

/* {"message":…}, or the same in a member; an error may be a text by itself. */
static bool
find_message(struct str body, struct buf *out)
{
	static const char *const members[] = { "error", "data" };
	struct str inner;

	if (json_get_text(body, "message", out) && out->n > 0)
		return true;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		buf_clear(out);
		if (json_get(body, members[i], &inner) && (json_get_text(inner, "message", out) ||
		    json_get_text(body, members[i], out)) && out->n > 0)
			return true;
	}
	return false;
}

void
refusal_words(struct str body, size_t max, struct buf *out)
{
	struct buf message = { 0 };
	struct str words = str_trim(body);

	if (find_message(body, &message))
		words = buf_view(&message);
	words = str_head(words, max);
	words.n -= utf8_partial_tail(words);
	buf_str(out, words);
	buf_done(&message);
}
