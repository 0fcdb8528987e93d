import ParleyCore
import Testing

@Suite struct `A schema that cannot be used` {
    private func refusal(_ schema: String) throws -> JSONSchemaError {
        let schema = try JSON(parsing: schema)
        return try #require(throws: JSONSchemaError.self) { try JSONSchema(schema) }
    }

    @Test(arguments: [
        ("5", "the schema: must be a schema (an object or a boolean), is the number 5"),
        (
            #"{"type":5}"#,
            "/type: must be null, boolean, integer, number, string, array or object, or an array of those, is the number 5"
        ),
        (
            #"{"type":"text"}"#,
            #"/type: must be null, boolean, integer, number, string, array or object, is the string "text""#
        ),
        (
            #"{"type":["null","text"]}"#,
            #"/type/1: must be null, boolean, integer, number, string, array or object, is the string "text""#
        ),
        (#"{"enum":1}"#, "/enum: must be an array, is the number 1"),
        (#"{"minimum":"3"}"#, #"/minimum: must be a number, is the string "3""#),
        (#"{"exclusiveMinimum":true}"#, "/exclusiveMinimum: must be a number, is true"),
        (#"{"multipleOf":0}"#, "/multipleOf: must be greater than 0, is the number 0"),
        (#"{"maxLength":-1}"#, "/maxLength: must be a whole number that is not negative, is the number -1"),
        (#"{"minItems":1.5}"#, "/minItems: must be a whole number that is not negative, is the number 1.5"),
        (#"{"uniqueItems":"yes"}"#, #"/uniqueItems: must be true or false, is the string "yes""#),
        (#"{"required":"a"}"#, #"/required: must be an array of strings, is the string "a""#),
        (#"{"required":["a",1]}"#, "/required/1: must be a string, is the number 1"),
        (#"{"required":["a","a"]}"#, #"/required: names "a" twice"#),
        (#"{"properties":[]}"#, "/properties: must be an object, is an array of 0 elements"),
        (
            #"{"properties":{"a":1}}"#,
            "/properties/a: must be a schema (an object or a boolean), is the number 1"
        ),
        (#"{"allOf":[]}"#, "/allOf: must have an element, is an array of 0 elements"),
        (#"{"items":{"pattern":"("}}"#, #"/items/pattern: the pattern "(" has a group that is not closed"#),
        (
            #"{"patternProperties":{"[":{}}}"#,
            #"/patternProperties/[: the pattern "[" has a class that is not closed"#
        ),
        (##"{"$ref":"#/$defs/a"}"##, ##"/$ref: refers to "#/$defs/a", which does not exist"##),
        (##"{"$ref":"#a"}"##, ##"/$ref: refers to "#a", which does not exist"##),
        (##"{"$ref":"#/%zz"}"##, ##"/$ref: has a broken percent escape in "#/%zz""##),
        (#"{"$id":"a#b"}"#, #"/$id: must have no fragment, is the string "a#b""#),
        (
            #"{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}"#,
            #"/$defs/b/$anchor: must have a name of its own, is the string "x""#
        ),
        (
            #"{"$schema":"https://json-schema.org/draft/2020-12/schema","items":[]}"#,
            "/items: must be a schema in draft 2020-12, which has prefixItems, is an array of 0 elements"
        ),
    ]) func `A malformed schema is refused with its place`(schema: String, words: String) throws {
        let error = try refusal(schema)
        #expect(error.kind == .malformed)
        #expect(error.description == words)
    }

    @Test(arguments: [
        (#"{"unevaluatedProperties":false}"#, "/unevaluatedProperties"),
        (#"{"items":{"unevaluatedItems":false}}"#, "/items/unevaluatedItems"),
        (##"{"$dynamicRef":"#a"}"##, "/$dynamicRef"), (#"{"$dynamicAnchor":"a"}"#, "/$dynamicAnchor"),
        (##"{"$recursiveRef":"#"}"##, "/$recursiveRef"), (#"{"$vocabulary":{}}"#, "/$vocabulary"),
        (#"{"$data":"1/a"}"#, "/$data"), (#"{"$ref":"other.json"}"#, "/$ref"),
        (#"{"$ref":"https://example.com/a#/b"}"#, "/$ref"),
        (#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "/$schema"),
        (#"{"$schema":"https://json-schema.org/draft/2019-09/schema"}"#, "/$schema"),
        (#"{"items":{"$schema":"http://json-schema.org/draft-07/schema#"}}"#, "/items/$schema"),
        (#"{"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[{}]}"#, "/prefixItems"),
        (
            #"{"$schema":"https://json-schema.org/draft/2020-12/schema","additionalItems":{}}"#,
            "/additionalItems"
        ),
        (#"{"multipleOf":1.000000000000000000001}"#, "/multipleOf"),
    ]) func `What is not followed is refused, not ignored`(schema: String, pointer: String) throws {
        let error = try refusal(schema)
        #expect(error.kind == .unsupported)
        #expect(error.pointer == pointer)
    }

    @Test(arguments: [
        ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"}]}"##, ##"{"not":{"anyOf":[true,{"$ref":"#"}]}}"##,
        ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"if":{"$ref":"#/$defs/a"}}}}"##,
        ##"{"dependentSchemas":{"a":{"$ref":"#"}}}"##,
    ]) func `A reference that never goes deeper is refused`(schema: String) throws {
        #expect(try refusal(schema).reason == "refers to itself without going deeper into the value")
    }

    @Test(arguments: [
        #"{"title":1,"description":2,"default":{},"examples":1,"readOnly":true,"nullable":true}"#,
        #"{"format":"date","contentEncoding":"base64","$comment":"nothing","unknown":{"type":5}}"#,
    ]) func `Annotations and unknown words say nothing`(schema: String) throws {
        #expect(try JSONSchema(JSON(parsing: schema)).allows("anything"))
    }

    @Test func `A member may have the name of a keyword`() throws {
        let schema = try JSONSchema(["properties": ["$dynamicRef": ["type": "string"], "type": ["const": 5]]])
        #expect(schema.allows(["$dynamicRef": "a", "type": 5]))
        #expect(!schema.allows(["$dynamicRef": 1]))
    }
}
