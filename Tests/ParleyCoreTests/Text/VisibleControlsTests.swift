import ParleyCore
import Testing

@Suite struct `Text with its controls shown` {
    @Test(arguments: ["plain", "naïve café", "日本語", "e\u{301}", "😀", "a\\u{1B}"])
    func `What can be seen stays`(text: String) {
        #expect(text.showingControls == text)
    }

    @Test(arguments: [
        ("\u{1B}[31m", #"\u{1B}[31m"#), ("a\nb\tc", #"a\u{A}b\u{9}c"#), ("\u{85}", #"\u{85}"#),
        ("\u{202E}", #"\u{202E}"#), ("a\u{200D}b", #"a\u{200D}b"#), ("\u{FEFF}", #"\u{FEFF}"#),
        ("\u{2029}", #"\u{2029}"#), ("\0", #"\u{0}"#), ("\u{E000}", #"\u{E000}"#), ("\u{115F}", #"\u{115F}"#),
    ])
    func `What cannot is written out`(text: String, shown: String) {
        #expect(text.showingControls == shown)
    }
}
