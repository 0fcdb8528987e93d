import OrderedCollections
import ParleyCore
import Testing

@Suite struct `The limits of schemas` {
    private static let levels = 100_000

    /// Asks about a value that stands in itself so often that it cannot even be let go at once.
    private func withTower<Answer>(
        _ wrap: (JSON) -> JSON, _ unwrap: (JSON) -> JSON?, ask: (JSON) throws -> Answer
    ) rethrows -> Answer {
        var tower: JSON = true
        for _ in 0..<Self.levels { tower = wrap(tower) }
        defer { while let inner = unwrap(tower) { tower = inner } }
        return try ask(tower)
    }

    @Test func `A schema of 100,000 levels is refused`() throws {
        let error = withTower({ ["not": $0] }, { $0["not"] }) { schema in
            #expect(throws: JSONSchemaError.self) { try JSONSchema(schema) }
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.reason == "is nested deeper than \(JSONSchema.nestingMax) schemas")
    }

    @Test(arguments: ["const", "default"])
    func `A value of 100,000 levels in a schema is refused or not looked at`(keyword: String) throws {
        withTower({ [$0] }, { $0.arrayValue?.first }) { value in
            let schema = JSON.object([keyword: value])
            #expect((try? JSONSchema(schema)) == nil || keyword == "default")
        }
    }

    @Test(arguments: [
        ##"{"items":{"$ref":"#"}}"##, #"{"uniqueItems":true}"#, #"{"const":1}"#,
        ##"{"not":{"not":{"items":{"$ref":"#"}}}}"##, ##"{"contains":{"$ref":"#"}}"##,
    ]) func `A value of 100,000 levels is checked to a limit and called wrong`(schema: String) throws {
        let schema = try JSONSchema(JSON(parsing: schema))
        let found = withTower({ [$0] }, { $0.arrayValue?.first }) { schema.violations(in: $0) }
        #expect(found.map(\.sentence) == ["cannot be checked, because it is nested too deeply"])
    }

    @Test func `A value of 100,000 levels is no trouble where nobody asks`() throws {
        let schema = try JSONSchema(["type": "array", "items": ["type": "array"]])
        #expect(withTower({ [$0] }, { $0.arrayValue?.first }) { schema.allows($0) })
    }

    @Test func `What the parser can read can be checked by a schema of trees`() throws {
        let schema = try JSONSchema(
            JSON(
                parsing: ##"""
                    {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "additionalProperties": false,
                     "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}
                    """##))
        var tree: JSON = [:]
        for _ in 0..<(JSONParser.depthMax / 2 - 1) { tree = ["children": [tree]] }
        #expect(schema.violations(in: try JSON(parsing: tree.text())).isEmpty)
    }

    @Test func `A long chain of references is followed to a limit`() throws {
        func chain(_ length: Int) throws -> JSONSchema {
            var defs: JSONObject = ["a\(length)": true]
            for index in 0..<length { defs["a\(index)"] = ["$ref": .string("#/$defs/a\(index + 1)")] }
            return try JSONSchema(["$ref": "#/$defs/a0", "$defs": .object(defs)])
        }
        #expect(try chain(JSONSchema.depthMax - 2).allows(1))
        #expect(try !chain(10_000).allows(1))
    }

    @Test func `Alternatives that double at each level come to an end`() throws {
        var defs: JSONObject = ["a64": ["type": "null"]]
        for index in 0..<64 {
            let next: JSON = ["$ref": .string("#/$defs/a\(index + 1)")]
            defs["a\(index)"] = ["anyOf": [next, next]]
        }
        let schema = try JSONSchema(["$ref": "#/$defs/a0", "$defs": .object(defs)])
        let found = schema.violations(in: 1)
        #expect(found.map(\.keyword) == [""])
        #expect(found.allSatisfy { $0.sentence.contains("steps") })
    }

    @Test func `A limit is not turned into a yes by not`() throws {
        let schema = try JSONSchema(["not": ["pattern": "^(a+)+$"]])
        let found = schema.violations(in: .string(String(repeating: "a", count: 60) + "!"))
        #expect(
            found.map(\.sentence) == ["cannot be checked, because the pattern \"^(a+)+$\" takes too long"])
    }

    @Test func `More subschemas than the limit are refused`() throws {
        let many = JSON.array(Array(repeating: true, count: JSONSchema.subschemasMax))
        #expect(throws: JSONSchemaError.self) { try JSONSchema(["allOf": many]) }
    }
}
