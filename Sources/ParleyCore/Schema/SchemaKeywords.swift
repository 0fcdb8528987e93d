internal import OrderedCollections

/// The keywords of one subschema, each read as what it has to be.
///
/// What is missing is nil; what has the wrong kind is an error with its place.
struct SchemaKeywords {
    let members: JSONObject
    let pointer: String

    func place(of keyword: String) -> String { JSONPointer.appending(keyword, to: pointer) }

    func malformed(_ keyword: String, _ demand: String) -> JSONSchemaError {
        let actual = members[keyword].map(SchemaWords.cited) ?? "missing"
        return JSONSchemaError(.malformed, at: place(of: keyword), "\(demand), is \(actual)")
    }

    func text(_ keyword: String) throws(JSONSchemaError) -> String? {
        guard let value = members[keyword] else { return nil }
        guard case .string(let text) = value else { throw malformed(keyword, "must be a string") }
        return text
    }

    func number(_ keyword: String) throws(JSONSchemaError) -> (value: JSONDecimal, literal: String)? {
        guard let value = members[keyword] else { return nil }
        guard case .number(let literal) = value, let decimal = JSONDecimal(literal) else {
            throw malformed(keyword, "must be a number")
        }
        return (decimal, SchemaWords.shortened(literal))
    }

    func count(_ keyword: String) throws(JSONSchemaError) -> Int? {
        guard let value = members[keyword] else { return nil }
        guard let count = value.intValue, count >= 0 else {
            throw malformed(keyword, "must be a whole number that is not negative")
        }
        return count
    }

    func flag(_ keyword: String) throws(JSONSchemaError) -> Bool {
        guard let value = members[keyword] else { return false }
        guard case .bool(let flag) = value else { throw malformed(keyword, "must be true or false") }
        return flag
    }

    /// An array of different strings.
    func names(_ keyword: String) throws(JSONSchemaError) -> [String]? {
        guard let value = members[keyword] else { return nil }
        return try Self.names(value, at: place(of: keyword))
    }

    static func names(_ value: JSON, at place: String) throws(JSONSchemaError) -> [String] {
        guard case .array(let elements) = value else {
            throw JSONSchemaError(
                .malformed, at: place, "must be an array of strings, is \(SchemaWords.cited(value))")
        }
        var names = OrderedSet<String>()
        for (index, element) in elements.enumerated() {
            guard case .string(let name) = element else {
                throw JSONSchemaError(
                    .malformed, at: JSONPointer.appending(String(index), to: place),
                    "must be a string, is \(SchemaWords.cited(element))")
            }
            guard names.append(name).inserted else {
                throw JSONSchemaError(.malformed, at: place, "names \(SchemaWords.quoted(name)) twice")
            }
        }
        return Array(names)
    }

    func array(_ keyword: String) throws(JSONSchemaError) -> [JSON]? {
        guard let value = members[keyword] else { return nil }
        guard case .array(let elements) = value else { throw malformed(keyword, "must be an array") }
        return elements
    }

    func object(_ keyword: String) throws(JSONSchemaError) -> JSONObject? {
        guard let value = members[keyword] else { return nil }
        guard case .object(let object) = value else { throw malformed(keyword, "must be an object") }
        return object
    }
}

extension SchemaKeywords {
    private static let single = [
        "additionalItems", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else",
    ]
    private static let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let maps = [
        "$defs", "definitions", "properties", "patternProperties", "dependentSchemas",
    ]

    /// The subschemas right below, each with its pointer.
    func subschemas() throws(JSONSchemaError) -> [(pointer: String, schema: JSON)] {
        var found: [(String, JSON)] = []
        for keyword in Self.single {
            if let schema = members[keyword] { found.append((place(of: keyword), schema)) }
        }
        for keyword in Self.lists {
            guard let elements = try array(keyword) else { continue }
            guard !elements.isEmpty else { throw malformed(keyword, "must have an element") }
            append(elements, of: keyword, to: &found)
        }
        for keyword in Self.maps {
            for (name, schema) in try object(keyword) ?? [:] {
                found.append((JSONPointer.appending(name, to: place(of: keyword)), schema))
            }
        }
        switch members["items"] {
        case .array(let elements): append(elements, of: "items", to: &found)
        case let schema?: found.append((place(of: "items"), schema))
        case nil: break
        }
        for (name, schema) in try object("dependencies") ?? [:] where schema.arrayValue == nil {
            found.append((JSONPointer.appending(name, to: place(of: "dependencies")), schema))
        }
        return found
    }

    private func append(_ elements: [JSON], of keyword: String, to found: inout [(String, JSON)]) {
        for (index, schema) in elements.enumerated() {
            found.append((JSONPointer.appending(String(index), to: place(of: keyword)), schema))
        }
    }
}
