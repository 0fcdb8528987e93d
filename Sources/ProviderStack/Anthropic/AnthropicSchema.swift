import OrderedCollections
import ParleyCore

/// The part of JSON Schema that Anthropic's structured outputs take; a request with any other is refused.
///
/// Their guide ("JSON Schema limitations") has no numeric limits, no lengths, no recursion, and wants every object closed. What
/// it does not name for certain (`pattern`, `oneOf`, `allOf` …) is taken for refused: the schema in the prompt is weaker, but it
/// always works, and answers are checked either way.
enum AnthropicSchema {
    /// The schema as it may be sent; nil when it may not.
    ///
    /// An object that does not say whether it is open is closed, as the provider's own libraries do: whatever follows the
    /// closed schema follows the open one as well.
    static func native(_ schema: JSON) -> JSON? {
        guard case .object(let root)? = closed(schema), root["type"] == "object", !isRecursive(schema) else {
            return nil
        }
        return .object(root)
    }

    private static let keywords: Set<String> = [
        "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "default", "definitions",
        "description", "enum", "format", "items", "minItems", "properties", "required", "title", "type",
    ]
    private static let formats: Set<String> = [
        "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid",
    ]
    /// One of these says what a value may be; a schema without any allows everything.
    private static let tellingKeywords = ["type", "enum", "const", "anyOf", "$ref"]

    private static func closed(_ schema: JSON) -> JSON? {
        guard case .object(var members) = schema, members.keys.allSatisfy(keywords.contains),
            tellingKeywords.contains(where: { members[$0] != nil }), hasFittingValues(members)
        else { return nil }
        for name in ["properties", "$defs", "definitions"] {
            guard let parts = members[name] else { continue }
            guard var inner = parts.objectValue else { return nil }
            for (key, part) in inner {
                guard let part = closed(part) else { return nil }
                inner[key] = part
            }
            members[name] = .object(inner)
        }
        if let items = members["items"] {
            guard let items = closed(items) else { return nil }
            members["items"] = items
        }
        if let alternatives = members["anyOf"] {
            let parts = alternatives.arrayValue?.compactMap(closed) ?? []
            // Closed parts of one object would exclude each other.
            guard parts.count == alternatives.arrayValue?.count, members["properties"] == nil else {
                return nil
            }
            members["anyOf"] = .array(parts)
        }
        guard isObject(members) else { return .object(members) }
        return close(&members) ? .object(members) : nil
    }

    private static func isObject(_ members: JSONObject) -> Bool {
        members["type"] == "object" || members["type"]?.arrayValue?.contains("object") == true
            || members["properties"] != nil
    }

    private static func close(_ members: inout JSONObject) -> Bool {
        let names = members["properties"]?.objectValue?.keys ?? []
        let required = (members["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard required.allSatisfy(names.contains), members["$ref"] == nil else { return false }
        switch members["additionalProperties"] {
        case false?: return true
        case nil where !names.isEmpty:
            members["additionalProperties"] = false
            return true
        default: return false
        }
    }

    private static func hasFittingValues(_ members: JSONObject) -> Bool {
        func isScalar(_ value: JSON) -> Bool { value.objectValue == nil && value.arrayValue == nil }
        if let choices = members["enum"]?.arrayValue, !choices.allSatisfy(isScalar) { return false }
        if let constant = members["const"], !isScalar(constant) { return false }
        if let format = members["format"]?.stringValue, !formats.contains(format) { return false }
        if let count = members["minItems"], count != 0, count != 1 { return false }
        if let reference = members["$ref"]?.stringValue, definition(reference) == nil { return false }
        return true
    }

    /// The name of the definition that a reference means; nil for any other place.
    private static func definition(_ reference: String) -> String? {
        for start in ["#/$defs/", "#/definitions/"] where reference.hasPrefix(start) {
            let name = reference.dropFirst(start.count)
            return name.isEmpty || name.contains("/") || name.contains("~") ? nil : String(name)
        }
        return nil
    }
}

extension AnthropicSchema {
    /// Whether a definition leads back to itself.
    private static func isRecursive(_ schema: JSON) -> Bool {
        var open: [String: Set<String>] = [:]
        for name in ["$defs", "definitions"] {
            for (key, part) in schema[name]?.objectValue ?? [:] {
                open[key, default: []].formUnion(references(in: part))
            }
        }
        // What leads nowhere is taken away again and again; a circle is what stays.
        while let end = open.first(where: { $0.value.isEmpty })?.key {
            open[end] = nil
            for key in open.keys { open[key]?.remove(end) }
        }
        return !open.isEmpty
    }

    private static func references(in schema: JSON) -> Set<String> {
        switch schema {
        case .object(let members):
            let own = members["$ref"]?.stringValue.flatMap(definition).map { [$0] } ?? []
            return members.values.reduce(into: Set(own)) { $0.formUnion(references(in: $1)) }
        case .array(let elements):
            return elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        default: return []
        }
    }
}
