import OrderedCollections
import ParleyCore

/// Makes a value that a JSON Schema allows: enough of the language for the schemas that people write for answers.
///
/// Understood are `type`, `enum`, `const`, `properties` (all are filled), `required`, `items`, `minItems`, `anyOf`, `oneOf`,
/// `allOf` (the first), `$ref` inside the document, `minimum`, `maximum`, `minLength` and the common formats.
struct SchemaFiller: Sendable {
    static let depthMax = 16

    private let root: JSON
    /// What the answer really is, where the simulator knows it: it goes into the first member that can hold it.
    private var known: String?

    init(root: JSON, known: String?) {
        self.root = root
        self.known = known
    }

    mutating func value(random: inout SeededRandom) -> JSON { value(for: root, depth: 0, random: &random) }

    private mutating func value(for schema: JSON, depth: Int, random: inout SeededRandom) -> JSON {
        guard depth < Self.depthMax else { return .null }
        if let target = schema["$ref"]?.stringValue, let found = resolve(target) {
            return value(for: found, depth: depth + 1, random: &random)
        }
        if let constant = schema["const"] { return constant }
        if let choices = schema["enum"]?.arrayValue, !choices.isEmpty {
            if let known, let fitting = choices.first(where: { $0.stringValue == known }) { return fitting }
            return choices[Int(random.next() % UInt64(choices.count))]
        }
        for name in ["anyOf", "oneOf", "allOf"] {
            if let first = schema[name]?.arrayValue?.first {
                return value(for: first, depth: depth + 1, random: &random)
            }
        }
        switch type(of: schema) {
        case "object": return object(for: schema, depth: depth, random: &random)
        case "array":
            let count = min(max(schema["minItems"]?.intValue ?? 1, 1), 16)
            let element = schema["items"] ?? ["type": "string"]
            return .array((0..<count).map { _ in value(for: element, depth: depth + 1, random: &random) })
        case "integer", "number": return number(for: schema, random: &random)
        case "boolean": return .bool(random.next() % 2 == 0)
        case "null": return .null
        default: return .string(string(for: schema, random: &random))
        }
    }

    private func type(of schema: JSON) -> String {
        if let name = schema["type"]?.stringValue { return name }
        if let names = schema["type"]?.arrayValue {
            return names.lazy.compactMap(\.stringValue).first { $0 != "null" } ?? "null"
        }
        if schema["properties"] != nil { return "object" }
        return schema["items"] != nil ? "array" : "string"
    }

    private mutating func object(for schema: JSON, depth: Int, random: inout SeededRandom) -> JSON {
        var members = JSONObject()
        for (name, member) in schema["properties"]?.objectValue ?? [:] {
            members[name] = value(for: member, depth: depth + 1, random: &random)
        }
        for name in schema["required"]?.arrayValue ?? [] {
            guard let name = name.stringValue, members[name] == nil else { continue }
            members[name] = .string(string(for: [:], random: &random))
        }
        return .object(members)
    }

    private mutating func number(for schema: JSON, random: inout SeededRandom) -> JSON {
        let lowest = schema["minimum"]?.doubleValue ?? schema["exclusiveMinimum"]?.doubleValue.map { $0 + 1 }
        let highest = schema["maximum"]?.doubleValue ?? schema["exclusiveMaximum"]?.doubleValue.map { $0 - 1 }
        if let literal = known, let value = Double(literal), value >= lowest ?? value,
            value <= highest ?? value
        {
            known = nil
            return .number(literal)
        }
        let low = lowest ?? min(0, highest ?? 0)
        let high = max(low, highest ?? low + 100)
        let drawn = low + random.fraction() * (high - low)
        if schema["type"]?.stringValue == "integer" || type(of: schema) == "integer" {
            return .double(min(max(drawn.rounded(), low.rounded(.up)), high.rounded(.down)))
        }
        return .double((drawn * 100).rounded(.down) / 100 < low ? low : (drawn * 100).rounded(.down) / 100)
    }

    private mutating func string(for schema: JSON, random: inout SeededRandom) -> String {
        switch schema["format"]?.stringValue {
        case "date": return "2026-01-15"
        case "date-time": return "2026-01-15T12:00:00Z"
        case "time": return "12:00:00Z"
        case "email": return "someone@example.com"
        case "uri": return "https://example.com/"
        case "uuid": return "00000000-0000-4000-8000-000000000000"
        default: break
        }
        var text = known ?? Prose.sentence(random: &random)
        known = nil
        while let shortest = schema["minLength"]?.intValue, text.count < min(shortest, 4096) { text += " …" }
        if let longest = schema["maxLength"]?.intValue { text = String(text.prefix(max(0, longest))) }
        return text
    }

    private func resolve(_ reference: String) -> JSON? {
        guard reference.hasPrefix("#") else { return nil }
        return reference.dropFirst().split(separator: "/").reduce(Optional(root)) { found, name in
            found?[String(name).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }
}
