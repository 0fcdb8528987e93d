public import ParleyCore

public struct ResponsesCodec: DialectCodec {
    public let context: CodecContext
    public let path = "/responses"
    public var headers: [(name: String, value: String)] { [] }

    public init(account: ProviderAccount) { context = CodecContext(account: account) }

    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] { [] }

    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        throw context.failure(.rejected, "not written yet", for: request)
    }

    public func stream(for request: CompletionRequest) -> ServerSentStream<ResponsesStream> {
        ServerSentStream(ResponsesStream())
    }
}

public struct ResponsesStream: ServerSentReader {
    public var isDone: Bool { false }
    public var partialText: String? { nil }
    public var usage: Usage? { nil }
    public mutating func read(_ event: ServerSentEvents.Event) -> [CompletionEvent] { [] }
    public mutating func finish(malformedLines: Int) -> Result<StreamEnd, Failure> {
        .failure(Failure(kind: .rejected, provider: "none", message: "not written yet"))
    }
}
