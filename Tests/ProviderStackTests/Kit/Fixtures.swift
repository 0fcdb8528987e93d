import OrderedCollections
import ParleyCore
import ProviderStack

extension CompletionRequest {
    static func fixture(
        model: String = "openai/asked-model", system: String? = nil, messages: [Message] = [.user("Hello?")],
        tools: [ToolDefinition] = [], toolChoice: ToolChoice = .automatic, maxTokens: Int? = nil,
        temperature: Double? = nil, stop: [String] = [], responseFormat: ResponseFormat = .text,
        options: JSONObject = [:], idempotencyKey: String? = nil
    ) -> CompletionRequest {
        CompletionRequest(
            model: ModelName(model)!, system: system, messages: messages, tools: tools,
            toolChoice: toolChoice,
            maxTokens: maxTokens, temperature: temperature, stop: stop, responseFormat: responseFormat,
            options: options, idempotencyKey: idempotencyKey)
    }
}

extension ToolDefinition {
    static func fixture(name: String = "lookup") -> ToolDefinition {
        ToolDefinition(
            name: name, summary: "Looks a word up.",
            parameters: [
                "type": "object", "properties": ["word": ["type": "string"]], "required": ["word"],
            ])
    }
}

extension OpenAIChatCodec {
    /// The codec for a provider of the catalogue, with a key that must never come out again.
    static func fixture(provider: ProviderName = "openai") -> OpenAIChatCodec {
        OpenAIChatCodec(
            provider: provider, quirks: Catalogue.builtIn.provider(provider)?.quirks ?? .init(),
            key: Secret("sk-test-abcdef0123456789"))
    }

    /// Reads a stream that comes in these pieces.
    func read(
        pieces: [[UInt8]], for request: CompletionRequest = .fixture()
    ) -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        var parser = ServerSentEvents()
        var stream = OpenAIChatStream(codec: self, request: request)
        var events: [CompletionEvent] = []
        for piece in pieces {
            for event in parser.push(piece) { events += stream.read(event) }
        }
        for event in parser.finish() { events += stream.read(event) }
        switch stream.finish(malformedLines: parser.malformedLines) {
        case .success((let last, let completion)): return (events + last, .success(completion))
        case .failure(let failure): return (events, .failure(failure))
        }
    }
}

/// A generator whose numbers are the same in each run.
struct FixedRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

extension Timestamp {
    static func seconds(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + Int64(seconds * 1000))
    }
}
