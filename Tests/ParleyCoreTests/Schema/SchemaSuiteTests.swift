import ParleyCore
import Testing

@Suite struct `The official suite of JSON Schema` {
    /// Groups that are left out, all of them because their schema is refused, with the reason.
    private static let skipped: [String: String] = [
        "draft2020-12/defs.json: validate definition against metaschema": "refers to another document",
        "draft2020-12/not.json: collect annotations inside a 'not', even if collection is disabled":
            "unevaluatedProperties",
        "draft2020-12/ref.json: ref creates new scope when adjacent to keywords": "unevaluatedProperties",
        "draft2020-12/ref.json: remote ref, containing refs itself": "refers to another document",
        "draft7/definitions.json: validate definition against metaschema": "refers to another document",
        "draft7/ref.json: remote ref, containing refs itself": "refers to another document",
    ]

    @Test func `All cases come out as the suite says`() throws {
        var count = 0
        for group in try SchemaSuite().groups where Self.skipped[group.name] == nil {
            let schema: JSONSchema
            do {
                schema = try JSONSchema(group.schema)
            } catch {
                Issue.record("\(group.name): refused, \(error)")
                continue
            }
            for test in group.cases {
                let found = schema.violations(in: test.data)
                #expect(
                    found.isEmpty == test.isValid && schema.allows(test.data) == test.isValid,
                    "\(group.name): \(test.name) \(found)")
                count += 1
            }
        }
        #expect(count == 1336)
    }

    @Test func `What is left out is refused`() throws {
        let groups = try SchemaSuite().groups.filter { Self.skipped[$0.name] != nil }
        for group in groups {
            #expect(throws: JSONSchemaError.self, "\(group.name)") { try JSONSchema(group.schema) }
        }
        #expect(groups.count == Self.skipped.count)
        #expect(groups.map(\.cases.count).reduce(0, +) == 11)
    }
}
