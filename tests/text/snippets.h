/* Small pieces of markdown; documents for the tests are put together from them. */
#ifndef TESTS_TEXT_SNIPPETS_H
#define TESTS_TEXT_SNIPPETS_H

static const char *const snippets[] = {
	/* prose */
	"word", "Two words.", "A line of text\nand another one", "ends in two spaces  \nhard break",
	"ends in a backslash\\\nhard break", "tab\tin\ttext", "   indented a little", "a  b   c",
	"naïve café — “quoted” … Ωμέγα привет", "終端機渲染 と 増分解析", "🚀 ✅ 👩‍💻 🇵🇱 ❤️ 👍🏽", "e\u0301\u0302 o\u0308",
	"a very long word: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"some more words that will not fit on one row of twenty or of forty columns, and not on sixty either",
	/* emphasis */
	"*a*", "**a**", "***a***", "_a_", "__a__", "*a **b** c*", "**a *b* c**", "*a _b* c_", "**a", "*a",
	"a*", "a **b", "a ** b **", "snake_case_name", "2*3*4", "*a*b*c*", "**a**b**c**", "~~a~~", "~a~",
	"~~~a", "*\n*", "**a\nb**", "\\*a\\*", "*a\\*", "*(*a*)*", "**foo*bar**baz*", "***a** b*", "____", "*_*_",
	"a***", "***a*", "*a `*`", "**Note:** text", "__init__", "*[a*](b)",
	/* code spans */
	"`a`", "`` a`b ``", "`a", "``a`", "` `", "`a\nb`", "`\\`", "a `b` c `d", "`<a>`", "`&amp;`", "```a```",
	"``", "`", "`a``b`",
	/* links and pictures */
	"[a](b)", "[a](<b c>)", "[a](b \"t\")", "[a](b 't\nu')", "[a](", "[a](b", "[a]", "[a][b]", "[a][]", "[]",
	"[](b)", "[a]()", "![a](b)", "![a]", "![a](", "[![a](b)](c)", "[a [b](c) d](e)", "[a]: b",
	"[a]: b\n[a]", "[a]: <b> 't'", "[a]:", "[a]:\nb", "[b]: /url \"title\"", "[A]: /late", "[a\nb]: c",
	"[\\]]: x", "[a]: b\n\"t\nu\"", "see [a] and [b][a]", "<http://a.b>", "<a@b.c>", "http://a.b/c?d=e&f",
	"www.a.b", "a@b.cc", "http://a.b.", "(http://a.b)", "https://a.b/(c)", "[x](https://example.com/y)",
	"[https://bank.example](https://evil.example)", "[a](javascript:alert(1))", "[^1]", "[^1]: note", "[ ] x",
	"http://a.b/ex*c* and `d` e",
	/* HTML and entities */
	"<b>a</b>", "<a", "<a href=\"b\">", "<!-- c -->", "<!-- c", "a <!-- b\nc --> d", "<div>", "</div>",
	"<div>\na\n</div>", "<pre>\n\na\n\n</pre>", "<script>\n\n*a*\n", "</script>", "-->", "<?php\n\n?>", "<!X\n\n>",
	"<![CDATA[\n\n]]>", "<x-y>\na", "<br>", "&amp;", "&#65;", "&#x1F600;", "&nosuch;", "&", "&copy", "&#0;", "&#27;[31m",
	"&lt;b&gt;", "<del>*a*</del>",
	/* headings and rules */
	"# a", "## b *c*", "###### d #", "####### e", "#", "#a", "a\n===", "b\n---", "a\nb\n==", "===", "---", "***", "___",
	"- - -", "* * *", " ---", "    ---", "--", "**", "=", "# [a](b)", "## `c`",
	/* code blocks */
	"```\na\n```", "```c\nint x; /* a\nb */\n```", "~~~\na\n~~~", "````\n```\n````", "```\na", "```", "~~~", "```py\nx = '''",
	"```\n\na\n\n\nb\n\n```", "```\n```", "  ```\n  a\n  ```", "``` a`b", "    code", "    code\n\n    more", "\tcode", "```\n> a\n```",
	"```sh\n$ ls | wc -l # x\n```\ntext", "```\n- a\n```", "````md\n```\nx\n```\n````", "```diff\n-a\n+b\n```", "```\n[a]: b\n```",
	/* lists */
	"- a", "- a\n- b", "* a\n* b", "+ a", "1. a\n2. b", "1) a", "7. a\n8. b", "123456789. a", "1234567890. a", "-", "1.", "- a\n\n- b",
	"- a\n  - b\n    - c", "- a\n\n  b", "- a\n\n      code", "- a\n  ```\n  b\n  ```", "- ```\n  a\n\n  b", "- a\n\n\n- b", "- a\nlazy",
	"- [ ] a\n- [x] b", "- [ ]", "- # a", "- > a\n  > b", "- - a", "- 1. a", "1. - a\n   - b", "  - a\n - b\n- c", "- a\n* b", "-a",
	"- a\n  b\n  c", "- | a | b |\n  |---|---|\n  | 1 | 2 |", "1. a\n\n2. b\n   c", "- <div>\n  a", "- a\n    b", "- a\n\n    b\n\n  c",
	/* quotes */
	"> a", "> a\n> b", "> a\nlazy", ">", "> > a", ">> a\n> b", "> - a\n> - b", "> ```\n> a\n> ```", "> ```\n> a", "> # a", "> a\n\n> b",
	">     a", "> | a | b |\n> |---|---|", "> <!--\n> a", ">a", "   > a",
	/* tables */
	"| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n--- | ---\n1 | 2", "| a |\n| --- |", "|a|b|\n|:---|---:|\n|c", "| a | b |", "|---|---|",
	"| a \\| b | `c|d` |\n| --- | --- |\n| e | *f* | g |", "| 漢字 | 🚀 |\n|:---:|---:|\n| x | y |", "a | b\n---", "|\n|---|",
	"| a | b |\n|---|---|\n\n| c |", "| a | b |\n|---|---|\n- x", "| h |\n|---|\n| a long cell with many words in it |",
	/* bytes */
	"\xff\xfe", "a\xe2\x82", "\xe2\x82\xac\xed\xa0\x80", "\x1b[31mred\x1b[0m", "\a\b\v", "a\rb", "a\r\nb\r\n", "\u202egnp.exe", "\u200b\u200d",
	"\xef\xbb\xbf", "- \x1b]0;t\a", "`\x9b`", "\r", "\r\n",
};

/* What stands between two pieces. */
static const char *const joints[] = { "\n\n", "\n\n", "\n\n", "\n", "\n", "", "\n\n\n", " ", "\n\n  ", "\n\n    ", "\n\n> ", "\n\n- ",
	"\n  ", "\n\n1. ", "  \n", "\r\n\r\n" };

#endif
