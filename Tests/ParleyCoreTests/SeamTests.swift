import OrderedCollections
import ParleyCore
import Synchronization
import Testing

@Suite struct SeamTests {
    /// Can only answer whole.
    private struct Whole: Provider {
        let name: ProviderName = "whole"
        let answer: Completion
        func complete(_ request: CompletionRequest) async throws(Failure) -> Completion { answer }
    }

    /// Can only stream.
    private struct Streaming: Provider {
        let name: ProviderName = "streaming"
        func stream(
            _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
        ) async throws(Failure) -> Completion {
            var heard = CompletionAccumulator()
            for event in [CompletionEvent.reasoning("hm"), .text("Pa"), .text("ris"), .finished(.stop)] {
                heard.add(event)
                await onEvent(event)
            }
            return heard.completion(model: "m", requestID: nil)
        }
    }

    private let request = CompletionRequest(model: ModelName("a/b")!, messages: [.user("Capital of France?")])

    @Test func `A provider that cannot stream gets a stream that puts together to its answer`() async throws {
        let call = ToolCall(id: "call_1", name: "look", arguments: .parsed(["city": "Paris"]))
        let answer = Completion(
            text: "Paris", reasoning: "easy", toolCalls: [call], finishReason: .toolCalls, model: "m",
            usage: Usage(inputUncached: 3, output: 1))
        let heard = Mutex(CompletionAccumulator())
        let returned = try await Whole(answer: answer).stream(request) { event in
            heard.withLock { $0.add(event) }
        }
        #expect(returned == answer)
        #expect(heard.withLock { $0.completion(model: "m", requestID: nil) } == answer)
    }

    @Test func `A provider that only streams answers whole by collecting`() async throws {
        let answer = try await Streaming().complete(request)
        #expect(answer.text == "Paris")
        #expect(answer.reasoning == "hm")
    }

    @Test func `A message of the provider is cut to its limit`() {
        let failure = Failure(kind: .rejected, provider: "x", message: String(repeating: "é", count: 900))
        #expect(failure.message.count == Failure.messageLengthMax)
    }

    @Test(arguments: [
        (400, Failure.Kind.rejected), (401, .unauthorized), (402, .quotaExhausted), (403, .unauthorized),
        (404, .rejected), (408, .timedOut), (409, .overloaded), (413, .contextTooLong), (422, .rejected),
        (429, .rateLimited), (500, .overloaded), (503, .overloaded), (529, .overloaded),
    ]) func `A status has its kind`(status: Int, kind: Failure.Kind) {
        #expect(Failure.Kind(status: status) == kind)
    }

    @Test func `A batch's settings come back from the database as they were`() {
        let settings = BatchSettings(
            rowFormat: .openAIBatch, model: ModelName("openai/gpt-4o-mini"), fallbacks: [ModelName("a/b")!],
            role: "judge", system: "Be brief.", promptTemplate: "{{q}}", maxTokens: 9, temperature: 0.25,
            options: ["top_p": 0.5], schema: ["type": "object"], attemptsMax: 3, streams: true)
        #expect(BatchSettings(json: settings.json, system: "Be brief.") == settings)
        var other = settings
        other.temperature = 1
        other.system = nil
        #expect(other.differences(from: settings) == ["temperature", "system"])
    }
}
