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

extension CodecContext {
    /// For a provider of the catalogue, with a key that must never come out again.
    static func fixture(provider: ProviderName = "openai") -> CodecContext {
        CodecContext(
            provider: provider, quirks: Catalogue.builtIn.provider(provider)?.quirks ?? .init(),
            key: Secret(testKey))
    }
}

extension OpenAIChatCodec {
    static func fixture(provider: ProviderName = "openai") -> OpenAIChatCodec {
        OpenAIChatCodec(context: .fixture(provider: provider))
    }
}

extension DialectCodec {
    /// Reads a stream that comes in these pieces.
    func read(
        pieces: [[UInt8]], for request: CompletionRequest = .fixture()
    ) -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        var stream = stream(for: request)
        var events: [CompletionEvent] = []
        for piece in pieces { events += stream.read(piece) }
        switch stream.finish() {
        case .success(let end): return (events + end.events, .success(end.completion))
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
