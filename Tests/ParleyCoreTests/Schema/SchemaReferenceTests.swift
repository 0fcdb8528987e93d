import OrderedCollections
import Testing

@testable import ParleyCore

@Suite struct `The references of a schema` {
    /// The examples of RFC 3986, section 5.4, that are no error.
    @Test(arguments: [
        ("g:h", "g:h"), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"), ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), (";x", "http://a/b/c/;x"),
        ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"),
        ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"), ("g/../h", "http://a/b/c/h"), ("g;x=1/../y", "http://a/b/c/y"),
    ]) func `A relative reference starts from its base`(reference: String, target: String) {
        let base = URIReference("http://a/b/c/d;p?q")
        #expect(URIReference(reference).resolved(against: base).resource == target)
    }

    @Test(arguments: ["", "/", "/a", "/a~1b/~0c", "//", "/0/é"])
    func `A pointer survives its tokens`(pointer: String) throws {
        let tokens = try #require(JSONPointer.tokens(of: pointer))
        #expect(tokens.reduce("") { JSONPointer.appending($1, to: $0) } == pointer)
    }

    @Test(arguments: ["a", "/~", "/~2"]) func `What is no pointer has no tokens`(text: String) {
        #expect(JSONPointer.tokens(of: text) == nil)
    }

    @Test func `A pointer leads through members and elements`() throws {
        let value: JSON = ["a": [1, ["b": 2]]]
        #expect(value.value(at: ["a", "1", "b"]) == 2)
        #expect(value.value(at: ["a", "01"]) == nil)
        #expect(value.value(at: ["a", "2"]) == nil)
        #expect(value.value(at: ["a", "1", "b", "c"]) == nil)
    }

    @Test func `A reference may lead to a place that the standard does not name`() throws {
        let schema = try JSONSchema([
            "$ref": "#/components/schemas/A", "components": ["schemas": ["A": ["type": "string"]]],
        ])
        #expect(schema.allows("a"))
        #expect(!schema.allows(1))
    }

    @Test func `Draft-07's spellings are taken without a dialect`() throws {
        let schema = try JSONSchema(
            JSON(
                parsing: ##"""
                    {"items": [{"$ref": "#/definitions/a"}], "additionalItems": false,
                     "dependencies": {"x": ["y"]}, "definitions": {"a": {"type": "string"}}}
                    """##))
        #expect(schema.allows(["a"]))
        #expect(!schema.allows([1]))
        #expect(!schema.allows(["a", "b"]))
        #expect(!schema.allows(["x": 1]))
    }

    @Test func `Beside a reference nothing counts in draft-07, and everything since`() throws {
        let members: JSON = [
            "$ref": "#/definitions/a", "maxLength": 1, "definitions": ["a": ["type": "string"]],
        ]
        #expect(try !JSONSchema(members).allows("ab"))
        var old = try #require(members.objectValue)
        old["$schema"] = "http://json-schema.org/draft-07/schema#"
        #expect(try JSONSchema(.object(old)).allows("ab"))
    }
}
