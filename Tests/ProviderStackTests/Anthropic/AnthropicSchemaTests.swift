import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

@Suite struct AnthropicSchemaTests {
    private func native(_ part: JSON, defs: JSON? = nil) -> JSON? {
        var schema: JSONObject = [
            "type": "object", "properties": ["a": part], "additionalProperties": false,
        ]
        if let defs { schema["$defs"] = defs }
        return AnthropicSchema.native(.object(schema))
    }

    @Test(
        arguments: [
            ["type": "string", "format": "date", "description": "when"], ["type": ["integer", "null"]],
            ["enum": ["a", 1, nil]], ["anyOf": [["type": "null"], ["const": true]]],
            ["type": "array", "items": ["type": "number"], "minItems": 1],
        ] as [JSON])
    func `What the provider takes is sent as it is`(part: JSON) {
        #expect(native(part)?["properties"]?["a"] == part)
    }

    @Test(
        arguments: [
            ["type": "integer", "minimum": 1], ["type": "string", "maxLength": 3],
            ["oneOf": [["type": "null"]]],
            ["type": "string", "pattern": "^a"], ["type": "array", "minItems": 2], ["enum": [["b": 1]]],
            ["type": "object"], ["type": "object", "additionalProperties": true], [:], true,
            ["properties": ["b": ["type": "null"]], "anyOf": [["required": ["b"]]]], ["$ref": "#"],
            ["type": "object", "properties": ["b": ["type": "null"]], "required": ["c"]],
        ] as [JSON])
    func `What the provider refuses is not sent`(part: JSON) {
        #expect(native(part) == nil)
    }

    @Test func `An object that does not say whether it is open is closed`() {
        let open: JSON = ["type": "object", "properties": ["b": ["type": "string"]]]
        var closed = open.objectValue ?? [:]
        closed["additionalProperties"] = false
        #expect(native(open)?["properties"]?["a"] == .object(closed))
        #expect(native(["type": "array", "items": open])?["properties"]?["a"]?["items"] == .object(closed))
    }

    @Test func `Definitions may be referred to, but not in a circle`() {
        #expect(
            native(["$ref": "#/$defs/x"], defs: ["x": ["$ref": "#/$defs/y"], "y": ["type": "null"]]) != nil)
        #expect(
            native(["$ref": "#/$defs/x"], defs: ["x": ["type": "array", "items": ["$ref": "#/$defs/x"]]])
                == nil)
        #expect(
            native(["$ref": "#/$defs/x"], defs: ["x": ["$ref": "#/$defs/y"], "y": ["$ref": "#/$defs/x"]])
                == nil)
    }

    @Test(
        arguments: [["type": "array", "items": ["type": "null"]], ["type": "string"], ["$ref": "#/$defs/x"]]
            as [JSON])
    func `The root is an object`(schema: JSON) {
        #expect(AnthropicSchema.native(schema) == nil)
    }

    @Test func `A schema that is not sent stands in the system prompt`() {
        let schema: JSON = ["type": "object", "properties": ["a": ["type": "integer", "minimum": 1]]]
        let body = AnthropicCodec.fixture().json(
            of: .fixture(
                system: "Be brief.", responseFormat: .jsonSchema(name: "a", schema: schema, strict: false)))
        #expect(body["output_config"] == nil)
        #expect(
            body.text().contains(
                #"Be brief.\n\nRespond with a valid JSON object that follows this JSON Schema:\n"#))
        #expect(body.text().contains(#"\"minimum\":1"#))
    }
}

@Suite struct AnswerFormTests {
    private let schema: JSON = ["type": "object", "additionalProperties": false]
    private var asked: CompletionRequest {
        .fixture(system: "Be brief.", responseFormat: .jsonSchema(name: "a", schema: schema, strict: true))
    }

    @Test(arguments: [ProviderEntry.AnswerForms.all, .schemasOnly])
    func `A schema goes to whoever takes one`(forms: ProviderEntry.AnswerForms) {
        #expect(asked.adapted(to: forms) == asked)
    }

    @Test(arguments: [
        (ProviderEntry.AnswerForms.objectsOnly, ResponseFormat.jsonObject), (.none, .text),
    ])
    func `Elsewhere it stands in the system prompt, beside any form that there is`(
        forms: ProviderEntry.AnswerForms, format: ResponseFormat
    ) {
        let request = asked.adapted(to: forms)
        #expect(request.responseFormat == format)
        #expect(
            request.system
                == "Be brief.\n\nRespond with a valid JSON object that follows this JSON Schema:\n"
                + #"{"additionalProperties":false,"type":"object"}"#)
    }

    @Test(arguments: Dialect.allCases)
    func `In every dialect a provider without forms is told the schema in words`(dialect: Dialect) throws {
        var entry = ProviderEntry(name: "lab", dialect: dialect, baseURL: "http://127.0.0.1:1")
        entry.quirks.answerForms = .none
        let codec = dialect.codec(provider: "lab", quirks: entry.quirks)
        let text = String(decoding: codec.body(of: asked, streams: false), as: UTF8.self)
        #expect(text.contains("follows this JSON Schema"))
        #expect(
            !text.contains("json_schema") && !text.contains("response_format")
                && !text.contains("output_config"))
    }
}
