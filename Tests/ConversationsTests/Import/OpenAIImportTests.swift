import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import Testing

@Suite struct `Conversations of OpenAI's form` {
    private func read(_ text: String) throws -> ImportedFile {
        try SessionImport.read(Array(text.utf8), path: "chat.json")
    }

    @Test func `An object, a bare array and lines are read`() throws {
        let object =
            #"{"model": "gpt-5.4", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]}"#
        let session = try #require(try read(object).sessions.first)
        #expect(session.system == "Be brief." && session.model.description == "openai/gpt-5.4")
        #expect(session.messages.map(\.message) == [.user("Hi")])
        let array = #"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]"#
        #expect(try read(array).sessions.map(\.messages.count) == [2])
        #expect(try read(object + "\n\n" + object + "\n").sessions.map(\.place) == ["line 1", "line 3"])
        #expect(try read("[\(object),\n\(object)]").sessions.map(\.place) == ["element 1", "element 2"])
    }

    @Test func `Parts of text are joined, and other parts are refused with their place`() throws {
        let text =
            #"{"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}"#
        #expect(try read(text).sessions.first?.messages.first?.message.content == "ab")
        let image =
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}"#
        #expect(
            try read(text + "\n" + image).problems.map(\.description) == [
                "chat.json, line 2, message 1: part 1 of its content is 'image_url', and parley keeps text only"
            ])
    }

    @Test func `Calls and their results are read, and a result without its call is refused`() throws {
        let call =
            #"{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "clock", "arguments": "{\"zone\": \"UTC\"}"}}]}"#
        let result = #"{"role": "tool", "tool_call_id": "c1", "content": "noon"}"#
        let user = #"{"role": "user", "content": "When?"}"#
        let session = try #require(try read("[\(user), \(call), \(result)]").sessions.first)
        #expect(session.messages[1].message.toolCalls.first?.arguments.object == ["zone": "UTC"])
        #expect(session.messages[2].message.toolCallID == "c1")
        #expect(
            try read("[\(user), \(result)]").problems.map(\.description) == [
                "chat.json, message 2: it answers the call 'c1', which no message before it makes"
            ])
    }

    @Test(
        arguments: [
            ("", "chat.json: it is empty"),
            ("{\"messages\": [}", "chat.json, line 1, column 15: this is not JSON"),
            ("{\"a\": 1}\n{\"a\": }", "chat.json, line 2, column 7: this is not JSON"),
            ("{\"prompt\": \"x\", \"completion\": \"y\"}", "this object has prompt, completion"),
            ("[{\"role\": \"user\"}]", "chat.json, message 1: it has no content"),
            ("[{\"role\": \"robot\", \"content\": \"x\"}]", "its role is 'robot'"),
            ("{\"parley\": 9}", "its version is 9"),
        ])
    func `What is wrong is said in one sentence with its place`(text: String, words: String) throws {
        do {
            let problems = try read(text).problems.map(\.description)
            #expect(problems.contains { $0.contains(words) }, "\(problems)")
        } catch let problem as ImportProblem {
            #expect(problem.description.contains(words), "\(problem)")
        }
    }
}
