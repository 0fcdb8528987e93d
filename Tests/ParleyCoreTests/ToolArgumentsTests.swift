import OrderedCollections
import ParleyCore
import Testing

@Suite struct ToolArgumentsTests {
    @Test func `An object is read as it is`() {
        #expect(ToolCall.Arguments(reading: #"{"a": 1}"#) == .parsed(["a": 1]))
    }

    @Test(arguments: ["", "  \n"])
    func `No text means no arguments`(raw: String) {
        #expect(ToolCall.Arguments(reading: raw) == .parsed([:]))
    }

    @Test func `An object inside a string is unpacked`() {
        #expect(ToolCall.Arguments(reading: #""{\"a\": 1}""#) == .parsed(["a": 1]))
    }

    @Test(
        arguments: [
            (#"{"a": 1"#, ["a": 1]), (#"{"a": 1,"#, ["a": 1]), (#"{"a": [1, 2"#, ["a": [1, 2]]),
            (#"{"a": "wor"#, ["a": "wor"]), (#"{"a": "wor\"#, ["a": "wor"]), (#"{"a": 1, "b"#, ["a": 1]),
            (#"{"a": 1, "b":"#, ["a": 1]), (#"{"a": 1, "b": tr"#, ["a": 1]),
            (#"{"a": {"b": "c"}, "d": [{"#, ["a": ["b": "c"]]),
            (#"{"a": "x\u00"#, ["a": "x"]), (#"{"a": 1, "b": {"#, ["a": 1]), (#"{"a": 1, "b": ["#, ["a": 1]),
            (#"{"a": 12."#, ["a": 12]),
        ] as [(String, JSON)])
    func `A text that was cut off is closed`(raw: String, expected: JSON) {
        #expect(ToolCall.Arguments(reading: raw) == .repaired(expected.objectValue!, raw: raw))
    }

    @Test(arguments: ["{", "[1, 2]", "7", "null", "run it", #"{"a""#, "}{", #""text""#, "{]}"])
    func `What holds no object is kept as text`(raw: String) {
        #expect(ToolCall.Arguments(reading: raw) == .invalid(raw: raw))
    }

    @Test(
        arguments: [
            (
                #"{'city': 'Paris', 'new': True, 'tags': ('a',)}"#,
                ["city": "Paris", "new": true, "tags": ["a"]]
            ),
            ("{\"text\": \"one\ntwo\"}", ["text": "one\ntwo"]), (#"{"a": 1,}"#, ["a": 1]),
            (#"{"pattern": "\d+"}"#, ["pattern": "\\d+"]),
        ] as [(String, JSON)])
    func `An object that is all there but not quite JSON is repaired`(raw: String, expected: JSON) {
        #expect(ToolCall.Arguments(reading: raw) == .repaired(expected.objectValue!, raw: raw))
    }

    @Test(arguments: ["{'text': 'it's", "{'a': 'b", "{'a'", "{a: b}", "{ # none\n}"])
    func `What would have to be guessed is kept as text`(raw: String) {
        #expect(ToolCall.Arguments(reading: raw) == .invalid(raw: raw))
    }

    @Test func `What stands behind the object is given up`() {
        #expect(ToolCall.Arguments(reading: #"{"a": 1}}"#) == .repaired(["a": 1], raw: #"{"a": 1}}"#))
    }

    @Test func `A long text that was cut off is saved as well`() {
        let raw = #"{"text": ""# + String(repeating: "word ", count: 400_000)
        #expect(ToolCall.Arguments(reading: raw).object?["text"]?.stringValue?.utf8.count == 2_000_000)
    }

    @Test func `No more than 256 bytes are given up`() {
        let broken = #"{"a": 1, "# + String(repeating: "x", count: 240)
        #expect(ToolCall.Arguments(reading: broken).isRepaired)
        let hopeless = #"{"a": 1, "# + String(repeating: "x", count: 300)
        #expect(ToolCall.Arguments(reading: hopeless) == .invalid(raw: hopeless))
    }

    @Test func `Every beginning of a call can be read without a crash`() {
        let whole = Array(#"{"path":"ü\n\"🥊","lines":[{"n":-1.5e3,"t":[true,null]}],"x":{}}"#.utf8)
        for length in 0...whole.count {
            _ = ToolCall.Arguments(reading: String(decoding: whole[..<length], as: UTF8.self))
        }
    }
}
