import OrderedCollections
import ParleyCore
import Testing

/// What must be so for every schema and every value, tried with random ones.
@Suite struct `The laws of schemas` {
    private static let rounds = 3_000

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

    private func forRandom(_ law: (JSON, JSON) throws -> Void) rethrows {
        var random = SplitMix(state: 5)
        for _ in 0..<Self.rounds {
            try law(.schema(depth: 2, using: &random), .value(depth: 2, using: &random))
        }
    }
}

extension JSON {
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
