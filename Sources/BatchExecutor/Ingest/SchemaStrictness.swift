import OrderedCollections
import ParleyCore

/// Whether a JSON Schema may be sent as `strict`.
///
/// OpenAI and those who follow it refuse a strict schema unless every object in it is closed
/// (`additionalProperties: false`) and requires all of its properties. Sending such a one strict is free safety; sending
/// another one strict would fail every request.
enum SchemaStrictness {
    static func allows(_ schema: JSON) -> Bool {
        switch schema {
        case .object(let members):
            if members["type"] == "object" || members["properties"]?.objectValue != nil {
                guard isClosed(members) else { return false }
            }
            return members.values.allSatisfy(allows)
        case .array(let elements): return elements.allSatisfy(allows)
        default: return true
        }
    }

    private static func isClosed(_ members: JSONObject) -> Bool {
        let required = Set((members["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        let names = members["properties"]?.objectValue?.keys ?? []
        return members["additionalProperties"] == false && names.allSatisfy(required.contains)
    }
}
