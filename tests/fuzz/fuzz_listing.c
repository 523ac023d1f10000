#include "tests/fuzz/fuzz.h"

#include <locale.h>

#include "base/clock.h"
#include "tests/text/layout_laws.h"

/* The first byte says which language or kind, the second how wide; the rest is the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const langs[] = { "c", "c++", "python", "javascript", "typescript", "go", "rust",
		"java", "shell", "json", "yaml", "toml", "sql", "html", "css", "diff", "markdown", "make",
		"dockerfile", "lua", "ruby", "" };
	enum { LANGS = sizeof langs / sizeof *langs };
	static const enum layout_kind kinds[] = { LAYOUT_DIFF, LAYOUT_PLAIN, LAYOUT_TERMINAL };
	struct str s = str_of(data, size), lang;
	enum layout_kind kind = LAYOUT_CODE;
	unsigned which;

	CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
	clock_set(1000, 0);
	if (size < 2)
		return 0;
	which = data[0] % (LANGS + 3);
	if (which >= LANGS)
		kind = kinds[which - LANGS];
	lang = which < LANGS ? str_from(langs[which]) : STR_NONE;
	s = str_skip(s, 2);
	check_layout_laws(kind, lang, s, 1 + data[1] % 120, 1 + s.n / 16);
	return 0;
}
