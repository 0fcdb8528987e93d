import OrderedCollections
import ParleyCore
import Testing

@Suite struct JSONSkimmerTests {
    @Test func `Members are walked through in their order`() {
        let names = skim(#" { "a" : 1 , "b":[2,{"c":3}],"d":{} } "#) { $0.skip() }
        #expect(names == 3)
    }

    @Test(arguments: [
        (#"{"s":"plain text"}"#, "plain text"), (#"{"s":""}"#, ""),
        (#"{"s":"a\n\u00e9\ud83d\ude00"}"#, "a\né😀"),
        (#"{"s":"naïve – 東京"}"#, "naïve – 東京"), (#"{"s":"\"quoted\""}"#, "\"quoted\""),
    ])
    func `A string is given as the parser reads it`(text: String, expected: String) {
        var found: String?
        #expect(skim(text) { found = $0.string() } == 1)
        #expect(found == expected)
    }

    @Test func `A null is told from everything else`() {
        var nulls: [Bool] = []
        let count = skim(#"{"a":null,"b":0,"c":"null"}"#) { skimmer in
            nulls.append(skimmer.takesNull())
            if nulls.last == false { skimmer.skip() }
        }
        #expect(count == 3)
        #expect(nulls == [true, false, false])
    }

    @Test func `Whole numbers are read, and others left to the parser`() {
        #expect(integer("0") == 0)
        #expect(integer("12345678901234567") == 12_345_678_901_234_567)
        for text in ["-1", "1.0", "1e3", "01", "123456789012345678", "\"1\"", "null"] {
            #expect(integer(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[]", "7", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1}}", "{\"a\":1} x", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":nul}", "{\"a\":nulls}",
        "{\"a\":tru}", "{\"a\":[1,]}", "{\"a\":[1", "{\"a\":[1,", "{\"a\":[1}", "{\"a\":{\"b\":1]}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\u{1}\"}", "{a:1}", "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":'x'}", "{\"a\":\"x\"\"y\"}", "{\"a\":--1}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}",
    ])
    func `What is not JSON is not understood`(text: String) {
        #expect(skim(text) { $0.skip() } == nil)
        #expect((try? JSON(parsing: text))?.objectValue == nil)
    }

    @Test func `A string that is not UTF-8 is not understood`() {
        let bytes = Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(skim(bytes) { $0.skip() } == nil)
        #expect(skim(bytes) { _ = $0.string() } == nil)
    }

    @Test func `Names with escapes and deep nesting are left to the parser`() {
        #expect(skim(#"{"\u0061":1}"#) { $0.skip() } == nil)
        #expect(skim(#"{"é":1}"#) { $0.skip() } == nil)
        let deep = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(skim("{\"a\":\(deep(JSONSkimmer.depthMax))}") { $0.skip() } == 1)
        #expect(skim("{\"a\":\(deep(JSONSkimmer.depthMax + 1))}") { $0.skip() } == nil)
    }

    @Test func `Every beginning of a text is refused`() {
        let text = Array(#"{"a":"x\n","b":[1,-2.5e3,true,false,null,{"c":{}}],"d":"naïve"}"#.utf8)
        #expect(skim(text) { $0.skip() } == 3)
        for count in 0..<text.count { #expect(skim(Array(text[..<count])) { $0.skip() } == nil) }
    }

    /// The number of members if the text was understood.
    private func skim(_ text: String, _ take: (inout JSONSkimmer) -> Void) -> Int? {
        skim(Array(text.utf8), take)
    }

    private func skim(_ bytes: [UInt8], _ take: (inout JSONSkimmer) -> Void) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            var skimmer = JSONSkimmer(buffer)
            skimmer.enterObject()
            var count = 0
            while skimmer.nextName() != nil {
                count += 1
                take(&skimmer)
            }
            return skimmer.isWhole() ? count : nil
        }
    }

    private func integer(_ text: String) -> Int? {
        var value: Int?
        return skim("{\"a\":\(text)}") { value = $0.integer() } == nil ? nil : value
    }
}
