package app_test

import "strings"

// naughty are texts that have broken other people's software, and the Chinese ones that ours would meet first.
var naughty = []string{
	// nothing, blanks, what looks like nothing
	"", " ", "\t", "\n", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u180e", "null", "NULL", "nil", "undefined", "None", "true", "NaN", "Infinity",
	// numbers
	"0", "-1", "1e309", "99999999999999999999999", "0x10", "1/0", "٣", "１２３", "①", "½", "-0", "1,000", "2147483648", "9223372036854775808",
	// days and ids
	"0000-00-00", "2026-02-30", "9999-12-31", "-2026-01-01", "2026-13-01T00:00:00Z", "二〇二六年五月六日", "00000000-0000-0000-0000-000000000000", "not-a-uuid", "{01a203f0-09df-760d-bad6-6351bfd3faf9}", "294277-01-01",
	// controls, line ends, headers
	"\x00", "a\x00b", "\x01\x02\x1b[31mred\x1b[0m", "a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\u2028b\u2029c", "a\u0085b", "\x7f", "\u0009\u000b\u000c",
	// broken encodings: lone surrogates, over-long, cut, GB18030 bytes
	"\xff\xfe", "\xed\xa0\x80", "\xc0\x80", "\xe4\xb8", "\xd6\xd0\xb9\xfa", "\xf4\x90\x80\x80", "\ufffd", "\ufffe", "\uffff", "\U0010ffff",
	// GB18030-2022, rare characters of names, ideographic description, compatibility and variants
	"\u9fb4\u9fb5\u9fbb\u9fef", "\U00020bb7野家", "\U0002a6d6\U00030edd\U00031350", "㐀㛲䶮", "𬱖𫍯𬀩", "⿰氵龑⿱山⿳一二三", "〾鵺", "神\ufe00福\U000e0100", "\uf900\uf9dc", "體体", "〇零○", "买买提·吐尔逊", "古丽•阿", "亚・克", "龘靐齉爩",
	// the same letters otherwise: NFC and NFD, full width, mixed scripts
	"\u00e9\u0065\u0301", "\u1112\u1161\u11ab", "ＡＢＣ＠１２３", "аdmin", "ﬀﬁ", "İiıI", "ß", "\u2126\u03a9",
	// direction and joiners
	"\u202e倒着写", "\u2066\u2067\u2068\u2069", "\u200f\u200e\u061c", "👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈", "🇨🇳🧑🏿\u200d🚒", strings.Repeat("\u0301", 400), "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", strings.Repeat("\u202e", 300),
	// formulas, by both widths
	"=1+1", "＝1＋1", "+1", "－1", "@SUM(A1)", "＠SUM(A1)", "=HYPERLINK(\"http://x\")", "\t=1", "=cmd|' /C calc'!A0", "'=1",
	// markup, templates, queries, paths, programs
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "<!--", "]]>", "&lt;&#60;&amp;", "javascript:alert(1)", "<svg/onload=alert(1)>", "{{.Head}}", "${7*7}", "<%= 7*7 %>", "#{7*7}",
	"'; DROP TABLE visits; --", `\'; SELECT pg_sleep(9); --`, "1 OR 1=1", "%", "_", `\`, "%%%%%%", `100\%`, "$1", "?", ":id", "{\"a\":1}", "[]", "\"", "'", "`id`", "$(reboot)", "|| ls", "../../../etc/passwd", "..\\..\\", "/dev/null", "C:\\con", "file:///etc/passwd",
	"http://169.254.169.254/", "%00", "%2e%2e%2f", "%s%n%x", "\\u0000", "\\", "()()", "(((((((((((((((((((((a+)+)+)+$", ".*", "身份证41079919880101001X", "４１０７９９１９８８０１０１００１Ｘ",
	// length
	strings.Repeat("很", 301), strings.Repeat("a", 70_000), strings.Repeat("𠮷", 5_000), strings.Repeat("A\n", 20_000), strings.Repeat("鱼塘 ", 2_000),
}

// line2MB is one line of two megabytes.
var line2MB = strings.Repeat("一", 700_000)

// crooked are JSON values of the wrong kind, and texts that only JSON can say: lone surrogates, escaped NUL.
var crooked = []string{
	`null`, `true`, `0`, `-1`, `1e400`, `1.5`, `99999999999999999999999999`, `[]`, `{}`, `""`, `[null]`, `[[[[[[[[]]]]]]]]`, `{"a":{"a":{"a":{}}}}`, `"\ud800"`, `"\udfff\ud800"`, `"\u0000"`, `"a\u0000b"`, `"\u202e"`, `"\ud842\udfb7"`,
	`["x","x","x"]`, `[1,2,3]`, `"2026-02-30"`, `"0001-01-01"`, `"9999-12-31"`, `"99999-01-01"`, `"2026-05-06T99:00:00Z"`, `"00000000-0000-0000-0000-000000000000"`, `-9223372036854775809`, `2147483648`, `1E-400`, `{"__proto__":1}`, `{"":""}`,
}
