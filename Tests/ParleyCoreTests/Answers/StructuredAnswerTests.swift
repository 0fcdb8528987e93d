import OrderedCollections
import ParleyCore
import Testing

@Suite struct `Structured answers` {
    private static let city: JSON = [
        "type": "object", "required": ["city", "size"],
        "properties": ["city": ["type": "string"], "size": ["type": "integer", "minimum": 0]],
    ]

    private func answer(_ text: String, _ reason: FinishReason = .stop) throws -> StructuredAnswer {
        StructuredAnswer(text, by: try JSONSchema(Self.city), finishReason: reason)
    }

    private func flaw(_ text: String, _ reason: FinishReason = .stop) throws -> InvalidAnswer {
        guard case .invalid(let flaw) = try answer(text, reason) else { throw Unexpected() }
        return flaw
    }

    private struct Unexpected: Error {}

    @Test(arguments: [
        (#"{"city":"Rome","size":3}"#, ProseJSON.Origin.whole),
        ("Here it is:\n```json\n{\"city\":\"Rome\",\"size\":3}\n```\nAnything else?", .fence),
        (#"Sure! {"city":"Rome","size":3} is what I found."#, .embedded),
        (#"{"city":"Rome","size":3"#, .repaired), ("{'city': 'Rome', 'size': 3,}", .literal),
    ])
    func `However it is wrapped, the value is found and checked`(text: String, origin: ProseJSON.Origin)
        throws
    {
        #expect(try answer(text) == .valid(ProseJSON(value: ["city": "Rome", "size": 3], origin: origin)))
    }

    @Test func `What breaks the schema is told with its place, a line each`() throws {
        let flaw = try flaw(#"{"size":-1}"#)
        #expect(
            flaw.message
                == #"the answer breaks its schema: the whole value: must have the member "city"; "#
                + "/size: must be at least 0, is -1")
        #expect(
            flaw.correction == """
                The JSON of your answer does not follow the schema:
                - the whole value: must have the member "city"
                - /size: must be at least 0, is -1
                Answer again, in full: with the corrected JSON, and nothing before or after it.
                """)
    }

    @Test func `An answer without any JSON is told so`() throws {
        let flaw = try flaw("I cannot say.")
        #expect(flaw.flaw == .noJSON)
        #expect(flaw.message == "the answer holds no JSON that can be read")
        #expect(flaw.correction.hasPrefix("Your answer holds no JSON that can be read. Answer again"))
    }

    @Test func `A long list of violations is cut to whole sentences and a count`() throws {
        let schema = try JSONSchema(["items": ["type": "integer"]])
        let texts = JSON.array((0..<15).map { .string("number \($0)") }).text()
        guard case .invalid(let flaw) = StructuredAnswer(texts, by: schema) else { throw Unexpected() }
        #expect(flaw.message.count < Failure.messageLengthMax)
        #expect(flaw.message.firstMatch(of: /; and \d+ more$/) != nil)
        #expect(flaw.correction.split(separator: "\n").count == 17)
    }

    @Test func `What was cut off is not closed in the model's place`() throws {
        let text = #"{"city":"Rome","size":3"#
        #expect(try answer(text).value != nil)
        #expect(
            try flaw(text, .length).message
                == "the answer was cut off at max_tokens, before its JSON was complete; raise --max-tokens")
        #expect(try flaw(text, .contentFilter).message.contains("filter cut the answer off"))
        #expect(try answer(text + "} and more of", .length).value != nil)
    }

    @Test func `The correction goes on with the conversation`() throws {
        var request = CompletionRequest(model: ModelName("a/b")!, messages: [.user("Which?")])
        request.correct("No.", InvalidAnswer(.noJSON))
        request.correct(" \n", InvalidAnswer(.noJSON))
        let words = Message.user(InvalidAnswer(.noJSON).correction)
        #expect(request.messages == [.user("Which?"), .assistant("No."), words, words])
    }

    @Test func `A shelf compiles each schema, and tells each that cannot be used`() throws {
        var shelf = SchemaShelf()
        for number in 0..<(SchemaShelf.schemasMax * 2) {
            #expect(try shelf.schema(["const": .int(number)]).allows(.int(number)))
        }
        for _ in 0..<2 {
            #expect(throws: JSONSchemaError.self) { try shelf.schema(["type": "text"]) }
        }
    }
}
