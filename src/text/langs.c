#include "text/langs.h"

#define K(word) { word, ROLE_KEYWORD }
#define T(word) { word, ROLE_TYPE }
#define LETTER (BYTE_LETTER | BYTE_FIRST | BYTE_NAME)
#define BYTES [' '] = BYTE_BLANK, ['\t'] = BYTE_BLANK, ['0' ... '9'] = BYTE_DIGIT | BYTE_NAME, \
	['A' ... 'Z'] = LETTER, ['_'] = LETTER, ['a' ... 'z'] = LETTER, [0x80 ... 0xFF] = LETTER
#define MARK(byte) [byte] = BYTE_MARK
#define IN_NAME(byte) [byte] = BYTE_NAME
#define WORDS(table) .words = table, .nwords = sizeof table / sizeof *table

static const struct code_word c_words[] = {
	T("FILE"), K("NULL"), K("_Atomic"), K("_Bool"), K("_Generic"), K("_Noreturn"),
	K("_Static_assert"), K("alignas"), K("alignof"), K("auto"), T("bool"), K("break"),
	K("case"), T("char"), K("const"), K("constexpr"), K("continue"), K("default"), K("do"),
	T("double"), K("else"), K("enum"), K("extern"), K("false"), T("float"), K("for"), K("goto"),
	K("if"), K("inline"), T("int"), T("int16_t"), T("int32_t"), T("int64_t"), T("int8_t"),
	T("intptr_t"), T("long"), K("nullptr"), T("off_t"), T("pid_t"), T("ptrdiff_t"),
	K("register"), K("restrict"), K("return"), T("short"), T("signed"), T("size_t"),
	K("sizeof"), T("ssize_t"), K("static"), K("static_assert"), K("struct"), K("switch"),
	K("thread_local"), T("time_t"), K("true"), K("typedef"), T("uint16_t"), T("uint32_t"),
	T("uint64_t"), T("uint8_t"), T("uintptr_t"), K("union"), T("unsigned"), T("va_list"),
	T("void"), K("volatile"), T("wchar_t"), K("while"),
};

static const struct code_word cpp_words[] = {
	T("FILE"), K("NULL"), K("_Atomic"), K("_Bool"), K("_Generic"), K("_Noreturn"),
	K("_Static_assert"), K("alignas"), K("alignof"), K("and"), K("asm"), K("auto"), T("bool"),
	K("break"), K("case"), K("catch"), T("char"), K("class"), K("co_await"), K("co_return"),
	K("co_yield"), K("concept"), K("const"), K("const_cast"), K("consteval"), K("constexpr"),
	K("constinit"), K("continue"), K("decltype"), K("default"), K("delete"), K("do"),
	T("double"), K("dynamic_cast"), K("else"), K("enum"), K("explicit"), K("export"),
	K("extern"), K("false"), K("final"), T("float"), K("for"), K("friend"), K("goto"), K("if"),
	K("import"), K("inline"), T("int"), T("int16_t"), T("int32_t"), T("int64_t"), T("int8_t"),
	T("intptr_t"), T("long"), T("map"), K("module"), K("mutable"), K("namespace"), K("new"),
	K("noexcept"), K("not"), K("nullptr"), T("off_t"), K("operator"), T("optional"), K("or"),
	K("override"), T("pair"), T("pid_t"), K("private"), K("protected"), T("ptrdiff_t"),
	K("public"), K("register"), K("requires"), K("restrict"), K("return"), T("set"), T("short"),
	T("signed"), T("size_t"), K("sizeof"), T("ssize_t"), K("static"), K("static_assert"),
	K("static_cast"), T("string"), K("struct"), K("switch"), K("template"), K("this"),
	K("thread_local"), K("throw"), T("time_t"), K("true"), K("try"), T("tuple"), K("typedef"),
	K("typeid"), K("typename"), T("uint16_t"), T("uint32_t"), T("uint64_t"), T("uint8_t"),
	T("uintptr_t"), K("union"), T("unsigned"), K("using"), T("va_list"), T("vector"),
	K("virtual"), T("void"), K("volatile"), T("wchar_t"), K("while"),
};

static const struct code_word python_words[] = {
	T("Exception"), K("False"), K("None"), K("True"), K("and"), K("as"), K("assert"),
	K("async"), K("await"), T("bool"), K("break"), T("bytes"), K("case"), K("class"), K("cls"),
	T("complex"), K("continue"), K("def"), K("del"), T("dict"), K("elif"), K("else"),
	K("except"), K("finally"), T("float"), K("for"), K("from"), T("frozenset"), K("global"),
	K("if"), K("import"), K("in"), T("int"), K("is"), K("lambda"), T("list"), K("match"),
	K("nonlocal"), K("not"), T("object"), K("or"), K("pass"), K("raise"), T("range"),
	K("return"), K("self"), T("set"), T("str"), K("try"), T("tuple"), T("type"), K("while"),
	K("with"), K("yield"),
};

static const struct code_word javascript_words[] = {
	T("Array"), T("Boolean"), T("Date"), T("Error"), T("JSON"), T("Map"), T("Math"),
	T("Number"), T("Object"), T("Promise"), T("RegExp"), T("Set"), T("String"), T("Symbol"),
	K("as"), K("async"), K("await"), K("break"), K("case"), K("catch"), K("class"), K("const"),
	K("continue"), K("debugger"), K("default"), K("delete"), K("do"), K("else"), K("export"),
	K("extends"), K("false"), K("finally"), K("for"), K("from"), K("function"), K("get"),
	K("if"), K("import"), K("in"), K("instanceof"), K("let"), K("new"), K("null"), K("of"),
	K("return"), K("set"), K("static"), K("super"), K("switch"), K("this"), K("throw"),
	K("true"), K("try"), K("typeof"), K("undefined"), K("var"), K("void"), K("while"),
	K("with"), K("yield"),
};

static const struct code_word typescript_words[] = {
	T("Array"), T("Boolean"), T("Date"), T("Error"), T("JSON"), T("Map"), T("Math"),
	T("Number"), T("Object"), T("Partial"), T("Promise"), T("Record"), T("RegExp"), T("Set"),
	T("String"), T("Symbol"), K("abstract"), T("any"), K("as"), K("asserts"), K("async"),
	K("await"), T("bigint"), T("boolean"), K("break"), K("case"), K("catch"), K("class"),
	K("const"), K("continue"), K("debugger"), K("declare"), K("default"), K("delete"), K("do"),
	K("else"), K("enum"), K("export"), K("extends"), K("false"), K("finally"), K("for"),
	K("from"), K("function"), K("get"), K("if"), K("implements"), K("import"), K("in"),
	K("infer"), K("instanceof"), K("interface"), K("is"), K("keyof"), K("let"), K("module"),
	K("namespace"), T("never"), K("new"), K("null"), T("number"), T("object"), K("of"),
	K("override"), K("private"), K("protected"), K("public"), K("readonly"), K("return"),
	K("satisfies"), K("set"), K("static"), T("string"), K("super"), K("switch"), T("symbol"),
	K("this"), K("throw"), K("true"), K("try"), K("type"), K("typeof"), K("undefined"),
	K("unique"), T("unknown"), K("var"), K("void"), K("while"), K("with"), K("yield"),
};

static const struct code_word go_words[] = {
	T("any"), T("bool"), K("break"), T("byte"), K("case"), K("chan"), T("comparable"),
	T("complex128"), T("complex64"), K("const"), K("continue"), K("default"), K("defer"),
	K("else"), T("error"), K("fallthrough"), K("false"), T("float32"), T("float64"), K("for"),
	K("func"), K("go"), K("goto"), K("if"), K("import"), T("int"), T("int16"), T("int32"),
	T("int64"), T("int8"), K("interface"), K("iota"), K("map"), K("nil"), K("package"),
	K("range"), K("return"), T("rune"), K("select"), T("string"), K("struct"), K("switch"),
	K("true"), K("type"), T("uint"), T("uint16"), T("uint32"), T("uint64"), T("uint8"),
	T("uintptr"), K("var"),
};

static const struct code_word rust_words[] = {
	T("Arc"), T("Box"), T("Err"), T("HashMap"), T("None"), T("Ok"), T("Option"), T("Rc"),
	T("Result"), K("Self"), T("Some"), T("String"), T("Vec"), K("as"), K("async"), K("await"),
	T("bool"), K("break"), T("char"), K("const"), K("continue"), K("crate"), K("dyn"),
	K("else"), K("enum"), K("extern"), T("f32"), T("f64"), K("false"), K("fn"), K("for"),
	T("i128"), T("i16"), T("i32"), T("i64"), T("i8"), K("if"), K("impl"), K("in"), T("isize"),
	K("let"), K("loop"), K("match"), K("mod"), K("move"), K("mut"), K("pub"), K("ref"),
	K("return"), K("self"), K("static"), T("str"), K("struct"), K("super"), K("trait"),
	K("true"), K("type"), T("u128"), T("u16"), T("u32"), T("u64"), T("u8"), K("union"),
	K("unsafe"), K("use"), T("usize"), K("where"), K("while"), K("yield"),
};

static const struct code_word java_words[] = {
	T("Boolean"), T("Double"), T("Integer"), T("List"), T("Long"), T("Map"), T("Object"),
	T("Optional"), T("Set"), T("String"), K("abstract"), K("assert"), T("boolean"), K("break"),
	T("byte"), K("case"), K("catch"), T("char"), K("class"), K("const"), K("continue"),
	K("default"), K("do"), T("double"), K("else"), K("enum"), K("extends"), K("false"),
	K("final"), K("finally"), T("float"), K("for"), K("fun"), K("goto"), K("if"),
	K("implements"), K("import"), K("instanceof"), T("int"), K("interface"), T("long"),
	K("native"), K("new"), K("null"), K("package"), K("permits"), K("private"), K("protected"),
	K("public"), K("record"), K("return"), K("sealed"), T("short"), K("static"), K("super"),
	K("switch"), K("synchronized"), K("this"), K("throw"), K("throws"), K("transient"),
	K("true"), K("try"), K("val"), K("var"), K("void"), K("volatile"), K("when"), K("while"),
	K("yield"),
};

static const struct code_word shell_words[] = {
	K("alias"), T("awk"), K("break"), K("case"), T("cat"), T("cd"), K("continue"), T("curl"),
	K("declare"), K("do"), K("done"), T("echo"), K("elif"), K("else"), K("esac"), K("eval"),
	K("exec"), K("exit"), K("export"), K("false"), K("fi"), T("find"), K("for"), K("function"),
	T("git"), T("grep"), K("if"), K("in"), K("local"), T("make"), T("printf"), T("read"),
	K("readonly"), K("return"), T("sed"), K("select"), K("set"), K("shift"), K("source"),
	T("sudo"), T("test"), K("then"), K("time"), K("trap"), K("true"), K("unset"), K("until"),
	K("while"), T("xargs"),
};

static const struct code_word json_words[] = {
	K("false"), K("null"), K("true"),
};

static const struct code_word yaml_words[] = {
	K("false"), K("no"), K("null"), K("off"), K("on"), K("true"), K("yes"),
};

static const struct code_word toml_words[] = {
	K("false"), K("inf"), K("nan"), K("true"),
};

static const struct code_word sql_words[] = {
	K("add"), K("all"), K("alter"), K("and"), K("as"), K("asc"), K("begin"), K("between"),
	T("bigint"), T("blob"), T("boolean"), K("by"), K("cascade"), K("case"), T("char"),
	K("check"), K("column"), K("commit"), K("constraint"), K("create"), K("cross"),
	K("database"), T("date"), T("decimal"), K("default"), K("delete"), K("desc"), K("distinct"),
	T("double"), K("drop"), K("else"), K("end"), K("except"), K("exists"), K("explain"),
	T("float"), K("foreign"), K("from"), K("full"), K("group"), K("having"), K("if"), K("in"),
	K("index"), K("inner"), K("insert"), T("int"), T("integer"), K("intersect"), T("interval"),
	K("into"), K("is"), K("join"), T("json"), T("jsonb"), K("key"), K("left"), K("like"),
	K("limit"), K("not"), K("null"), T("numeric"), K("offset"), K("on"), K("or"), K("order"),
	K("outer"), K("primary"), T("real"), K("references"), K("replace"), K("returning"),
	K("right"), K("rollback"), K("select"), T("serial"), K("set"), T("smallint"), K("table"),
	T("text"), K("then"), T("time"), T("timestamp"), K("transaction"), K("trigger"), K("union"),
	K("unique"), K("update"), K("using"), T("uuid"), K("values"), T("varchar"), K("view"),
	K("when"), K("where"), K("with"),
};

static const struct code_word css_words[] = {
	K("from"), K("important"), K("to"),
};

static const struct code_word make_words[] = {
	K("define"), K("else"), K("endef"), K("endif"), K("export"), K("ifdef"), K("ifeq"),
	K("ifndef"), K("ifneq"), K("include"), K("override"), K("private"), K("sinclude"),
	K("undefine"), K("unexport"), K("vpath"),
};

static const struct code_word dockerfile_words[] = {
	K("add"), K("arg"), K("as"), K("cmd"), K("copy"), K("entrypoint"), K("env"), K("expose"),
	K("from"), K("healthcheck"), K("label"), K("maintainer"), K("onbuild"), K("run"),
	K("shell"), K("stopsignal"), K("user"), K("volume"), K("workdir"),
};

static const struct code_word lua_words[] = {
	K("and"), K("break"), K("do"), K("else"), K("elseif"), K("end"), K("false"), K("for"),
	K("function"), K("goto"), K("if"), K("in"), K("local"), K("nil"), K("not"), K("or"),
	K("repeat"), K("return"), K("self"), K("then"), K("true"), K("until"), K("while"),
};

static const struct code_word ruby_words[] = {
	T("Array"), K("BEGIN"), K("END"), T("Float"), T("Hash"), T("Integer"), T("Proc"),
	T("String"), T("Symbol"), K("alias"), K("and"), K("attr_accessor"), K("attr_reader"),
	K("begin"), K("break"), K("case"), K("class"), K("def"), K("defined?"), K("do"), K("else"),
	K("elsif"), K("end"), K("ensure"), K("extend"), K("false"), K("for"), K("if"), K("in"),
	K("include"), K("module"), K("next"), K("nil"), K("not"), K("or"), K("private"),
	K("protected"), K("public"), K("redo"), K("require"), K("rescue"), K("retry"), K("return"),
	K("self"), K("super"), K("then"), K("true"), K("undef"), K("unless"), K("until"), K("when"),
	K("while"), K("yield"),
};

const struct code_lang code_langs[] = {
	{
		.names = " c h ",
		WORDS(c_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_HASH | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('"'), MARK('\''), MARK('#') },
	},
	{
		.names = " c++ cpp cc cxx hpp hh hxx ",
		WORDS(cpp_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "R\"(", ")\"", ROLE_STRING, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_HASH | CODE_CALLS | CODE_NAMED_QUOTES,
		.bytes = { BYTES, MARK('/'), MARK('"'), MARK('\''), MARK('#') },
	},
	{
		.names = " python py python3 py3 pyi ",
		WORDS(python_words),
		.comment = { "#" },
		.quotes = {
			{ "\"\"\"", "\"\"\"", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "'''", "'''", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_CALLS,
		.bytes = { BYTES, MARK('"'), MARK('\''), MARK('#'), MARK('@') },
	},
	{
		.names = " javascript js jsx mjs cjs node ",
		WORDS(javascript_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "`", "`", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('`'), MARK('"'), MARK('\''), MARK('@'),
			['$'] = BYTE_FIRST | BYTE_NAME },
	},
	{
		.names = " typescript ts tsx mts cts ",
		WORDS(typescript_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "`", "`", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('`'), MARK('"'), MARK('\''), MARK('@'),
			['$'] = BYTE_FIRST | BYTE_NAME },
	},
	{
		.names = " go golang ",
		WORDS(go_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "`", "`", ROLE_STRING, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('`'), MARK('"'), MARK('\'') },
	},
	{
		.names = " rust rs ",
		WORDS(rust_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES | QUOTE_NESTS },
			{ "r#\"", "\"#", ROLE_STRING, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_CHARACTER | QUOTE_ESCAPES },
		},
		.flags = CODE_CALLS | CODE_NAMED_QUOTES,
		.bytes = { BYTES, MARK('/'), MARK('"'), MARK('\'') },
	},
	{
		.names = " java kotlin kt ",
		WORDS(java_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "\"\"\"", "\"\"\"", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('"'), MARK('\''), MARK('@') },
	},
	{
		.names = " shell sh bash zsh ksh ",
		WORDS(shell_words),
		.comment = { "#" },
		.quotes = {
			{ "\"", "\"", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_LINES },
		},
		.flags = CODE_DOLLAR | CODE_SPACE_COMMENT,
		.bytes = { BYTES, MARK('"'), MARK('\''), MARK('#'), MARK('$'), IN_NAME('-') },
	},
	{
		.names = " json jsonc json5 jsonl ",
		WORDS(json_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_COLON_KEYS,
		.bytes = { BYTES, MARK('/'), MARK('"') },
	},
	{
		.names = " yaml yml ",
		WORDS(yaml_words),
		.comment = { "#" },
		.quotes = {
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, 0 },
		},
		.flags = CODE_COLON_KEYS | CODE_SPACE_COMMENT | CODE_NO_CASE,
		.bytes = { BYTES, MARK('"'), MARK('\''), MARK('#'), IN_NAME('-'), IN_NAME('.') },
	},
	{
		.names = " toml ini cfg conf ",
		WORDS(toml_words),
		.comment = { "#", ";" },
		.quotes = {
			{ "\"\"\"", "\"\"\"", ROLE_STRING, QUOTE_LINES | QUOTE_ESCAPES },
			{ "'''", "'''", ROLE_STRING, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, 0 },
		},
		.flags = CODE_EQUAL_KEYS | CODE_SECTIONS | CODE_SPACE_COMMENT,
		.bytes = { BYTES, MARK('#'), MARK('"'), MARK('\''), MARK(';'), MARK('['),
			IN_NAME('-'), IN_NAME('.') },
	},
	{
		.names = " sql sqlite postgres mysql ",
		WORDS(sql_words),
		.comment = { "--" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "'", "'", ROLE_STRING, 0 },
			{ "\"", "\"", ROLE_STRING, 0 },
		},
		.flags = CODE_NO_CASE | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('\''), MARK('"'), MARK('-') },
	},
	{
		.names = " html xml xhtml svg htm vue ",
		.quotes = {
			{ "<!--", "-->", ROLE_COMMENT, QUOTE_LINES },
		},
		.kind = CODE_TAGS,
		.bytes = { BYTES },
	},
	{
		.names = " css scss less ",
		WORDS(css_words),
		.comment = { "//" },
		.quotes = {
			{ "/*", "*/", ROLE_COMMENT, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_COLON_KEYS | CODE_CALLS,
		.bytes = { BYTES, MARK('/'), MARK('"'), MARK('\''), MARK('@'), IN_NAME('-') },
	},
	{
		.names = " diff patch udiff ",
		.kind = CODE_DIFF,
		.bytes = { BYTES },
	},
	{
		.names = " markdown md mdx ",
		.kind = CODE_MARKDOWN,
		.bytes = { BYTES },
	},
	{
		.names = " make makefile mk ",
		WORDS(make_words),
		.comment = { "#" },
		.flags = CODE_DOLLAR | CODE_COLON_KEYS | CODE_EQUAL_KEYS,
		.bytes = { BYTES, MARK('#'), MARK('$'), IN_NAME('-'), IN_NAME('.') },
	},
	{
		.names = " dockerfile docker containerfile ",
		WORDS(dockerfile_words),
		.comment = { "#" },
		.quotes = {
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_DOLLAR | CODE_NO_CASE | CODE_SPACE_COMMENT,
		.bytes = { BYTES, MARK('"'), MARK('\''), MARK('#'), MARK('$'), IN_NAME('-') },
	},
	{
		.names = " lua ",
		WORDS(lua_words),
		.comment = { "--" },
		.quotes = {
			{ "--[[", "]]", ROLE_COMMENT, QUOTE_LINES },
			{ "[[", "]]", ROLE_STRING, QUOTE_LINES },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_CALLS,
		.bytes = { BYTES, MARK('-'), MARK('['), MARK('"'), MARK('\'') },
	},
	{
		.names = " ruby rb rake gemspec ",
		WORDS(ruby_words),
		.comment = { "#" },
		.quotes = {
			{ "=begin", "=end", ROLE_COMMENT, QUOTE_LINES | QUOTE_AT_START },
			{ "\"", "\"", ROLE_STRING, QUOTE_ESCAPES },
			{ "'", "'", ROLE_STRING, QUOTE_ESCAPES },
		},
		.flags = CODE_AT | CODE_DOLLAR | CODE_CALLS,
		.bytes = { BYTES, MARK('='), MARK('"'), MARK('\''), MARK('#'), MARK('@'),
			MARK('$'), IN_NAME('?'), IN_NAME('!') },
	},
};

const size_t code_nlangs = sizeof code_langs / sizeof *code_langs;
