import OrderedCollections
public import ParleyCore

/// Whether a JSON Schema may be sent as `strict`.
///
/// OpenAI and those who follow it refuse a strict schema unless its root is an object, every object in it is closed
/// (`additionalProperties: false`) and requires all of its properties, and it keeps to some of the keywords (their guide,
/// "Supported schemas"). Sending such a one strict is free safety; sending another one strict would fail every request. Answers
/// are checked either way.
public enum SchemaStrictness {
    /// Whether the schema may be sent as strict.
    public static func allows(_ schema: JSON) -> Bool {
        schema["type"] == "object" && schema["anyOf"] == nil && isStrict(schema)
    }

    private static let keywords: Set<String> = [
        "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "definitions", "description",
        "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maximum", "maxItems", "minimum",
        "minItems", "multipleOf", "pattern", "properties", "required", "title", "type",
    ]
    private static let formats: Set<String> = [
        "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uuid",
    ]

    private static func isStrict(_ schema: JSON) -> Bool {
        guard case .object(let members) = schema, members.keys.allSatisfy(keywords.contains) else {
            return false
        }
        if members["type"] == "object" || members["properties"]?.objectValue != nil {
            guard isClosed(members) else { return false }
        }
        if let format = members["format"]?.stringValue, !formats.contains(format) { return false }
        let named = ["properties", "$defs", "definitions"].compactMap { members[$0]?.objectValue }
        let alternatives = members["anyOf"]?.arrayValue ?? []
        return named.allSatisfy { $0.values.allSatisfy(isStrict) } && alternatives.allSatisfy(isStrict)
            && members["items"].map(isStrict) ?? true
    }

    private static func isClosed(_ members: JSONObject) -> Bool {
        let required = Set((members["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        let names = members["properties"]?.objectValue?.keys ?? []
        return members["additionalProperties"] == false && names.allSatisfy(required.contains)
    }
}
