import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

@Suite struct JobRequestTests {
    private func request(
        _ row: JSON, _ settings: BatchSettings = .fixture(), rowSystem: String? = nil
    ) throws -> CompletionRequest {
        try JobRequest.make(settings: settings, input: row, rowSystem: rowSystem)
    }

    private func refusal(_ row: JSON, _ settings: BatchSettings = .fixture()) -> String {
        do {
            _ = try JobRequest.make(settings: settings, input: row)
            return ""
        } catch { return error.reason }
    }

    @Test func `A prompt becomes one user turn, with the batch's settings`() throws {
        var settings = BatchSettings.fixture()
        settings.system = "Be brief."
        settings.maxTokens = 50
        settings.temperature = 0
        settings.options = ["top_p": 0.5]
        let request = try request(["id": "1", "prompt": "Why?"], settings)
        #expect(request.messages == [.user("Why?")])
        #expect(request.model.description == "simulator/sim-small")
        #expect(request.system == "Be brief.")
        #expect(request.maxTokens == 50)
        #expect(request.temperature == 0)
        #expect(request.options == ["top_p": 0.5])
    }

    @Test func `The row's own values win over the batch's`() throws {
        var settings = BatchSettings.fixture()
        settings.system = "batch"
        settings.maxTokens = 50
        let request = try request(
            [
                "Prompt": "p", "SYSTEM": "row", "Model": "openai/gpt-4o-mini", "max_tokens": "7",
                "temperature": "0.2",
            ],
            settings)
        #expect(request.system == "row")
        #expect(request.model == ModelName(provider: "openai", model: "gpt-4o-mini"))
        #expect(request.maxTokens == 7)
        #expect(request.temperature == 0.2)
    }

    @Test func `Blank cells leave the batch's values`() throws {
        let request = try request(["prompt": "p", "system": " ", "model": "", "max_tokens": ""])
        #expect(request.system == nil)
        #expect(request.model.description == "simulator/sim-small")
        #expect(request.maxTokens == nil)
    }

    @Test func `A model without a known provider belongs to the batch's, else to openai`() throws {
        #expect(
            try request(["prompt": "p", "model": "meta/llama"]).model.description == "simulator/meta/llama")
        #expect(
            try request(["prompt": "p", "model": "gpt-5"], .fixture(model: nil)).model.description
                == "openai/gpt-5")
        #expect(refusal(["prompt": "p"], .fixture(model: nil)).hasPrefix("no model is named"))
    }

    @Test func `A template is filled, and then prompt and messages are mere variables`() throws {
        let settings = BatchSettings.fixture(prompt: "Translate: {{prompt}}")
        #expect(
            try request(["prompt": "Haus", "messages": "x"], settings).messages == [.user("Translate: Haus")])
    }

    @Test func `Messages keep roles, tool calls and tool answers`() throws {
        let row: JSON = [
            "messages": [
                ["role": "developer", "content": "Be exact."],
                [
                    "role": "user",
                    "content": [["type": "text", "text": "Sum "], ["type": "text", "text": "1+1"]],
                ],
                [
                    "role": "assistant", "content": nil,
                    "tool_calls": [
                        [
                            "id": "c1", "type": "function",
                            "function": ["name": "add", "arguments": "{\"a\":1}"],
                        ]
                    ],
                ],
                ["role": "tool", "tool_call_id": "c1", "content": "2"],
            ]
        ]
        let request = try request(row)
        #expect(request.system == "Be exact.")
        #expect(
            request.messages == [
                .user("Sum 1+1"),
                Message(
                    role: .assistant, content: "",
                    toolCalls: [ToolCall(id: "c1", name: "add", arguments: .parsed(["a": 1]))]),
                Message(role: .tool, content: "2", toolCallID: "c1"),
            ])
        #expect(try self.request(["messages": .string(row["messages"]!.text())]) == request)
    }

    @Test(
        arguments: [
            (["prompt": " "], "the prompt is empty"),
            (["prompt": 5], "'prompt' is a number, not text"),
            (
                ["prompt": "a", "messages": [["role": "user", "content": "b"]]],
                "both 'prompt' and 'messages' are filled; a row has one of them"
            ),
            (["messages": "[oops"], "the messages are no JSON: a value cannot start with 'o' (byte 2)"),
            (["messages": ["a": 1]], "messages must be an array of turns"),
            (["messages": []], "the messages hold no turn to answer"),
            (["messages": [["role": "system", "content": "s"]]], "the messages hold no turn to answer"),
            (
                ["messages": [["role": "king", "content": "s"]]],
                "message 1: there is no role 'king'; use system, user, assistant or tool"
            ),
            (["messages": [["role": "user", "content": ""]]], "message 1: the content is empty"),
            (
                ["messages": [["role": "user", "content": [["type": "image_url"]]]]],
                "message 1: a part of the content is of type 'image_url'; parley sends text only"
            ),
            (
                ["messages": [["role": "tool", "content": "x"]]],
                "message 1: a tool's turn needs the tool_call_id that it answers"
            ),
            (
                ["topic": "x"],
                "there is neither a 'prompt' nor a 'messages' column, and no prompt template; the columns are: topic"
            ),
            (
                ["prompt": "p", "max_tokens": 1.5],
                "max_tokens is '1.5'; it must be a whole number of at least 1"
            ),
        ] as [(JSON, String)])
    func `What cannot be asked is refused with its reason`(row: JSON, reason: String) {
        #expect(refusal(row) == reason)
    }

    @Test func `A system prompt that was lifted out is put back`() throws {
        #expect(try request(["system": nil, "prompt": "p"], rowSystem: "long").system == "long")
        let row: JSON = [
            "system": nil,
            "messages": [["role": "system", "content": nil], ["role": "user", "content": "u"]],
        ]
        #expect(try request(row, rowSystem: "long").system == "long")
    }

    @Test func `A schema is sent strict only if every object in it is closed`() throws {
        var settings = BatchSettings.fixture()
        settings.schema = [
            "type": "object", "properties": ["a": ["type": "string"]], "required": ["a"],
            "additionalProperties": false,
        ]
        #expect(
            try request(["prompt": "p"], settings).responseFormat
                == .jsonSchema(name: "answer", schema: settings.schema!, strict: true))
        settings.schema = ["type": "object", "properties": ["a": ["type": "string"]]]
        #expect(
            try request(["prompt": "p"], settings).responseFormat
                == .jsonSchema(name: "answer", schema: settings.schema!, strict: false))
    }
}

@Suite struct SchemaStrictnessTests {
    private func allows(_ part: JSON) -> Bool {
        SchemaStrictness.allows([
            "type": "object", "properties": ["a": part], "required": ["a"], "additionalProperties": false,
        ])
    }

    @Test(
        arguments: [
            ["type": "string", "pattern": "^a"], ["type": "integer", "minimum": 1], ["enum": ["a", 1]],
            ["type": ["string", "null"], "description": "a name"],
            ["anyOf": [["type": "null"], ["const": 1]]],
            ["type": "array", "items": ["type": "string", "format": "date"], "maxItems": 3],
        ] as [JSON])
    func `What every strict provider takes may be sent strict`(part: JSON) {
        #expect(allows(part))
    }

    @Test(
        arguments: [
            ["type": "string", "maxLength": 3], ["oneOf": [["type": "string"]]], ["not": ["type": "string"]],
            ["type": "string", "format": "uri"], ["type": "object"], ["type": "array", "uniqueItems": true],
            ["type": "array", "items": ["type": "object", "properties": ["b": ["type": "null"]]]], true,
        ] as [JSON])
    func `What a strict provider may refuse is not sent strict`(part: JSON) {
        #expect(!allows(part))
    }

    @Test func `A property may be called like a keyword`() {
        #expect(
            SchemaStrictness.allows([
                "type": "object", "properties": ["not": ["type": "string"]], "required": ["not"],
                "additionalProperties": false,
            ]))
    }

    @Test(arguments: [["type": "array"], ["anyOf": [["type": "object"]]]] as [JSON])
    func `The root of a strict schema is an object`(schema: JSON) {
        #expect(!SchemaStrictness.allows(schema))
    }
}

@Suite struct BatchLineRequestTests {
    private static func line(_ body: JSON, method: JSON = "POST", url: JSON = "/v1/chat/completions") -> JSON
    {
        ["custom_id": "a", "method": method, "url": url, "body": body]
    }

    private static let settings = BatchSettings(rowFormat: .openAIBatch)

    @Test func `A body becomes a request, and what parley does not know goes along`() throws {
        let body: JSON = [
            "model": "gpt-4o-mini",
            "messages": [["role": "system", "content": "s"], ["role": "user", "content": "u"]],
            "max_completion_tokens": 9, "temperature": 0.5, "stop": "END", "seed": 7, "n": 1, "stream": true,
            "tools": [
                [
                    "type": "function",
                    "function": ["name": "f", "description": "d", "parameters": ["type": "object"]],
                ]
            ],
            "tool_choice": ["type": "function", "function": ["name": "f"]],
            "response_format": ["type": "json_object"],
        ]
        let request = try JobRequest.make(settings: Self.settings, input: Self.line(body))
        #expect(
            request
                == CompletionRequest(
                    model: ModelName("openai/gpt-4o-mini")!, system: "s", messages: [.user("u")],
                    tools: [ToolDefinition(name: "f", summary: "d", parameters: ["type": "object"])],
                    toolChoice: .named("f"), maxTokens: 9, temperature: 0.5, stop: ["END"],
                    responseFormat: .jsonObject, options: ["seed": 7]))
    }

    @Test(
        arguments: [
            (line(["messages": []], method: "GET"), "method must be POST"),
            (
                line(["messages": []], url: "/v1/embeddings"),
                "url must be /v1/chat/completions; parley answers no other kind of request"
            ),
            (["custom_id": "a", "method": "POST", "url": "/v1/chat/completions"], "the body is missing"),
            (line([]), "the body must be an object, this is an array"),
            (line(["model": "m"]), "the body has no messages"),
            (
                line(["messages": [["role": "user", "content": "u"]], "n": 2]),
                "n must be 1: a job has one answer"
            ),
            (
                line(["messages": [["role": "user", "content": "u"]]]),
                "no model is named, neither by the batch nor by the row"
            ),
        ] as [(JSON, String)])
    func `A line that cannot be asked is refused with its reason`(line: JSON, reason: String) {
        #expect(throws: RowFault(reason)) { try JobRequest.make(settings: Self.settings, input: line) }
    }
}
