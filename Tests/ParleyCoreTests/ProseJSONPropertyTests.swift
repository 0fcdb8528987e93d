import OrderedCollections
import ParleyCore
import Testing

/// Whatever JSON is put into prose comes out again. The draws are the same in each run.
@Suite struct `JSON goes through prose unharmed` {
    private var random = SplitMix(state: 11)

    private static let wordsBefore = [
        "Sure, here it is:", "It's \"done\"", "ok\n", "a: b, c", "see [sic]", "`code`", "", "{name} is open:",
        "1. one\n2. two\n", "don't", "\\ escaped \\\" quote", "日本語で", "} ]", "f(x) {y}",
    ]
    private static let wordsBehind = [
        "Hope it helps!", "", "It's all.", "``` \n", "} ]", "[sic]", "\"x\"", "{name}",
    ]
    private static let strings = [
        "", "a", "it's", "\"", "\\", "}{][", "```", "line\nbreak", "日本", "😀", "\u{0}", "null", "a: b, c",
        "</tool_call>",
    ]

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.next() % UInt64(elements.count))]
    }

    private mutating func value(depth: Int) -> JSON {
        switch random.next() % (depth > 3 ? 5 : 8) {
        case 0: return .null
        case 1: return .bool(random.next() % 2 == 0)
        case 2: return .number(pick(["0", "-1.5e3", "12345678901234567890.10"]))
        case 3, 4: return .string(pick(Self.strings))
        case 5: return .array((0..<random.next() % 4).map { _ in value(depth: depth + 1) })
        default: return .object(object(depth: depth + 1))
        }
    }

    private mutating func object(depth: Int) -> JSONObject {
        var members = JSONObject()
        for _ in 0..<random.next() % 4 { members[pick(Self.strings) + "k"] = value(depth: depth) }
        return members
    }

    private mutating func telling() -> JSONObject {
        var members = object(depth: 0)
        members["last"] = value(depth: 1)
        return members
    }

    @Test mutating func `An object embedded in prose comes out`() {
        for _ in 0..<2000 {
            let members = telling()
            let text = "\(pick(Self.wordsBefore)) \(JSON.object(members).text()) \(pick(Self.wordsBehind))"
            #expect(parseJSONObject(text, default: [:]) == members, "\(text)")
            #expect(parseJSON(text, default: nil) == .object(members), "\(text)")
        }
    }

    @Test mutating func `Any object or array in a fence comes out`() {
        for _ in 0..<2000 {
            let value: JSON = random.next() % 2 == 0 ? .object(telling()) : .array([self.value(depth: 0)])
            let word = pick(["json", "", "JSON", "text"])
            let text =
                "\(pick(Self.wordsBefore))\n```\(word)\n\(value.text())\n```\n\(pick(Self.wordsBehind))"
            #expect(parseJSON(text, default: nil) == value, "\(text)")
        }
    }

    @Test mutating func `Any value alone comes out`() {
        for _ in 0..<2000 {
            let value = value(depth: 0)
            #expect(parseJSON(" \(value.text())\n", default: "none") == value)
        }
    }

    @Test mutating func `A beginning of an object gives an object with its first members, or none`() {
        for _ in 0..<300 {
            let members = telling()
            let bytes = JSON.object(members).bytes()
            let cut = Int(random.next() % UInt64(bytes.count))
            let saved = parseJSONObject(String(decoding: bytes[..<cut], as: UTF8.self), default: [:])
            guard let last = saved.keys.last else { continue }
            for (name, value) in saved where name != last { #expect(members[name] == value) }
        }
    }

    @Test mutating func `Broken text never crashes`() {
        let pieces = Array("{}[]()\"'\\,:=#/*`~\n nulTrueNone0.e-+u{d83d}")
        for _ in 0..<20_000 {
            let text = String((0..<random.next() % 40).map { _ in pick(pieces) })
            _ = parseJSON(text, default: nil)
            _ = parseJSONObject(text, default: [:])
            _ = ToolCall.Arguments(reading: text)
        }
    }
}
