import OrderedCollections
import Testing

@testable import ParleyCore

@Suite struct `JSON from prose` {
    private func origin(_ text: String, _ kind: ProseJSON.Kind = .any) -> ProseJSON.Origin? {
        ProseJSON.find(kind, in: text)?.origin
    }

    @Test(
        arguments: [
            (#"{"a": 1}"#, ["a": 1]), (" [1, 2]\n", [1, 2]), ("42", 42), (#""text""#, "text"), ("null", nil),
            ("\u{FEFF}{\"a\": 1}", ["a": 1]),
        ] as [(String, JSON)])
    func `A text that is JSON is read whole`(text: String, value: JSON) {
        #expect(ProseJSON.find(in: text) == ProseJSON(value: value, origin: .whole))
    }

    @Test(arguments: [
        "Here:\n```json\n{\"a\": 1}\n```\nDone.", "```\n{\"a\": 1}\n```", "~~~\n{\"a\": 1}\n~~~",
        "````JSON\n{\"a\": 1}\n````", "  ```json\r\n  {\"a\": 1}\r\n  ```\r\n", "```json\n{\"a\": 1}",
        "```swift\nlet a = 1\n```\n```json\n{\"a\": 1}\n```\n```json\n{\"b\": 2}\n```",
    ]) func `A fenced block is read, the first that holds JSON`(text: String) {
        #expect(ProseJSON.find(in: text) == ProseJSON(value: ["a": 1], origin: .fence))
    }

    @Test func `A fenced block wins over an object before it`() {
        let text = "Unlike {\"b\": 2} it is\n```json\n{\"a\": 1}\n```"
        #expect(parseJSON(text, default: nil) == ["a": 1])
    }

    @Test func `A plain value counts only in a block that is marked as JSON`() {
        #expect(parseJSON("It is\n```json\n42\n```", default: nil) == 42)
        #expect(parseJSON("It is\n```\n42\n```", default: nil) == nil)
    }

    @Test(arguments: [
        #"Sure! {"a": {"b": "} ] \" {"}} as you wished."#, #"It's {x}, no: {"a": {"b": "} ] \" {"}}"#,
        #"```json {"a": {"b": "} ] \" {"}} ```"#, #"{ {"a": {"b": "} ] \" {"}}"#,
    ]) func `The first balanced object is found, brackets in its strings notwithstanding`(text: String) {
        #expect(parseJSON(text, default: nil) == ["a": ["b": "} ] \" {"]])
        #expect(origin(text) == .embedded)
    }

    @Test func `An object is preferred to a footnote and to an empty pair of braces`() {
        #expect(parseJSON("See [1] and {}: {\"a\": 1}", default: nil) == ["a": 1])
        #expect(parseJSON("Only [1, 2] here", default: nil) == [1, 2])
        #expect(parseJSON("Only {} here", default: nil) == [:])
        #expect(parseJSON(#"All: [{"a": 1}, {"a": 2}]."#, default: nil) == [["a": 1], ["a": 2]])
    }

    @Test(arguments: [
        (
            #"{'a': 'it', 'b': [True, False, None], 'c': (1, .5),}"#,
            #"{"a":"it","b":[true,false,null],"c":[1,0.5]}"#
        ),
        (#"The answer: {'a': "it's", 'b': 'say "hi"'}."#, #"{"a":"it's","b":"say \"hi\""}"#),
        ("```python\n{'a': 1, 2: 'b'}\n```", #"{"a":1,"2":"b"}"#),
        ("{name: 'x', // a comment\n size: +3.,}", #"{"name":"x","size":3.0}"#),
        (#"{'a': '\x41\'\U0001F600\n'}"#, #"{"a":"A'😀\n"}"#), ("{\"a\": 1,}", #"{"a":1}"#),
        ("{\"a\": NaN, \"b\": -Infinity}", #"{"a":null,"b":null}"#), ("[True, None]", "[true,null]"),
        ("(1, 2)", "[1,2]"),
        ("True", "true"), ("None", "null"),
    ]) func `Python's and JavaScript's literals are read`(text: String, json: String) throws {
        #expect(ProseJSON.find(in: text) == ProseJSON(value: try JSON(parsing: json), origin: .literal))
    }

    @Test func `A line break inside a string is forgiven`() {
        #expect(parseJSON("{\"poem\": \"roses\nare red\"}", default: nil) == ["poem": "roses\nare red"])
    }

    @Test(
        arguments: [
            (#"{city: Paris, size: 3, capital: True}"#, ["city": "Paris", "size": 3, "capital": true]),
            ("It is {\n  city: New York\n  'size': 3\n}.", ["city": "New York", "size": 3]),
        ] as [(String, JSON)])
    func `A small flat object may have bare words`(text: String, value: JSON) {
        #expect(ProseJSON.find(in: text) == ProseJSON(value: value, origin: .pairs))
    }

    @Test(arguments: [
        "city: Paris\nsize: 3", "body { color: red; }", "f(x) = {x : x > 0}", "{x:d}", "if a { return b }",
        "{city: Paris, France}", "No JSON at all.", "", "{", "}{", "[", "it's [sic] {name}", "{'a'}",
        "The answer is 42.", "`{`",
    ]) func `What is no JSON gives the default`(text: String) {
        #expect(parseJSON(text, default: "none") == "none")
        #expect(parseJSONObject(text, default: ["none": true]) == ["none": true])
    }

    @Test(
        arguments: [
            (#"{"a": 1, "b": [1, 2"#, ["a": 1, "b": [1, 2]]), (#"Look: {"a": {"b": 1}"#, ["a": ["b": 1]]),
            ("```json\n{\"a\": 1, \"b\": tr", ["a": 1]), ("```json\n{\"a\": \"wor", ["a": "wor"]),
            (#"[{"a": 1}, {"a": 2}, {"a"#, [["a": 1], ["a": 2]]), (#"{"a": "x\ud83d\ude"#, ["a": "x"]),
        ] as [(String, JSON)])
    func `What the end cut off is closed, and preferred to the objects within`(text: String, value: JSON) {
        #expect(ProseJSON.find(in: text) == ProseJSON(value: value, origin: .repaired))
    }

    @Test func `A block that was closed around a cut object is read too`() {
        #expect(parseJSON("```json\n{\"a\": 1, \"b\": \n```\nMore.", default: nil) == ["a": 1])
    }

    @Test(arguments: [
        #"[{"a": 1}, {"a": 2}]"#, #"[1] and {"a": 1}"#, #""{\"a\": 1}""#, "```json\n[2]\n```\n{\"a\": 1}",
        "42 {\"a\": 1}", "{'a': 1}", "{a: 1}",
    ]) func `Where an object is insisted on, everything else is passed over`(text: String) {
        #expect(parseJSONObject(text, default: [:]) == ["a": 1])
    }

    @Test func `Nesting has a limit instead of a crash`() {
        for pair in [("[", "]"), ("{\"a\":", "}"), ("{'a':(", ")}")] {
            let deep = String(repeating: pair.0, count: 5000)
            #expect(parseJSON(deep, default: "none") == "none")
            _ = parseJSON(deep + "1" + String(repeating: pair.1, count: 5000), default: nil)
            #expect(ToolCall.Arguments(reading: deep) == .invalid(raw: deep))
        }
    }
}

@Suite struct `What a search for JSON costs` {
    private func stepsPerByte(_ text: String, _ kind: ProseJSON.Kind = .any) -> Double {
        var text = text
        return text.withUTF8 { bytes in
            var search = ProseSearch(bytes, kind: kind)
            _ = search.result()
            return Double(search.steps) / Double(bytes.count)
        }
    }

    private func repeated(_ pattern: String, bytes: Int) -> String {
        String(repeating: pattern, count: bytes / pattern.utf8.count)
    }

    @Test func `A mebibyte of braces is read six times at most`() {
        #expect(stepsPerByte(repeated("{", bytes: 1 << 20)) < 6.1)
    }

    @Test(arguments: [
        "[", "{\"", "{\"a\":", "[[1,", "{'a':", "{a:", "{#", "{\"a\":[", "'{", "```\n{", "{}", "[1]",
    ])
    func `A long text of one pattern is read a bounded number of times`(pattern: String) {
        let text = repeated(pattern, bytes: 1 << 14)
        // Four walks with their allowance, and the readings of the whole text and of its blocks.
        let bound = Double(5 * (ProseSearch.stepsPerByte + 1) + 2)
        #expect(stepsPerByte(text) < bound)
        #expect(stepsPerByte(text, .object) < bound)
    }

    @Test func `Ordinary prose costs about a step a byte and walk`() {
        let prose = String(repeating: "It's a \"quoted\" word, a {name} and a note [1].\n", count: 2000)
        #expect(stepsPerByte(prose + "{\"a\": 1}") < 3)
        #expect(stepsPerByte(prose, .object) < 8)
    }

    @Test func `Behind hostile brackets a short text is still searched to its end`() {
        let text = String(repeating: "{\"a\":[", count: 20) + "! {\"b\": 1}"
        #expect(parseJSON(text, default: nil) == ["b": 1])
    }

    @Test func `A text over the limit is read only as it stands`() {
        let filler = String(repeating: " ", count: ProseJSON.searchedBytesMax)
        #expect(parseJSON(filler + "{\"a\": 1}", default: nil) == ["a": 1])
        #expect(parseJSON("x" + filler + "{\"a\": 1}", default: nil) == nil)
    }
}
