import ParleyCore
import ProviderStack

enum DialectTargets {
    static let openAIChat = OpenAIChatCodec(account: account("openai"))
    static let responses = ResponsesCodec(account: account("openai-responses"))
    static let anthropic = AnthropicCodec(account: account("anthropic"))
    static let ollama = OllamaCodec(account: account("ollama"))

    private static let key = "sk-fuzz-0123456789abcdef"
    private static let request = CompletionRequest(
        model: ModelName(provider: "any", model: "model"), messages: [.user("What is 17 + 25?")])

    static func whole(_ bytes: UnsafeBufferPointer<UInt8>, _ codec: some DialectCodec) {
        do throws(Failure) {
            let completion = try codec.completion(from: bytes, for: request)
            _ = codec.body(of: asked(completion), streams: false)
        } catch {
            check(error)
        }
        check(codec.failure(status: 429, body: bytes, for: request))
    }

    static func stream(_ bytes: UnsafeBufferPointer<UInt8>, _ codec: some DialectCodec) {
        var whole = codec.stream(for: request)
        let events = whole.read(bytes)
        var cut = codec.stream(for: request)
        var cutEvents: [CompletionEvent] = []
        Cuts.pieces(of: bytes) { cutEvents += cut.read($0) }
        precondition(events == cutEvents, "the cut changes the events")
        precondition(whole.partialText == cut.partialText, "the cut changes the partial text")
        let end = whole.finish()
        precondition(end == cut.finish(), "the cut changes the end")
        switch end {
        case .failure(let failure): check(failure)
        case .success(let end):
            _ = codec.body(of: asked(end.completion), streams: true)
            var sum = CompletionAccumulator()
            for event in events + end.events { sum.add(event) }
            precondition(sum.text == end.completion.text, "the events do not add up to the answer")
        }
    }

    /// Each line is the data of one event: the fast path and the parser must make the same of it.
    static func chunk(_ bytes: UnsafeBufferPointer<UInt8>) {
        var skimming = OpenAIChatStream(codec: openAIChat, request: request)
        var parsing = OpenAIChatStream(codec: openAIChat, request: request)
        for line in bytes.split(separator: 0x0A) {
            let event = ServerSentEvents.Event(name: nil, data: Array(line))
            var events: [CompletionEvent] = []
            skimming.read(EventSlice(event), into: &events)
            precondition(parsing.read(event) == events, "the fast path gives other events")
        }
        precondition(skimming.malformedChunks == parsing.malformedChunks, "another count of broken chunks")
        precondition(
            skimming.finish(malformedLines: 0) == parsing.finish(malformedLines: 0),
            "the fast path gives another end")
    }

    /// The conversation goes on with the answer: whatever was read can be sent back.
    private static func asked(_ completion: Completion) -> CompletionRequest {
        var next = request
        next.messages += [completion.message, .user("Go on.")]
        return next
    }

    private static func check(_ failure: Failure) {
        precondition(failure.message.count <= Failure.messageLengthMax, "a message that is too long")
        precondition(!failure.message.contains(key), "a message with the key in it")
        precondition((failure.responseBody?.utf8.count ?? 0) <= Failure.bodyBytesMax, "a body that is too long")
    }

    private static func account(_ name: ProviderName) -> ProviderAccount {
        guard let entry = Catalogue.builtIn.provider(name), let baseURL = try? BaseURL(entry.baseURL) else {
            preconditionFailure("the catalogue has no \(name.text)")
        }
        return ProviderAccount(entry: entry, key: Secret(key), baseURL: baseURL)
    }
}
