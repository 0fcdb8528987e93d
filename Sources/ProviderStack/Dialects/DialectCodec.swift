public import ParleyCore

/// A wire language as the client needs it: requests to bytes, bytes to answers.
///
/// Plain values over bytes: no connection, clock or state, so that every departure of a provider is a fixture and a line
/// of test. ``WireClient`` does the sending.
public protocol DialectCodec: Sendable {
    associatedtype Stream: DialectStream

    init(account: ProviderAccount)

    /// Who is asked, and how its words are kept.
    var context: CodecContext { get }

    /// Where requests go, below the base URL, with its slash.
    var path: String { get }

    /// Where this request goes instead of ``path``: DeepSeek's strict tools have a path of their own.
    func path(for request: CompletionRequest) -> String

    /// What every request carries in its head: the key, a version of the dialect.
    var headers: [(name: String, value: String)] { get }

    /// What this request carries beside ``headers``.
    func headers(for request: CompletionRequest) -> [(name: String, value: String)]

    /// The body of a request: one JSON object with sorted keys, because an unstable order breaks prompt caches.
    ///
    /// ``CompletionRequest/options`` come last and win. No key is in it, so it can be stored as it is.
    func body(of request: CompletionRequest, streams: Bool) -> [UInt8]

    /// Reads a whole answer (status 200).
    ///
    /// Throws `malformedReply` for what is no answer of the dialect, `emptyReply` for one without text and tool call, and
    /// the provider's own error where the answer is one in spite of its status.
    func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion

    /// The reader of a streamed answer to that request.
    func stream(for request: CompletionRequest) -> Stream
}

extension DialectCodec {
    public func path(for request: CompletionRequest) -> String { path }

    public func headers(for request: CompletionRequest) -> [(name: String, value: String)] { [] }

    /// Reads a whole answer (status 200).
    public func completion(from bytes: [UInt8], for request: CompletionRequest) throws(Failure) -> Completion
    {
        try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
            try completion(from: buffer, for: request)
        }
    }

    /// What a status other than 200 and its body mean.
    public func failure(
        status: Int, body: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) -> Failure {
        context.failure(status: status, body: body, for: request)
    }
}

/// Reads a streamed answer as its bytes arrive, and judges it at its end. A plain value.
public protocol DialectStream: Sendable {
    /// The events that these bytes complete. They may be cut anywhere.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> [CompletionEvent]

    /// Nothing more is worth waiting for: the end mark has come, or an error.
    var isDone: Bool { get }

    /// The text that has come so far; nil for none.
    var partialText: String? { get }

    /// The figures, once they have come.
    var usage: Usage? { get }

    /// Judges the answer once the stream has ended: the last events and the whole answer, or why there is none.
    mutating func finish() -> Result<StreamEnd, Failure>
}

extension DialectStream {
    public mutating func read(_ bytes: [UInt8]) -> [CompletionEvent] {
        bytes.withUnsafeBufferPointer { read($0) }
    }
}

/// How a streamed answer ended.
public struct StreamEnd: Sendable, Hashable {
    /// What the consumer has not heard yet: complete tool calls, usage, the finish.
    public var events: [CompletionEvent]
    public var completion: Completion

    public init(events: [CompletionEvent], completion: Completion) {
        self.events = events
        self.completion = completion
    }

    /// With the events that stand at the end of every stream: the calls whole, the figures, the reason.
    public init(_ completion: Completion) {
        var events = completion.toolCalls.map { CompletionEvent.toolCallCompleted($0) }
        if let usage = completion.usage { events.append(.usage(usage)) }
        events.append(.finished(completion.finishReason))
        self.init(events: events, completion: completion)
    }
}
