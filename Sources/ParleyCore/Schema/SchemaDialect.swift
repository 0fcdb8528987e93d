internal import OrderedCollections

/// The edition of JSON Schema that a schema is written in.
enum SchemaDialect: Sendable, Equatable {
    case draft2020
    case draft7
    /// No `$schema`: read as draft 2020-12, with those spellings of draft-07 that cannot be mistaken.
    case unstated

    init(_ members: JSONObject, at pointer: String) throws(JSONSchemaError) {
        guard let stated = members["$schema"] else {
            self = .unstated
            return
        }
        let place = JSONPointer.appending("$schema", to: pointer)
        guard let uri = stated.stringValue else {
            throw JSONSchemaError(.malformed, at: place, "must be a string, is \(SchemaWords.cited(stated))")
        }
        switch uri {
        case "https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema#":
            self = .draft2020
        case "http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-07/schema",
            "https://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema":
            self = .draft7
        default:
            throw JSONSchemaError(
                .unsupported, at: place,
                "names the dialect \(SchemaWords.quoted(uri)); known are draft 2020-12 and draft-07")
        }
    }
}

extension SchemaDialect {
    private static let common: Set<String> = ["$schema", "$id", "$ref", "$comment", "$defs"]
    private static let refused: Set<String> = ["unevaluatedItems", "unevaluatedProperties"]
    private static let sinceDraft2020: Set<String> = [
        "$anchor", "prefixItems", "minContains", "maxContains", "dependentRequired", "dependentSchemas",
    ]

    /// Throws for a keyword that would change what the schema means and is not followed here. Other unknown words are
    /// annotations, as the standard says.
    func refuseUnknown(_ members: JSONObject, at pointer: String) throws(JSONSchemaError) {
        for name in members.keys {
            let reason: String? =
                if Self.refused.contains(name) {
                    "is not supported; close the schema with additionalProperties or items"
                } else if Self.sinceDraft2020.contains(name) {
                    self == .draft7 ? "does not belong to draft-07, which $schema names" : nil
                } else if name == "additionalItems" {
                    self == .draft2020 ? "does not belong to draft 2020-12, which $schema names" : nil
                } else if name.hasPrefix("$"), !Self.common.contains(name) {
                    "is not supported"
                } else {
                    nil
                }
            guard let reason else { continue }
            throw JSONSchemaError(.unsupported, at: JSONPointer.appending(name, to: pointer), reason)
        }
    }
}
