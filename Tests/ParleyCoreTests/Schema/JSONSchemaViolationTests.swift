import OrderedCollections
import ParleyCore
import Testing

@Suite struct `The violations of a schema` {
    private func told(_ schema: String, _ value: String) throws -> [String] {
        try JSONSchema(JSON(parsing: schema)).violations(in: JSON(parsing: value)).map(\.description)
    }

    @Test(arguments: [
        (#"{"type":"number"}"#, #""12""#, #"must be a number, is the string "12""#),
        (#"{"type":["string","null"]}"#, "3", "must be null or a string, is the number 3"),
        (#"{"type":"integer"}"#, "1.5", "must be an integer, is the number 1.5"),
        (#"{"type":"object"}"#, "[1,2]", "must be an object, is an array of 2 elements"),
        (#"{"const":"a"}"#, #""b""#, #"must be "a", is the string "b""#),
        (#"{"enum":["a","b",1]}"#, "null", #"must be one of "a", "b" or 1, is null"#),
        (
            #"{"enum":[1,2,3,4,5,6,7,8,9,10,11,12]}"#, "0",
            "must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 2 more, is the number 0"
        ),
        (#"{"minimum":1}"#, "0", "must be at least 1, is 0"),
        (#"{"exclusiveMinimum":1}"#, "1.0", "must be greater than 1, is 1.0"),
        (#"{"maximum":1e2}"#, "101", "must be at most 1e2, is 101"),
        (#"{"exclusiveMaximum":1}"#, "1", "must be less than 1, is 1"),
        (#"{"multipleOf":0.1}"#, "0.25", "must be a multiple of 0.1, is 0.25"),
        (#"{"minLength":2}"#, #""é""#, "must have at least 2 characters, has 1"),
        (#"{"maxItems":1}"#, "[1,2]", "must have at most 1 element, has 2"),
        (#"{"minProperties":1}"#, "{}", "must have at least 1 member, has 0"),
        (#"{"pattern":"^a+$"}"#, #""ab""#, #"must match the pattern ^a+$, is the string "ab""#),
        (#"{"uniqueItems":true}"#, "[1,2,1.0]", "must have different elements, has the same at 0 and 2"),
        (#"{"required":["a"]}"#, "{}", #"must have the member "a""#),
        (#"{"required":["a","b","c"]}"#, #"{"b":1}"#, #"must have the members "a" and "c""#),
        (
            #"{"dependentRequired":{"card":["name"]}}"#, #"{"card":1}"#,
            #"must have the member "name", because it has "card""#
        ),
        (
            #"{"contains":{"const":1}}"#, "[]",
            "must contain at least 1 element of the kind that is asked for, contains 0"
        ),
        (
            #"{"contains":{"const":1},"maxContains":1}"#, "[1,1]",
            "must contain at most 1 element of the kind that is asked for, contains 2"
        ),
        (
            #"{"not":{"type":"string"}}"#, #""a""#,
            #"must not be of the kind that is excluded, is the string "a""#
        ),
        (
            #"{"propertyNames":{"maxLength":2}}"#, #"{"abc":1}"#,
            #"has a member with the name "abc", which must have at most 2 characters, has 3"#
        ),
        (
            #"{"oneOf":[{"type":"number"},{"minimum":1},{"maximum":9}]}"#, "5",
            "must follow exactly one of 3 alternatives, follows numbers 1, 2 and 3"
        ),
        ("false", "1", "must not be there"),
    ]) func `Each keyword has its sentence`(schema: String, value: String, sentence: String) throws {
        #expect(try told(schema, value) == ["the whole value: \(sentence)"])
    }

    @Test func `The place is a pointer into the value`() throws {
        let schema = #"{"properties":{"items":{"items":{"properties":{"price":{"type":"number"}}}}}}"#
        let value = #"{"items":[{"price":1},{},{"price":"12"}]}"#
        #expect(try told(schema, value) == [#"/items/2/price: must be a number, is the string "12""#])
    }

    @Test func `A pointer escapes what is its own`() throws {
        #expect(
            try told(#"{"additionalProperties":{"type":"null"}}"#, #"{"a/b~c":1}"#)
                == ["/a~1b~0c: must be null, is the number 1"])
    }

    @Test func `A member that may not be there is told with the name that was meant`() throws {
        let schema = #"{"properties":{"price":{},"name":{}},"additionalProperties":false}"#
        #expect(
            try told(schema, #"{"pirce":1,"colour":2}"#) == [
                #"/pirce: must not be there; did you mean "price"?"#,
                #"/colour: must not be there; allowed are "price" and "name""#,
            ])
    }

    @Test func `Of alternatives the one that was meant is told`() throws {
        let schema = #"{"anyOf":[{"type":"null"},{"properties":{"a":{"type":"string"}},"type":"object"}]}"#
        #expect(try told(schema, #"{"a":1}"#) == ["/a: must be a string, is the number 1"])
    }

    @Test func `A member that tells alternatives apart tells which one was meant`() throws {
        let schema = """
            {"oneOf": [{"properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}}, "required": ["radius"]},
                       {"properties": {"kind": {"const": "square"}, "side": {"type": "number"}}, "required": ["side"]}]}
            """
        #expect(
            try told(schema, #"{"kind":"square","side":"2"}"#) == [
                #"/side: must be a number, is the string "2""#
            ])
        #expect(
            try told(schema, #"{"kind":"circle","side":2}"#) == [
                #"the whole value: must have the member "radius""#
            ])
    }

    @Test func `Of alternatives that are equally far each is told`() throws {
        #expect(
            try told(#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, "1") == [
                "the whole value: must follow at least one of 2 alternatives: "
                    + "(1) must be null, is the number 1; (2) must be a string, is the number 1"
            ])
    }

    @Test func `The violations of a condition are those of its branch`() throws {
        let schema =
            #"{"if":{"properties":{"kind":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}"#
        #expect(try told(schema, #"{"kind":"a"}"#) == [#"the whole value: must have the member "x""#])
        #expect(try told(schema, #"{"kind":"b"}"#) == [#"the whole value: must have the member "y""#])
    }

    @Test func `What is cited is cut short and stays on one line`() throws {
        let text = String(repeating: "a\n", count: 1_000)
        let name = String(repeating: "n", count: 1_000)
        let schema = try JSONSchema(["additionalProperties": ["type": "number"]])
        let found = schema.violations(in: .object([name: .string(text)])).map(\.description)
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.count < 400 && !$0.contains("\n") })
    }

    @Test func `The same violation is told once`() throws {
        #expect(try told(#"{"allOf":[{"type":"null"},{"type":"null"}]}"#, "1").count == 1)
    }

    @Test func `No more violations are looked for than are asked for`() throws {
        let schema = try JSONSchema(["items": ["type": "null"]])
        let value = JSON.array(Array(repeating: 1, count: 1_000))
        #expect(schema.violations(in: value).count == JSONSchema.violationsMax)
        #expect(schema.violations(in: value, upTo: 3).map(\.pointer) == ["/0", "/1", "/2"])
    }
}
