import Testing

@testable import ParleyCore

@Suite struct `A pattern of a schema` {
    @Test(arguments: [
        ("a", "cab", true), ("^a", "ba", false), ("a$", "a\n", false), ("^a$", "a", true),
        ("^.$", "\u{85}", true),
        ("^.$", "\u{2028}", false), ("^.$", "😀", true), (#"^\d$"#, "٣", false), (#"^\w$"#, "é", false),
        (#"^\W$"#, "é", true), (#"^\s$"#, "\u{FEFF}", true), (#"^\S$"#, "\u{85}", true),
        (#"\bb\b"#, "éb", true),
        (#"a\Bb"#, "ab", true), (#"^[\w-.]+$"#, "a-b.c", true), (#"^[\d\-x]+$"#, "1-x", true),
        ("^[a&&b]+$", "a&b", true), ("^[[]$", "[", true), ("^[^]$", "\n", true), ("[]", "a", false),
        (#"^[\b]$"#, "\u{8}", true), (#"^[^\D]$"#, "7", true), (#"^\cC$"#, "\u{3}", true),
        (#"^\x41\u0042\u{1F600}\uD83D\uDE00$"#, "AB😀😀", true), (#"^\p{Lu}\P{Lu}$"#, "Éa", true),
        (#"^\p{Script=Greek}+$"#, "αβγ", true), (#"^(?<my_name>a)\k<my_name>$"#, "aa", true),
        (#"^(a)(b)\2\1$"#, "abba", true), ("^(?:a|b){2,3}?$", "aba", true), ("^{a}$", "{a}", true),
        ("^a{,2}$", "a{,2}", true), ("^(?=a)(?!b)a(?<=a)(?<!b)$", "a", true), ("^# x$", "# x", true),
        (#"^\/\.\-\@$"#, "/.-@", true), ("^é$", "e\u{301}", false), ("^\\d{4}-\\d{2}$", "2026-11", true),
    ]) func `It means what ECMA-262 says`(source: String, text: String, matches: Bool) throws {
        #expect(try SchemaPattern(source).outcome(in: text).outcome == (matches ? .matches : .differs))
    }

    @Test(arguments: [
        ("(", "has a group that is not closed"), (")", "closes a group that is not open"),
        ("[a", "has a class that is not closed"), ("[b-a]", "has a range whose ends are out of order"),
        ("a\\", "ends in a backslash"), (#"\Aa"#, #"has the escape \A, which ECMA-262 does not have"#),
        (#"a\Z"#, #"has the escape \Z, which ECMA-262 does not have"#),
        ("a++", "has a quantifier behind a quantifier"), ("a{2}+", "has a quantifier behind a quantifier"),
        ("(?i)a", "has a group of a kind that ECMA-262 does not have"),
        ("(?>a)", "has a group of a kind that ECMA-262 does not have"),
        (#"\k<a>"#, "refers to a group that it does not have"),
        (#"\x4"#, "has an escape with too few hexadecimal digits"),
        (#"\ud800"#, "has half of a surrogate pair"),
        (#"\p{^L}"#, #"has a \p without the name of a property"#),
        ("*", "is no regular expression that can be used"),
        ("a{2,1}", "is no regular expression that can be used"),
        (#"(a)\2"#, "is no regular expression that can be used"),
        (String(repeating: "a", count: SchemaPattern.lengthMax + 1), "is longer than 4096 characters"),
    ]) func `What ECMA-262 does not have is refused`(source: String, reason: String) {
        #expect(throws: SchemaPattern.Fault(reason: reason)) { try SchemaPattern(source) }
    }

    @Test func `A search that takes too long is given up`() throws {
        let text = String(repeating: "a", count: 60) + "!"
        #expect(try SchemaPattern("^(a+)+$").outcome(in: text).outcome == .exhausted)
    }

    @Test func `Any text is translated or refused, and never crashes`() {
        let letters = Array(#"ab0\[](){}^$.*+?|-,<>=!:kpuxcdDwWsSbBL&"#)
        var random = SplitMix(state: 11)
        for _ in 0..<20_000 {
            let source = String(
                (0..<Int(random.next() % 12)).map { _ in letters.randomElement(using: &random)! })
            guard let pattern = try? SchemaPattern(source) else { continue }
            _ = pattern.outcome(in: "ab0-a")
        }
    }
}
