#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "base/clock.h"
#include "tests/text/layout_laws.h"
#include "text/code.h"
#include "text/langs.h"

enum { STATES = 256 * 16 };	/* the state between lines stays below */

struct tokens {
	struct str line;
	size_t at;
	uint64_t hash;
};

/* They are the line. */
static void
add_runs(void *user, struct role_run *runs, size_t n)
{
	struct tokens *t = user;

	CHECK(n > 0);
	for (size_t i = 0; i < n; i++) {
		CHECK(runs[i].n > 0 && runs[i].n <= t->line.n - t->at && runs[i].role < ROLE_COUNT);
		t->at += runs[i].n;
		t->hash = (t->hash ^ t->at ^ (uint64_t)runs[i].role << 32) * 1099511628211u;
	}
}

static unsigned
check_line(const struct code_lang *lang, unsigned state, struct str line)
{
	struct tokens once = { .line = line }, again = { .line = line };
	unsigned next = code_line(lang, state, line, add_runs, &once);

	CHECK(once.at == line.n && next < STATES);
	CHECK(code_line(lang, state, line, add_runs, &again) == next && again.hash == once.hash);
	return next;
}

/* The first byte says which language, the second how wide; the rest is the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct code_lang *lang;
	struct str text = str_of(data, size), name;
	unsigned state = 0;

	CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	clock_set(1000, 0);
	if (size < 2)
		return 0;
	text = str_skip(text, 2);
	code_find(text);
	lang = &code_langs[data[0] % code_nlangs];
	for (struct str rest = text; rest.p != NULL;)
		state = check_line(lang, state, str_cut(rest, '\n', &rest));
	name = str_skip(str_from(lang->names), 1);
	check_layout_laws(LAYOUT_CODE, str_head(name, str_find_byte(name, ' ')), text, 1 + data[1] % 120,
	    1 + text.n / 8);
	return 0;
}
