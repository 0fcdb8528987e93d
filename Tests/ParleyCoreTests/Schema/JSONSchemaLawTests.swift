import OrderedCollections
import ParleyCore
import Testing

/// What must be so for every schema and every value, tried with random ones.
@Suite struct `The laws of schemas` {
    private static let rounds = 1_000

    @Test func `Not turns an answer around, and twice turns it back`() throws {
        try forRandom { schema, value in
            let answer = try JSONSchema(schema).allows(value)
            #expect(try JSONSchema(["not": schema]).allows(value) == !answer)
            #expect(try JSONSchema(["not": ["not": schema]]).allows(value) == answer)
        }
    }

    @Test func `A value is allowed exactly when it has no violations`() throws {
        try forRandom { schema, value in
            let schema = try JSONSchema(schema)
            let found = schema.violations(in: value)
            #expect(found.isEmpty == schema.allows(value))
            #expect(found.count <= JSONSchema.violationsMax)
        }
    }

    @Test func `One alternative and one demand say the same as the schema itself`() throws {
        try forRandom { schema, value in
            let answer = try JSONSchema(schema).allows(value)
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let list = JSON.object([keyword: [schema]])
                #expect(try JSONSchema(list).allows(value) == answer, "\(keyword) \(schema) \(value)")
            }
            #expect(try JSONSchema(["$ref": "#/$defs/a", "$defs": ["a": schema]]).allows(value) == answer)
            #expect(try JSONSchema(["if": schema, "else": false]).allows(value) == answer)
            #expect(try JSONSchema(["items": schema]).allows([value]) == answer)
            #expect(try JSONSchema(["properties": ["a": schema]]).allows(["a": value]) == answer)
        }
    }

    @Test func `A schema and its opposite cannot both be followed`() throws {
        try forRandom { schema, value in
            let both = try JSONSchema(["allOf": [schema, ["not": schema]]])
            let either = try JSONSchema(["oneOf": [schema, ["not": schema]]])
            #expect(!both.allows(value) && either.allows(value))
        }
    }

    @Test func `Every value is its own constant, however its numbers and members are written`() throws {
        let value = try JSON(parsing: #"{"a":[1,{"c":0.10,"b":"é"}],"n":null}"#)
        let other = try JSON(parsing: #"{"n":null,"a":[1.0,{"b":"é","c":1e-1}]}"#)
        #expect(try JSONSchema(["const": value]).allows(other))
        #expect(try JSONSchema(["enum": [1, other]]).allows(value))
        #expect(try !JSONSchema(["uniqueItems": true]).allows([value, other]))
        #expect(try !JSONSchema(["const": "\u{E9}"]).allows("e\u{301}"))
    }

    @Test func `Schemas of the suite that were mixed up are read or refused, and never crash`() throws {
        var random = SplitMix(state: 3)
        let groups = try SchemaSuite().groups
        for _ in 0..<3_000 {
            let group = groups.randomElement(using: &random)!
            let part = groups.randomElement(using: &random)!.schema.part(using: &random)
            let mixed = group.schema.replacingPart(with: part, using: &random)
            guard let schema = try? JSONSchema(mixed) else { continue }
            for test in group.cases {
                #expect(schema.allows(test.data) == schema.violations(in: test.data).isEmpty)
            }
        }
    }

    private func forRandom(_ law: (JSON, JSON) throws -> Void) rethrows {
        var random = SplitMix(state: 5)
        for _ in 0..<Self.rounds {
            try law(.schema(depth: 2, using: &random), .value(depth: 2, using: &random))
        }
    }
}

extension JSON {
    /// Something that stands anywhere in the value.
    fileprivate func part(using random: inout SplitMix) -> JSON {
        let parts = arrayValue ?? objectValue.map { Array($0.values) } ?? []
        guard let part = parts.randomElement(using: &random), random.next() % 4 > 0 else { return self }
        return part.part(using: &random)
    }

    /// The value with something else in one place.
    fileprivate func replacingPart(with other: JSON, using random: inout SplitMix) -> JSON {
        switch self {
        case .array(var elements) where !elements.isEmpty && random.next() % 4 > 0:
            let index = Int(random.next() % UInt64(elements.count))
            elements[index] = elements[index].replacingPart(with: other, using: &random)
            return .array(elements)
        case .object(var members) where !members.isEmpty && random.next() % 8 > 0:
            let name = members.keys.randomElement(using: &random)!
            members[name] = members[name]!.replacingPart(with: other, using: &random)
            return .object(members)
        default: return other
        }
    }

    fileprivate static func value(depth: Int, using random: inout SplitMix) -> JSON {
        let simple: [JSON] = [nil, true, false, 0, 1, 2.5, -3, "", "a", "abc", [], [:]]
        guard depth > 0, random.next() % 2 == 0 else { return simple.randomElement(using: &random)! }
        if random.next() % 2 == 0 {
            return .array((0..<Int(random.next() % 4)).map { _ in value(depth: depth - 1, using: &random) })
        }
        var members = JSONObject()
        for name in ["a", "b", "c"] where random.next() % 2 == 0 {
            members[name] = value(depth: depth - 1, using: &random)
        }
        return .object(members)
    }

    fileprivate static func schema(depth: Int, using random: inout SplitMix) -> JSON {
        guard depth > 0, random.next() % 10 > 0 else { return .bool(random.next() % 2 == 0) }
        var schema = JSONObject()
        for _ in 0...Int(random.next() % 3) {
            let other = Self.schema(depth: depth - 1, using: &random)
            let another = Self.schema(depth: depth - 1, using: &random)
            let limit = JSON.int(random.next() % 4)
            let choices: [(String, JSON)] = [
                ("type", ["string", "integer", "object"]), ("type", "array"), ("minimum", limit),
                ("maxLength", limit), ("minItems", limit), ("maxProperties", limit), ("required", ["a"]),
                ("uniqueItems", true), ("pattern", "^a"),
                ("enum", [value(depth: 1, using: &random), 1, "a"]),
                ("items", other), ("contains", other), ("prefixItems", [other, another]),
                ("properties", ["a": other, "b": another]), ("additionalProperties", other),
                ("propertyNames", other), ("anyOf", [other, another]), ("oneOf", [other, another]),
                ("allOf", [other, another]), ("not", other), ("if", other), ("then", other),
                ("else", another),
                ("dependentSchemas", ["a": other]), ("patternProperties", ["[ab]": other]),
            ]
            let (keyword, demand) = choices.randomElement(using: &random)!
            schema[keyword] = demand
        }
        return .object(schema)
    }
}
