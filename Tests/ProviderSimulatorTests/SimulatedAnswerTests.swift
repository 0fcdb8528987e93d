import OrderedCollections
import ParleyCore
import ProviderSimulator
import Testing

@Suite struct SimulatedAnswerTests {
    @Test(arguments: [
        ("What is 17 + 25?", "42"), ("12*12", "144"), ("What is (2 + 3) * 4 - 1?", "19"), ("100 / 8", "12.5"),
        ("How much is 7 times 6?", "42"), ("9 minus 12 =", "-3"), ("What is 2 − 5?", "-3"),
        ("1/3", "0.333333"),
        ("What is the capital of France?", "Paris"),
        ("capital of the United States of America", "Washington, D.C."),
        ("Name the capital of New Zealand please.", "Wellington"),
    ])
    func `Sums and capitals are known`(question: String, answer: String) {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        #expect(engine.text(for: .fixture(question)) == "The answer is \(answer).")
        #expect(
            engine.text(for: .fixture(question, system: "Answer with the number or name only.")) == answer)
    }

    @Test(arguments: [
        "What is love?", "In 1999, what happened?", "1/0", "capital of Atlantis",
        String(repeating: "(", count: 9000), String(repeating: "-", count: 9000) + "1+1", "3 +", "",
    ])
    func `What it does not know it answers in prose that says so`(question: String) {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        #expect(engine.text(for: .fixture(question))?.hasPrefix("This is a simulated answer.") == true)
    }

    @Test func `An object is given where one is asked for`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let text = engine.text(for: .fixture("What is 3 * 3?", responseFormat: .jsonObject))
        #expect(text == #"{"answer":"9"}"#)
    }

    @Test func `Told what is wrong, it answers the question of before`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        var request = CompletionRequest.fixture("What is 3 * 3?", responseFormat: .jsonObject)
        request.messages += [.assistant("nine"), .user("Answer again, with JSON.")]
        #expect(engine.text(for: request) == #"{"answer":"9"}"#)
    }

    @Test func `A schema in the system prompt is followed as well`() throws {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let request = CompletionRequest.fixture(
            "What is 3 * 3?",
            system: "Respond with JSON that follows this JSON Schema:\n"
                + #"{"properties":{"nine":{"const":9}}}"#)
        #expect(engine.text(for: request) == #"{"nine":9}"#)
    }

    @Test func `The fault of a wrong form leaves a member out, or says it in words`() throws {
        var engine = SimulatorEngine(settings: SimulatorSettings(errorRate: 1, faults: [.invalid: 1]))
        func text(_ schema: JSON) -> String? {
            engine.text(
                for: .fixture("Go.", responseFormat: .jsonSchema(name: "a", schema: schema, strict: true)))
        }
        let two: JSON = ["properties": ["a": ["const": 1], "b": ["const": 2]], "required": ["a", "b"]]
        #expect(text(two) == #"{"a":1}"#)
        #expect(text(["type": "array"]) == "I would rather say it in words.")
        #expect(engine.text(for: .fixture("What is 2 + 2?")) == "The answer is 4.")
    }

    @Test func `A schema is filled by its types`() throws {
        let schema: JSON = [
            "type": "object",
            "properties": [
                "title": ["type": "string", "maxLength": 20], "kind": ["enum": ["a", "b"]],
                "fixed": ["const": 7],
                "score": ["type": "number", "minimum": 0.5, "maximum": 0.75],
                "count": ["type": ["integer", "null"], "minimum": 3, "maximum": 3],
                "flag": ["type": "boolean"],
                "tags": ["type": "array", "items": ["type": "string"], "minItems": 2],
                "inner": ["$ref": "#/$defs/point"],
                "either": ["anyOf": [["type": "null"], ["type": "string"]]],
                "day": ["type": "string", "format": "date"],
            ],
            "required": ["title", "extra"],
            "$defs": ["point": ["type": "object", "properties": ["x": ["type": "integer"]]]],
        ]
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let request = CompletionRequest.fixture(
            "Fill it.", responseFormat: .jsonSchema(name: "thing", schema: schema, strict: true))
        let text = engine.text(for: request) ?? ""
        let object = try JSON(parsing: text)
        #expect(object["title"]?.stringValue.map { $0.count <= 20 } == true)
        #expect(
            ["a", "b"].contains(object["kind"]?.stringValue) && object["fixed"] == 7 && object["count"] == 3)
        #expect(object["score"]?.doubleValue.map { (0.5...0.75).contains($0) } == true)
        #expect(object["flag"]?.boolValue != nil && object["tags"]?.arrayValue?.count == 2)
        #expect(object["inner"]?["x"]?.intValue != nil && object["either"]?.isNull == true)
        #expect(object["day"] == "2026-01-15" && object["extra"]?.stringValue != nil)
    }

    @Test func `What is known goes into the schema's first fitting member`() throws {
        let schema: JSON = [
            "type": "object", "properties": ["sum": ["type": "integer"], "why": ["type": "string"]],
        ]
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let text = engine.text(
            for: .fixture("17 + 25", responseFormat: .jsonSchema(name: "s", schema: schema, strict: true)))
        let object = try JSON(parsing: text ?? "")
        #expect(object["sum"] == 42)
    }

    @Test func `A schema that refers to itself ends`() {
        let schema: JSON = ["type": "object", "properties": ["next": ["$ref": "#"]]]
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let text = engine.text(
            for: .fixture("x", responseFormat: .jsonSchema(name: "s", schema: schema, strict: true)))
        #expect(text?.hasPrefix(#"{"next":{"next":"#) == true)
    }
}
