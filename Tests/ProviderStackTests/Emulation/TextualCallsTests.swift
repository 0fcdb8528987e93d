import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

extension ToolDefinition {
    /// The tool of the contract's example: a question, and answers to choose from.
    static let askUser = ToolDefinition(
        name: "ask_user", summary: "Asks the user.",
        parameters: [
            "type": "object",
            "properties": [
                "question": ["type": "string"], "options": ["type": "array"], "limit": ["type": "integer"],
            ],
            "required": ["question"],
        ])
}

extension ToolCall {
    static func parsed(_ number: Int, _ name: String, _ arguments: JSONObject) -> ToolCall {
        ToolCall(id: "call_\(number)", name: name, arguments: .parsed(arguments))
    }

    static func lookup(_ word: JSON, number: Int = 0) -> ToolCall {
        .parsed(number, "lookup", ["word": word])
    }
}

@Suite struct `Textual calls` {
    private let reader = TextualCalls(tools: [.fixture(), .askUser])

    @Test func `A reply object gives its words and its calls`() {
        let reply = reader.read(
            #"{"assistant_response": "I look.", "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}, {"name": "lookup", "arguments": {"word": "b"}}]}"#
        )
        #expect(reply == TextualReply(text: "I look.", calls: [.lookup("a"), .lookup("b", number: 1)]))
    }

    @Test(arguments: [
        #"{"content": "I look.", "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}]}"#,
        #"{"response": "I look.", "tool_call": {"name": "lookup", "arguments": {"word": "a"}}}"#,
        #"{"assistant_response": "I look.", "tool_call": {"tool_name": "lookup", "tool_input": {"word": "a"}}}"#,
        #"{"assistant_response": "I look.", "tool_calls": {"tool_name": "lookup", "input": {"word": "a"}}}"#,
        #"{"assistant_response": "I look.", "tool_calls": [{"type": "function", "function": {"name": "lookup", "arguments": "{\"word\": \"a\"}"}}]}"#,
        #"{"assistant_response": "I look.", "tool_calls": [{"function": "functions.lookup", "parameters": {"word": "a"}}]}"#,
        #"{"assistant_response": "I look.", "tool_call": "lookup", "arguments": {"word": "a"}}"#,
        #"{"assistant_response": "I look.", "tool_name": "lookup", "tool_input": "a"}"#,
        #"{'assistant_response': 'I look.', 'tool_calls': [{'name': 'lookup', 'arguments': {'word': 'a'}}]}"#,
        "```json\n{\"assistant_response\": \"I look.\", \"tool_calls\": [{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}]}\n```",
        #"Here is the JSON: {"assistant_response": "I look.", "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}]} Good?"#,
        #"I look. {"assistant_response": null, "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}]}"#,
        "I look.\n{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}",
        "I look.\n\n```json\n{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}\n```\n",
        "I look.\n```\n[{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}]\n```",
        #"I look. <|tool_call_start|>[lookup(word="a")]<|tool_call_end|>"#,
        #"I look.<|tool_call_start|>[{"name": "lookup", "arguments": {"word": "a"}}]<|tool_call_end|>"#,
        "I look.\n<tool_call>\n{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}\n</tool_call>",
        "<tool_call>{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}</tool_call>\nI look.",
        "I look.\n<|tool_call_start|>lookup('a')",
        "I look.\nlookup(\"a\")", "I look.\n  [lookup(word='a')]\n", "lookup(\n  \"a\",\n)\nI look.",
        "I look.\n```tool_code\nlookup(word=\"a\")\n```",
    ]) func `The call is read in each form that models write it in`(text: String) {
        let reply = reader.read(text)
        #expect(reply.calls == [.lookup("a")])
        #expect(reply.text == "I look.")
        #expect(reply.warnings.isEmpty)
    }

    @Test(arguments: [
        #"{"name": "lookup", "arguments": {"word": "a"}}"#,
        #"{"name": "lookup", "parameters": {"word": "a"}}"#,
        #"{"tool_name": "lookup", "tool_input": {"word": "a"}}"#, #"{"tool": "lookup", "input": "a"}"#,
        #"{"tool_name": "lookup", "input": "{\"word\": \"a\"}"}"#,
        #"{"function": {"name": "lookup", "arguments": {"word": "a"}}}"#,
        #"{"tool_call": {"name": "lookup", "arguments": {"word": "a"}}}"#,
    ]) func `A bare call is the whole answer`(text: String) {
        #expect(reader.read(text) == TextualReply(text: "", calls: [.lookup("a")]))
    }

    @Test func `Bare calls may follow each other`() {
        let first = #"{"name": "lookup", "arguments": {"word": "a"}}"#
        let second = #"{"name": "lookup", "arguments": {"word": "b"}}"#
        for text in ["\(first)\n\(second)", "\(first); \(second)", "[\(first), \(second)]"] {
            #expect(reader.read(text).calls == [.lookup("a"), .lookup("b", number: 1)])
        }
        let marked = "<tool_call>\(first)</tool_call>\n<tool_call>\(second)</tool_call>"
        #expect(
            reader.read(marked) == TextualReply(text: "", calls: [.lookup("a"), .lookup("b", number: 1)]))
    }

    @Test func `A tool without parameters needs no arguments`() {
        let reader = TextualCalls(tools: [ToolDefinition(name: "now", summary: "", parameters: [:])])
        for text in [#"{"name": "now"}"#, #"{"tool_calls": [{"name": "now", "arguments": null}]}"#, "now()"] {
            #expect(reader.read(text).calls == [.parsed(0, "now", [:])])
        }
    }

    @Test(arguments: [
        #"ask_user("Which?", options=["a", "b"])"#, #"ask_user("Which?", ["a", "b"])"#,
        #"ask_user(options=['a', 'b'], question='Which?')"#,
        #"ask_user({"question": "Which?", "options": ["a", "b"]})"#,
    ]) func `Positional values are named in the schema's order`(line: String) {
        let call = ToolCall.parsed(0, "ask_user", ["question": "Which?", "options": ["a", "b"]])
        let calls = reader.read("Let me ask.\n\(line)").calls
        #expect(
            calls.map { $0.arguments.object.map { JSON.object($0).text(sortsKeys: true) } }
                == [JSON.object(call.arguments.object!).text(sortsKeys: true)])
    }

    @Test func `Where the types do not fit that order, what is required comes first`() {
        var sorted = ToolDefinition.askUser
        sorted.parameters = try! JSON(parsing: sorted.parameters.text(sortsKeys: true))
        let calls = TextualCalls(tools: [sorted]).read(#"ask_user("Which?", limit=3)"#).calls
        #expect(calls == [.parsed(0, "ask_user", ["question": "Which?", "limit": 3])])
    }

    @Test(arguments: [
        "You can call lookup(\"a\") to look a word up.", "Use `lookup(\"a\")`.", "- lookup(\"a\")",
        "lookup(word) looks a word up.", "lookup(word)", "lookup(\"a\", \"b\", \"c\")",
        "lookup(meaning=\"a\")",
        "lookup()", "lookup(7)", "lookup(\"a\") and then some", "lookup(\"a\"", "define(\"a\")",
        "```python\nlookup(\"a\")\n```", "```\nlookup(\"a\")\n```",
        "For example:\n```json\n{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}\n```\nlooks a word up.",
        #"Write {"name": "lookup", "arguments": {"word": "a"}} to look it up."#,
        #"Write {"name": "lookup", "arguments": {"word": "a"}}"#,
        "{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}\nis how it is done.",
        "The tag <tool_call> opens a call, </tool_call> closes it.", "The lookup tool has one argument.",
        #"{"name": "Ann", "age": 3}"#, #"{"city": "Paris"}"#, #"{"content": "a", "title": "b"}"#, "",
        "```python\nprint({'name': 'lookup', 'arguments': {}})\n```", #"["lookup", "a"]"#,
    ]) func `A text that only speaks of a tool stays as it is`(text: String) {
        #expect(reader.read(text) == TextualReply(text: text))
    }

    @Test func `An answer in JSON that was asked for is not unwrapped`() {
        let asked = TextualCalls(tools: [.fixture()], unwrapsPlainReplies: false)
        #expect(asked.read(#"{"response": "a"}"#).text == #"{"response": "a"}"#)
        #expect(reader.read(#"{"response": "a"}"#).text == "a")
        #expect(
            asked.read(#"{"assistant_response": {"city": "Paris"}, "tool_calls": []}"#).text
                == #"{"city":"Paris"}"#)
    }

    @Test func `An unknown tool is ignored with a warning`() {
        let warning = "the answer calls 'fly', which is no tool of this request: ignored"
        let mixed = reader.read(
            #"{"assistant_response": "", "tool_calls": [{"name": "fly", "arguments": {}}, {"name": "lookup", "arguments": {"word": "a"}}]}"#
        )
        #expect(mixed == TextualReply(text: "", calls: [.lookup("a")], warnings: [warning]))
        let bare = #"{"name": "fly", "arguments": {"to": "Rome"}}"#
        #expect(reader.read(bare) == TextualReply(text: bare, warnings: [warning]))
        let marked = "<tool_call>\(bare)</tool_call>"
        #expect(reader.read(marked).text == marked)
        #expect(reader.read(marked).calls.isEmpty)
    }

    @Test func `A call that the end cut off is marked as repaired`() {
        let reply = reader.read(
            #"{"assistant_response": "I look.", "tool_calls": [{"name": "lookup", "arguments": {"word": "Par"#
        )
        #expect(reply.text == "I look.")
        #expect(reply.calls.map(\.arguments.isRepaired) == [true])
        let marked = reader.read(#"<tool_call>{"name": "lookup", "arguments": {"word": "Par"#)
        #expect(marked.calls.map(\.arguments.isRepaired) == [true])
    }

    @Test func `Arguments that are no object make an invalid call, not none`() {
        let calls = reader.read(#"{"tool_calls": [{"name": "ask_user", "arguments": "Which? {"}]}"#).calls
        #expect(calls.map(\.arguments) == [.parsed(["question": "Which? {"])])
        let two = ToolDefinition(
            name: "move", summary: "",
            parameters: ["properties": ["x": ["type": "number"], "y": ["type": "number"]]])
        let moved = TextualCalls(tools: [two]).read(
            #"{"tool_calls": [{"name": "move", "arguments": "left"}]}"#)
        #expect(moved.calls.map(\.arguments) == [.invalid(raw: "left")])
    }

    @Test func `Given real tools, only marks count`() {
        let reader = TextualCalls(tools: [.fixture()], forms: .marked, firstNumber: 4)
        let bare = #"{"name": "lookup", "arguments": {"word": "a"}}"#
        for text in [bare, "lookup(\"a\")", #"{"assistant_response": "", "tool_calls": [\#(bare)]}"#] {
            #expect(reader.read(text) == TextualReply(text: text))
        }
        let marked = reader.read("\n I look. <tool_call>\(bare)</tool_call>")
        #expect(marked == TextualReply(text: "\n I look.", calls: [.lookup("a", number: 4)]))
    }

    @Test func `The number of calls has a limit`() {
        let call = #"{"name": "lookup", "arguments": {"word": "a"}}"#
        let calls = Array(repeating: call, count: 1000).joined(separator: ",")
        let reply = reader.read("{\"tool_calls\": [\(calls)]}")
        #expect(reply.calls.count == TextualCalls.callsMax)
        #expect(reply.warnings.count == 1)
    }

    @Test(arguments: [
        "<tool_call>", "<tool_call></tool_call>", "lookup(\"", "lookup(\"a\")\n", "{\"tool_calls\":[",
        "```tool_code\nlookup(",
        "[lookup(", "{\n", "<|tool_call_start|>[",
    ]) func `A long text of one pattern ends`(pattern: String) {
        let text = String(repeating: pattern, count: (1 << 16) / pattern.utf8.count)
        #expect(reader.read(text).calls.count <= TextualCalls.callsMax)
    }

    @Test func `Broken text never crashes`() {
        var random = FixedRandom(state: 3)
        let pieces = [
            "lookup", "(", ")", "\"a\"", "word=", ",", "[", "]", "{", "}", "\"name\":", "\"arguments\":",
            "\n", "```",
            "<tool_call>", "</tool_call>", "<|tool_call_start|>", "'", "tool_code", "é", "\r\n", "\u{301}",
            "{\"assistant_response\":", "\"tool_calls\":", ":", "\\",
        ]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...14, using: &random))
                .map { _ in pieces.randomElement(using: &random)! }.joined()
            _ = reader.read(text)
        }
    }
}
