import OrderedCollections
import ParleyCore

extension TextualCalls {
    private static let callsNames = ["tool_calls", "tool_call", "function_call"]
    private static let nameNames = ["name", "tool_name", "tool"]
    private static let argumentNames = ["arguments", "tool_input", "input", "parameters", "args"]

    /// The reply object of an answer, taken apart; nil when there is none.
    ///
    /// Its own words win over prose around it ("Here is the JSON:"), which is kept only where it has none.
    func replyObject(in text: String) -> TextualReply? {
        guard let found = ProseJSON.find(.object, in: text), case .object(let members) = found.value,
            var calls = calls(inReply: members)
        else { return nil }
        // What was cut off is the last thing in the object.
        if found.origin == .repaired, let last = members.keys.last, Self.callsNames.contains(last),
            !calls.isEmpty
        {
            calls[calls.count - 1].isCut = true
        }
        var warnings: [String] = []
        let resolved = resolved(calls, warnings: &warnings)
        var words = Self.words(in: members)
        if words.isEmpty, found.origin != .whole { words = Self.prose(before: text) }
        return TextualReply(text: words, calls: resolved, warnings: warnings)
    }

    /// The calls of a reply object; nil when the object is none.
    private func calls(inReply members: JSONObject) -> [WrittenCall]? {
        for name in Self.callsNames {
            guard let value = members[name] else { continue }
            if case .string(let tool) = value, self.tool(named: tool) != nil {
                return [WrittenCall(name: tool, values: .json(Self.arguments(in: .object(members))))]
            }
            return Self.calls(in: value)
        }
        if members["assistant_response"] != nil {
            guard let call = Self.call(in: .object(members)), tool(named: call.name) != nil else { return [] }
            return [call]
        }
        guard unwrapsPlainReplies else { return nil }
        let names = Set(members.keys).subtracting(["role"])
        let isPlain = names.count == 1 && ["content", "response"].contains(names.first)
        return isPlain && members[names.first ?? ""]?.stringValue != nil ? [] : nil
    }

    private static func calls(in value: JSON) -> [WrittenCall] {
        switch value {
        case .array(let elements): elements.prefix(callsMax + 1).compactMap { call(in: $0) }
        case .object: call(in: value).map { [$0] } ?? []
        case .string(let text): (try? JSON(parsing: text)).map { calls(in: $0) } ?? []
        default: []
        }
    }

    /// The call that an object describes, however its members are called; nil when it has no name.
    static func call(in value: JSON) -> WrittenCall? {
        if let inner = value["function"], case .object = inner { return call(in: inner) }
        let names = ["function"] + nameNames
        guard let name = names.lazy.compactMap({ value[$0]?.stringValue }).first, !name.isEmpty else {
            return nil
        }
        return WrittenCall(name: name, values: .json(arguments(in: value)))
    }

    private static func arguments(in value: JSON) -> JSON? {
        argumentNames.lazy.compactMap { value[$0] }.first
    }

    /// The words for the reader: `assistant_response`, else `content`, else `response`.
    private static func words(in members: JSONObject) -> String {
        for name in ["assistant_response", "content", "response"] {
            switch members[name] {
            case .string(let text)?: return text
            case nil, .null?: continue
            case let value?: return value.text()
            }
        }
        return ""
    }

    /// What stands before the object or the fence around it.
    private static func prose(before text: String) -> String {
        let end = [text.firstIndex(of: "{"), text.firstRange(of: "```")?.lowerBound].compactMap { $0 }.min()
        return joined([text[..<(end ?? text.startIndex)]])
    }
}

extension TextualCalls {
    /// Calls without a reply around them: the whole text, a last fenced block, or the last lines.
    ///
    /// Nothing may follow them: a model stops after a call, and an example goes on. The object must look like a call: with
    /// arguments, or with nothing but the name of a tool.
    func bareCalls(in text: String, warnings: inout [String]) -> TextualReply? {
        let bytes = Array(text.utf8)
        let fences = bytes.withUnsafeBufferPointer { CodeFence.all(in: $0) }
        var written: [WrittenCall]?
        var before = 0
        if let last = fences.last, Self.isBlank(bytes[last.range.upperBound...]) {
            guard last.word.isEmpty || Self.callFences.contains(last.word) else { return nil }
            let body = String(decoding: bytes[last.body], as: UTF8.self)
            written = bareCalls(inObjects: Self.objects(in: body, from: 0))
            before = last.range.lowerBound
        } else {
            for start in Self.lineStarts(in: bytes, from: fences.last?.range.upperBound ?? 0) {
                written = bareCalls(inObjects: Self.objects(in: text, from: start))
                before = start
                if written != nil { break }
            }
        }
        guard let written else { return nil }
        let calls = resolved(written, warnings: &warnings)
        guard !calls.isEmpty else { return nil }
        let words = String(decoding: bytes[..<before], as: UTF8.self)
        return TextualReply(text: Self.joined([words[...]]), calls: calls, warnings: warnings)
    }

    /// The words behind an opening fence that speak of a call and not of a program.
    static let callFences: Set<String> = [
        "json", "tool_call", "tool_calls", "tool_code", "tool", "function_call",
    ]

    static func calls(inObjects written: WrittenValues?) -> [WrittenCall]? {
        guard let written, !written.values.isEmpty else { return nil }
        let elements = written.values.flatMap { $0.arrayValue ?? [$0] }
        var calls = elements.compactMap { call(in: $0) }
        guard calls.count == elements.count, !calls.isEmpty else { return nil }
        if written.isCut { calls[calls.count - 1].isCut = true }
        return calls
    }

    /// The calls, if all look like calls: with arguments, or with nothing but the name of a tool.
    private func bareCalls(inObjects written: WrittenValues?) -> [WrittenCall]? {
        let elements = written?.values.flatMap { $0.arrayValue ?? [$0] } ?? []
        let areCalls = elements.allSatisfy { value in
            if value["function"] != nil || Self.arguments(in: value) != nil { return true }
            guard value.objectValue?.count == 1, let call = Self.call(in: value) else { return false }
            return tool(named: call.name) != nil
        }
        return areCalls ? Self.calls(inObjects: written) : nil
    }

    /// The objects and arrays that the text consists of from that byte on; nil when anything else stands there.
    static func objects(in text: String, from start: Int) -> WrittenValues? {
        var text = text
        return text.withUTF8 { bytes in
            var parser = LooseJSONParser(bytes, from: start, closesEnd: true)
            var values: [JSON] = []
            parser.skipSpace()
            while parser.position < bytes.count {
                guard let value = parser.value(), !parser.isCut || parser.ranOut else { return nil }
                values.append(value)
                if parser.isCut || values.count > callsMax { break }
                parser.skipSpace()
                // Llama writes a semicolon between two calls.
                if parser.take(UInt8(ascii: ";")) || parser.take(UInt8(ascii: ",")) { parser.skipSpace() }
            }
            return WrittenValues(values: values, isCut: parser.isCut)
        }
    }

    /// The first ``lineStartsMax`` lines that begin with a bracket: where it stands.
    private static func lineStarts(in bytes: [UInt8], from start: Int) -> [Int] {
        var starts: [Int] = []
        var isAtStart = true
        for place in start..<bytes.count where starts.count < lineStartsMax {
            switch bytes[place] {
            case 0x0A: isAtStart = true
            case 0x20, 0x09, 0x0D: continue
            case UInt8(ascii: "{") where isAtStart, UInt8(ascii: "[") where isAtStart:
                starts.append(place)
                isAtStart = false
            default: isAtStart = false
            }
        }
        return starts
    }

    /// The most lines at which bare calls are looked for: each look may read the rest of the text.
    private static let lineStartsMax = 32

    static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }
}

/// JSON values that a text consists of.
struct WrittenValues: Sendable, Hashable {
    var values: [JSON]
    /// The last one was cut off by the end of the text.
    var isCut: Bool
}
