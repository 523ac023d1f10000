#include "tests/unit.h"

#include "tests/text/dump.h"
#include "text/code.h"
#include "text/langs.h"

struct tokens {
	struct buf out;
	struct str line;
	size_t at;
};

/* Plain ones are written as they are. */
static void
add_runs(void *user, struct role_run *runs, size_t n)
{
	struct tokens *t = user;

	for (size_t i = 0; i < n; i++) {
		struct str text = str_head(str_skip(t->line, t->at), runs[i].n);

		assert_in_range(runs[i].n, 1, t->line.n - t->at);
		t->at += text.n;
		if (runs[i].role == ROLE_TEXT)
			buf_str(&t->out, text);
		else
			buf_printf(&t->out, "<%c:%.*s>", dump_role((uint8_t)runs[i].role), STR_ARG(text));
	}
}

static void
assert_code(const char *lang, const char *text, const char *want)
{
	const struct code_lang *l = code_find(str_from(lang));
	struct tokens t = { .at = 0 };
	unsigned state = 0;

	assert_non_null(l);
	for (struct str rest = str_from(text); rest.p != NULL;) {
		struct str line = str_cut(rest, '\n', &rest);

		t.line = line;
		t.at = 0;
		state = code_line(l, state, line, add_runs, &t);
		assert_int_equal(t.at, line.n);
		if (rest.p != NULL)
			buf_byte(&t.out, '\n');
	}
	assert_str(buf_view(&t.out), str_from(want));
	buf_done(&t.out);
}

static void
test_words(void **state)
{
	(void)state;
	assert_code("c", "static int f(void) { return 0x1F; } // done",
	    "<K:static> <T:int> <F:f>(<T:void>) { <K:return> <N:0x1F>; } <C:// done>");
	assert_code("c", "#include <stdio.h>", "<K:#include> <stdio.h>");
	assert_code("c", "\"a\\\"b\" 'c' \"open", "<S:\"a\\\"b\"> <S:'c'> <S:\"open>");
	assert_code("c", "x = 1e+5 + 2;", "x = <N:1e+5> + <N:2>;");
	assert_code("C++", "std::vector<int> v{1};", "std::<T:vector><<T:int>> v{<N:1>};");
	assert_code("py", "@a.b\ndef f(x): # y", "<K:@a>.b\n<K:def> <F:f>(x): <C:# y>");
	assert_code("js", "const a$ = `x ${y}`;", "<K:const> a$ = <S:`x ${y}`>;");
	assert_code("ts", "let a: string = 'b'", "<K:let> a: <T:string> = <S:'b'>");
	assert_code("go", "func f() error { return nil }", "<K:func> <F:f>() <T:error> { <K:return> <K:nil> }");
	assert_code("rust", "fn f<'a>(x: &'a str) { 'b'; '\\n' }",
	    "<K:fn> f<'a>(x: &'a <T:str>) { <S:'b'>; <S:'\\n'> }");
	assert_code("java", "@Override public int a;", "<K:@Override> <K:public> <T:int> a;");
	assert_code("lua", "local x = [[a]] -- b", "<K:local> x = <S:[[a]]> <C:-- b>");
	assert_code("ruby", "def ok? = @a", "<K:def> ok? = <K:@a>");
	assert_code("SQL", "SELECT a FROM b WHERE c = 'd' -- e",
	    "<K:SELECT> a <K:FROM> b <K:WHERE> c = <S:'d'> <C:-- e>");
}

static void
test_keys(void **state)
{
	(void)state;
	assert_code("json", "{\"a\": [1, true], \"b\":\"c\"}",
	    "{<T:\"a\">: [<N:1>, <K:true>], <T:\"b\">:<S:\"c\">}");
	assert_code("yaml", "a-b: c # d\n- e: 'f#g'", "<T:a-b>: c <C:# d>\n- <T:e>: <S:'f#g'>");
	assert_code("toml", "[a.b]\nc = 1", "<K:[a.b]>\n<T:c> = <N:1>");
	assert_code("css", "@media x { color: #fff; }", "<K:@media> x { <T:color>: #fff; }");
	assert_code("make", "all: $(OBJS)\nX := y # z", "<T:all>: <T:$(OBJS)>\n<T:X> := y <C:# z>");
	assert_code("sh", "if [ -n \"$a\" ]; then echo $b#c; fi # d",
	    "<K:if> [ -n <S:\"$a\"> ]; <K:then> <T:echo> <T:$b>#c; <K:fi> <C:# d>");
	assert_code("dockerfile", "FROM a:1\nRUN b", "<K:FROM> a:<N:1>\n<K:RUN> b");
}

/* What is open at the end of a line goes on in the next. */
static void
test_state(void **state)
{
	(void)state;
	assert_code("c", "/* a\nb */ c", "<C:/* a>\n<C:b */> c");
	assert_code("python", "'''a\nb'c\nd''' e", "<S:'''a>\n<S:b'c>\n<S:d'''> e");
	assert_code("c++", "R\"(a \"b\"\nc)\" + xR(d)", "<S:R\"(a \"b\">\n<S:c)\"> + <F:xR>(d)");
	assert_code("rust", "let r = r#\"a\"b\"#;", "<K:let> r = <S:r#\"a\"b\"#>;");
	assert_code("rust", "/* a /* b\n*/ c\n*/ d", "<C:/* a /* b>\n<C:*/ c>\n<C:*/> d");
	assert_code("html", "<a b=\"c\nd\"> e <!-- f\ng --> h",
	    "<K:<a> <T:b>=<S:\"c>\n<S:d\"><K:>> e <C:<!-- f>\n<C:g -->> h");
	assert_code("ruby", "=begin\nx =end\n=end\ny", "<C:=begin>\n<C:x =end>\n<C:=end>\ny");
	assert_code("markdown", "# a\n```\nb\n```\n- c `d`", "<K:# a>\n<C:```>\n<S:b>\n<C:```>\n<K:-> c <S:`d`>");
	assert_code("diff", "@@ -1 +1 @@\n-a\n+b\n c", "<@:@@ -1 +1 @@>\n<x:-a>\n<a:+b>\n c");
}

/* Every language, any bytes: the tokens are the line, and the state stays small. */
static void
test_total(void **state)
{
	static const char parts[] = "\"'`/*#<>!-=[](){}$@\\ \t\n\0ab1.:;~|%\xc3\xa9\xff";
	uint64_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const struct code_lang *l = &code_langs[round % code_nlangs];
		unsigned line_state = unit_random(&seed) % 2;
		struct tokens t = { .at = 0 };
		char line[64];
		size_t n = unit_random(&seed) % sizeof line;

		if (l->quotes[0].open[0] == '\0' && l->kind == CODE_WORDS)
			line_state = 0;
		for (size_t i = 0; i < n; i++)
			line[i] = parts[unit_random(&seed) % (sizeof parts - 1)];
		t.line = str_of(line, n);
		line_state = code_line(l, line_state, t.line, add_runs, &t);
		assert_int_equal(t.at, n);
		assert_true(line_state < 256 * 16);
		buf_done(&t.out);
	}
}

/* What the first byte of something says is what it is looked for by. */
static bool
begins_mark(const struct code_lang *l, char c)
{
	bool is = (c == '@' && l->flags & CODE_AT) || (c == '$' && l->flags & CODE_DOLLAR) ||
	    (c == '#' && l->flags & CODE_HASH) || (c == '[' && l->flags & CODE_SECTIONS);

	for (size_t i = 0; i < sizeof l->comment / sizeof *l->comment; i++)
		is |= c != '\0' && l->comment[i][0] == c;
	for (size_t i = 0; i < CODE_QUOTES; i++)
		is |= c != '\0' && l->quotes[i].open[0] == c;
	return is;
}

static void
test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < code_nlangs; i++) {
		const struct code_lang *l = &code_langs[i];

		for (size_t k = 0; k < CODE_QUOTES && l->quotes[k].open[0] != '\0'; k++)
			if (l->bytes[(unsigned char)l->quotes[k].open[0]] & BYTE_FIRST)
				assert_true(l->flags & CODE_NAMED_QUOTES);
		for (unsigned c = 0; c < 256 && l->kind == CODE_WORDS; c++) {
			unsigned is = l->bytes[c];

			if (!(is & BYTE_FIRST))
				assert_int_equal((is & BYTE_MARK) != 0, begins_mark(l, (char)c));
			assert_false(is & (BYTE_FIRST | BYTE_DIGIT) && !(is & BYTE_NAME));
		}
	}
}

/* Words are looked up by halving. */
static void
test_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < code_nlangs; i++) {
		assert_int_equal(code_langs[i].nwords > 0, code_langs[i].kind == CODE_WORDS);
		for (size_t j = 0; j < code_langs[i].nwords; j++)
			assert_true(strlen(code_langs[i].words[j].text) > 1);
	}
	for (size_t i = 0; i < code_nlangs; i++)
		for (size_t j = 1; j < code_langs[i].nwords; j++)
			assert_true(memcmp(code_langs[i].words[j - 1].text, code_langs[i].words[j].text,
			    sizeof code_langs[i].words[j].text) < 0);
	assert_null(code_find(STR("")));
	assert_null(code_find(STR("nosuch")));
	assert_null(code_find(STR("c h")));
	assert_ptr_equal(code_find(STR("PY")), code_find(STR("python")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words), cmocka_unit_test(test_keys), cmocka_unit_test(test_state),
		cmocka_unit_test(test_total), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
