/* Texts that are JSON by RFC 8259, texts that are not, and the few the RFC leaves to the reader. */
#ifndef TESTS_WIRE_JSON_CASES_H
#define TESTS_WIRE_JSON_CASES_H

#include "base/str.h"

#define CASE(text) { text, sizeof(text) - 1 }

static const struct str json_good[] = {
	/* any value may stand alone */
	CASE("null"), CASE("true"), CASE("false"), CASE("0"), CASE("-1"), CASE("\"\""), CASE("[]"),
	CASE("{}"), CASE("\"a\""),
	/* white space is these four and may stand around every token */
	CASE(" \t\r\n1 \t\r\n"), CASE("[ ]"), CASE("{ }"), CASE("[ 1 , 2 ]"),
	CASE("\n{\n\"a\"\t:\r1 ,\n\"b\" : [ ] }\n"), CASE("[\r\n]"), CASE("[1\n,1\n,1]"),
	/* containers */
	CASE("[null]"), CASE("[true,false]"), CASE("[[]]"), CASE("[[],[[]],{}]"), CASE("[{}]"),
	CASE("[1,null,null,null,2]"), CASE("[\"\",0,{\"a\":[]}]"),
	CASE("{\"a\":1}"), CASE("{\"a\":{\"b\":{\"c\":[{}]}}}"), CASE("{\"\":0}"),
	CASE("{\"a\":1,\"a\":2}"), CASE("{\"a\":\"b\",\"a\":\"b\"}"), CASE("{\"a\\u0062\":1}"),
	CASE("{\"foo\\u0000bar\":42}"), CASE("{\"min\":-1.0e+28,\"max\":1.0e+28}"),
	CASE("{\"x\":[{\"id\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}],\"id\":\"x\"}"),
	/* numbers */
	CASE("-0"), CASE("[-0]"), CASE("0.0"), CASE("-0.0"), CASE("0e0"), CASE("0E0"), CASE("0e+1"),
	CASE("0e-1"), CASE("0E+00"), CASE("123"), CASE("-123"), CASE("10"), CASE("100"), CASE("20e1"),
	CASE("1.5"), CASE("-1.5"), CASE("123.456"), CASE("1e5"), CASE("1E5"), CASE("1e+5"),
	CASE("1E-5"), CASE("1.5e05"), CASE("1.0E+2"), CASE("123e65"), CASE("123.456e78"),
	CASE("-0.000000000000000000000000000000000000000000000000000000000000000000000000000001"),
	CASE("12345678901234567890"), CASE("123456789012345678901234567890"), CASE("9007199254740993"),
	CASE("1e400"), CASE("-1e400"), CASE("1e-9999"), CASE("1E99999999999999999999"),
	CASE("0.4e00669999999999999999999999999999999999999999999999999999999999999999999969999999006"),
	/* strings */
	CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), CASE("\"\\u0000\""), CASE("\"\\u001F\\u007f\""),
	CASE("\"\\uaBcD\\uABCD\\uabcd\""), CASE("\"\\uD834\\uDD1E\""), CASE("\"\\uDBFF\\uDFFF\""),
	CASE("\"\\uFFFF\\uFDD0\\uFEFF\""), CASE("\"\\u2028\\u2029\""), CASE("\"\\\\u0000\""),
	CASE("\"\\\\a\""), CASE("\"\\\"\""), CASE("\"a/*b*/c//d#e\""), CASE("\" \""), CASE("\"\x7F\""),
	CASE("\"\xC3\xA9\""), CASE("\"\xE2\x80\xA8\xE2\x80\xA9\""), CASE("\"\xF0\x9D\x84\x9E\""),
	CASE("\"\xEF\xBB\xBF\""), CASE("\"\xEF\xBF\xBF\""), CASE("\"\xF4\x8F\xBF\xBF\""),
	CASE("\"[{,:}]'\""), CASE("[\"a\",\"b\"]"), CASE("\"new\\u000Aline\""),
};

static const struct str json_bad[] = {
	/* nothing, or not all of it */
	CASE(""), CASE(" "), CASE("\n"), CASE("["), CASE("]"), CASE("{"), CASE("}"), CASE("\""),
	CASE("[1"), CASE("[1,"), CASE("[\"a"), CASE("[\"a\""), CASE("{\"a"), CASE("{\"a\""),
	CASE("{\"a\":"), CASE("{\"a\":1"), CASE("{\"a\":1,"), CASE("{\"a\":1,\"b"), CASE("[[1]"),
	CASE("[[]"), CASE("[{"), CASE("[{}"), CASE("{\"a\":[}"), CASE("[\n1\n,"), CASE("[\"\\"),
	CASE("-"), CASE("[-"), CASE("\"\\u12"), CASE("\"\\"), CASE("\"abc"), CASE("[,"), CASE("{,"),
	/* more than one */
	CASE("1 2"), CASE("1,2"), CASE("[],"), CASE("[]]"), CASE("{}}"), CASE("[][]"), CASE("{}{}"),
	CASE("{\"a\":1}#"), CASE("[1]x"), CASE("\"a\" \"b\""), CASE("null null"), CASE("1]"),
	CASE("[1]\0"), CASE("{\"a\":\"b\"}/**/"), CASE("{\"a\":\"b\"}//"), CASE("2@"), CASE("{}\x0B"),
	/* brackets */
	CASE("[}"), CASE("{]"), CASE("[1}"), CASE("{\"a\":1]"), CASE("[{]}"), CASE("(1)"), CASE("<null>"),
	CASE("[<null>]"), CASE("[)"),
	/* commas and colons */
	CASE("[,]"), CASE("[1,]"), CASE("[,1]"), CASE("[1,,2]"), CASE("[1,,]"), CASE("[1 2]"),
	CASE("[\"a\" \"b\"]"), CASE("[\"\":1]"), CASE("[1;2]"), CASE("[1:2]"), CASE("{,}"),
	CASE("{\"a\":1,}"), CASE("{\"a\":1,,}"), CASE("{,\"a\":1}"), CASE("{\"a\":1,,\"b\":2}"),
	CASE("{\"a\" 1}"), CASE("{\"a\"}"), CASE("{\"a\":}"), CASE("{:1}"), CASE("{\"a\"::1}"),
	CASE("{\"a\":1 \"b\":2}"), CASE("{\"a\":1;\"b\":2}"), CASE("{\"a\",1}"), CASE("{\"a\"=1}"),
	CASE("{\"a\":1:2}"), CASE("{\"a\":/**/1}"), CASE("[1,/**/2]"), CASE("[1,#\n2]"), CASE(","),
	CASE(":"), CASE("[3[4]]"), CASE("[a,"), CASE("[\"a\",\n4\n,1,"),
	/* keys are strings */
	CASE("{a:1}"), CASE("{'a':1}"), CASE("{1:1}"), CASE("{null:1}"), CASE("{[]:1}"), CASE("{{}:1}"),
	CASE("{\"a\":1,b:2}"), CASE("{9999E9999:1}"), CASE("{\xF0\x9F\x87\xA8:1}"), CASE("{\"a\":a}"),
	/* words */
	CASE("n"), CASE("nul"), CASE("nulll"), CASE("NULL"), CASE("Null"), CASE("t"), CASE("tru"),
	CASE("truee"), CASE("True"), CASE("TRUE"), CASE("fals"), CASE("falsee"), CASE("False"),
	CASE("undefined"), CASE("nan"), CASE("NaN"), CASE("-NaN"), CASE("Infinity"), CASE("-Infinity"),
	CASE("inf"), CASE("[nul]"), CASE("[tru,1]"), CASE("[fals\xC3\xA9]"), CASE("abc"), CASE("nu\0ll"),
	CASE("*"), CASE("&"), CASE("_"), CASE("$x"), CASE("~"),
	/* numbers */
	CASE("+1"), CASE("++1"), CASE("--1"), CASE("-+1"), CASE("- 1"), CASE("00"), CASE("01"), CASE("-01"),
	CASE("012"), CASE("-00"), CASE("00.1"), CASE("1."), CASE("-1."), CASE("1.e1"), CASE(".1"),
	CASE("-.1"), CASE("."), CASE(".e1"), CASE("0.e1"), CASE("2.e+3"), CASE("1e"), CASE("1E"),
	CASE("1e+"), CASE("1E-"), CASE("0e"), CASE("0E+"), CASE("1.0e"), CASE("1.0e+"), CASE("1e1.5"),
	CASE("1e1e1"), CASE("1eE2"), CASE("1e+-1"), CASE("1e 1"), CASE("1.2.3"), CASE("1_000"),
	CASE("1 000"), CASE("1,5"), CASE("0x1"), CASE("0x"), CASE("0b1"), CASE("0o7"), CASE("1f"),
	CASE("1d"), CASE("1L"), CASE("1a"), CASE("-a"), CASE("0.1.2"), CASE("0.3e+"), CASE("1+2"),
	CASE("-1x"), CASE("[1.]"), CASE("[-]"), CASE("[1e]"), CASE("[-2.]"), CASE("[.2e-3]"),
	CASE("\xEF\xBC\x91"), CASE("1\xE2\x82\xAC"), CASE("1\xFF"), CASE("1\0"), CASE("123\xE5"),
	/* strings */
	CASE("'a'"), CASE("`a`"), CASE("\"a\nb\""), CASE("\"a\tb\""), CASE("\"a\rb\""), CASE("\"\0\""),
	CASE("\"a\0b\""), CASE("\"\x1F\""), CASE("\"\x01\""), CASE("\"1234567\n\""), CASE("\"\\a\""),
	CASE("\"\\v\""), CASE("\"\\0\""), CASE("\"\\x41\""), CASE("\"\\'\""), CASE("\"\\ \""),
	CASE("\"\\\n\""), CASE("\"\\\0\""), CASE("\"\\U0041\""), CASE("\"\\N\""), CASE("\"\\u\""),
	CASE("\"\\u1\""), CASE("\"\\u12\""), CASE("\"\\u123\""), CASE("\"\\u123g\""), CASE("\"\\u 123\""),
	CASE("\"\\u-123\""), CASE("\"\\u+123\""), CASE("\"\\uD834\\u\""), CASE("\"\\uD834\\uD\""),
	CASE("\"\\uD834\\x\""), CASE("\"\\u{41}\""), CASE("\"\\\xC3\xA9\""), CASE("\"\\\""),
	CASE("\"\\\\\\\""), CASE("\"\\u00\xC3\xA9\""), CASE("\"a\"b\""), CASE("\"a\"\""), CASE("\"\"\""),
	CASE("\\u0020\"a\""), CASE("\\n"), CASE("[\\u000A\"\"]"), CASE("a\""), CASE("\xC3\xA9"),
	/* white space is only those four */
	CASE("\xEF\xBB\xBF"), CASE("\xEF\xBB\xBF{}"), CASE("\x0C" "1"), CASE("\x0B" "1"), CASE("1\x0C"),
	CASE("[\x0B" "1]"), CASE("[\x0C]"), CASE("\xC2\xA0" "1"), CASE("1\xC2\x85"), CASE("\xE2\x81\xA0[]"),
	CASE("\xE2\x80\xA8[]"), CASE("[1,\xC2\xA0" "2]"), CASE("\0"), CASE("\0" "1"), CASE("[\0]"),
	CASE("/**/1"), CASE("//\n1"), CASE("#\n1"), CASE("\x1B"), CASE("[\x7F]"), CASE("\x1E" "1"),
	/* other encodings */
	CASE("\0\"\0a\0\""), CASE("\"\0a\0\"\0"), CASE("\xFF\xFE\"\0"), CASE("\xFE\xFF\0\""),
	CASE("\xFF"), CASE("[\xE5]"), CASE("{\"a\":1}\xFF"),
};

/* Taken: the text is then repaired where it is unescaped. */
static const struct str json_repaired[] = {
	CASE("\"\\uD800\""), CASE("\"\\uDADA\""), CASE("\"\\uDC00\\uD800\""), CASE("\"\\uD800\\uD800\\n\""),
	CASE("\"\\uD800abc\""), CASE("\"\\uD800\\u0041\""), CASE("\"\\uD834\\\\uDD1E\""),
	CASE("\"\xFF\""), CASE("\"\xE9\""), CASE("\"\xC0\xAF\""), CASE("\"\xED\xA0\x80\""),
	CASE("\"\x81\""), CASE("\"\xF4\xBF\xBF\xBF\""), CASE("\"\xFC\x80\x80\x80\x80\x80\""),
	CASE("\"\xE0\xFF\""), CASE("{\"\xFF\":\"\xE2\x82\"}"), CASE("{\"\\uDFAA\":0}"),
	CASE("\"\xD0\\n\""),
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#endif
