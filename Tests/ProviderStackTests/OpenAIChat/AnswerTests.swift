import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnswerTests {
    private let empty =
        #"{"model":"m","choices":[{"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#

    @Test func `An empty answer is a failure`() {
        #expect(kind(of: empty) == .emptyReply)
        #expect(kind(of: "") == .emptyReply)
        #expect(kind(of: " \n") == .emptyReply)
    }

    @Test func `An empty answer is expected after the assistant's own beginning`() throws {
        let request = CompletionRequest.fixture(messages: [.user("Go on."), .assistant("Once upon")])
        let completion = try OpenAIChatCodec.fixture().completion(from: Array(empty.utf8), for: request)
        #expect(completion.text.isEmpty)
    }

    @Test(arguments: [
        "<html></html>", "{", "[1", "{\"choices\":[{}]}", "{}", "7", "{\"choices\":[]}", "null",
    ])
    func `What is no chat completion is malformed`(body: String) {
        #expect(kind(of: body) == .malformedReply)
    }

    @Test func `A malformed answer's record holds its beginning without the key`() {
        let body = "sk-test-abcdef0123456789 " + String(repeating: "x", count: 100_000)
        guard case .failure(let failure) = result(of: body) else { return #expect(Bool(false)) }
        #expect(failure.responseBody?.hasPrefix("‹key› xxx") == true)
        #expect(failure.responseBody?.utf8.count == Failure.bodyBytesMax)
        #expect(failure.message.count < 100)
    }

    @Test func `The provider's words are given without the prompt`() {
        let prompt = "a secret prompt that nobody else may read"
        let failure = Array(#"{"error":{"message":"cannot process: \#(prompt)"}}"#.utf8)
            .withUnsafeBufferPointer {
                OpenAIChatCodec.fixture().failure(
                    status: 400, body: $0, for: .fixture(messages: [.user(prompt)]))
            }
        #expect(failure.message == "cannot process: ‹prompt›")
    }

    @Test func `The provider's words are cut`() {
        let body = Array(#"{"error":{"message":"\#(String(repeating: "long ", count: 4000))"}}"#.utf8)
        let failure = body.withUnsafeBufferPointer {
            OpenAIChatCodec.fixture().failure(status: 400, body: $0, for: .fixture())
        }
        #expect(failure.message.count == Failure.messageLengthMax)
    }

    @Test func `A cost that the provider tells is only believed where it bills by it`() throws {
        let body = #"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":1,"cost":0.5}}"#
        let trusted = try OpenAIChatCodec.fixture(provider: "openrouter").completion(
            from: Array(body.utf8), for: .fixture())
        let other = try OpenAIChatCodec.fixture().completion(from: Array(body.utf8), for: .fixture())
        #expect(trusted.usage?.reportedCost == Picodollars(dollars: "0.5"))
        #expect(other.usage?.reportedCost == nil)
    }

    @Test(arguments: [
        #"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":99}}"#,
        #"{"prompt_tokens":10,"completion_tokens":-5,"prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":8}}"#,
        #"{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"total_tokens":1}"#,
        #"{"prompt_tokens":-1}"#, #"{"prompt_tokens":null,"prompt_cache_hit_tokens":3}"#, "{}",
    ])
    func `Counts that contradict each other never make a bucket negative`(counts: String) throws {
        let usage = try #require(OpenAIChatCodec.fixture().usage(from: try JSON(parsing: counts)))
        #expect(
            min(usage.inputUncached, usage.cacheRead, usage.cacheWrite, usage.output, usage.reasoning) >= 0)
    }

    private func result(of body: String) -> Result<Completion, Failure> {
        Result { () throws(Failure) in
            try OpenAIChatCodec.fixture().completion(from: Array(body.utf8), for: .fixture())
        }
    }

    private func kind(of body: String) -> Failure.Kind? {
        if case .failure(let failure) = result(of: body) { failure.kind } else { nil }
    }
}
