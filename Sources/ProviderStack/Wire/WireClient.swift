import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import ParleyCore

/// Asks a provider over HTTP in its dialect.
///
/// One request is one exchange: retries, limits and fallbacks are policies around it. The key goes into the
/// dialect's own header and nowhere else; whatever the provider echoes of it is taken out of messages and bodies.
public final class WireClient<Codec: DialectCodec>: Provider {
    public let account: ProviderAccount
    public let codec: Codec
    let http: HTTPTransport
    let limits: TimeLimits
    let time: TimeSource
    private let url: String
    private let headers: HTTPHeaders
    private let onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)?

    public var name: ProviderName { account.name }

    /// `limits` stand for the transport's own where given, except ``TimeLimits/connect``. `onRateLimits` hears what the
    /// headers of each answer say of the provider's limits.
    public init(
        account: ProviderAccount, http: HTTPTransport, limits: TimeLimits? = nil, time: TimeSource = .system,
        onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil
    ) {
        self.account = account
        self.http = http
        var own = limits ?? http.limits
        own.connect = http.limits.connect
        self.limits = own
        self.time = time
        self.onRateLimits = onRateLimits
        codec = Codec(account: account)
        url = "\(account.baseURL)\(codec.path)"
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "user-agent": "\(Release.name)/\(Release.version)",
        ]
        for (name, value) in account.entry.headers { headers.replaceOrAdd(name: name, value: value) }
        for (name, value) in codec.headers { headers.replaceOrAdd(name: name, value: value) }
        self.headers = headers
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let streams = account.entry.quirks.onlyStreams
        let response = try await open(request, streams: streams)
        if streams ? response.contentType != "application/json" : response.isStream {
            // It streams although it was not asked to, or cannot do otherwise.
            return try await readStream(response, of: request) { _ in }
        }
        return try await readWhole(response, of: request)
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let streams = !account.entry.quirks.streamsWholeAnswers
        let response = try await open(request, streams: streams)
        if streams, response.contentType != "application/json" {
            return try await readStream(response, of: request, onEvent: onEvent)
        }
        let completion = try await readWhole(response, of: request)
        for event in completion.events { await onEvent(event) }
        return completion
    }

    public func wireBody(of request: CompletionRequest) -> String? {
        let streams = account.entry.quirks.onlyStreams
        return String(decoding: codec.body(of: request, streams: streams), as: UTF8.self)
    }

    /// Sends the request and gives the answer once its head says 200.
    private func open(_ request: CompletionRequest, streams: Bool) async throws(Failure) -> WireResponse {
        let path = codec.path(for: request)
        var message = HTTPClientRequest(url: path == codec.path ? url : "\(account.baseURL)\(path)")
        message.method = .POST
        message.headers = headers
        message.headers.add(name: "accept", value: streams ? "text/event-stream" : "application/json")
        for (name, value) in codec.headers(for: request) {
            message.headers.replaceOrAdd(name: name, value: value)
        }
        if let key = request.idempotencyKey { message.headers.add(name: "idempotency-key", value: key) }
        message.body = .bytes(ByteBuffer(bytes: codec.body(of: request, streams: streams)))
        let response: WireResponse
        do throws(WireError) {
            response = try await http.open(message, limits: limits, origin: account.baseURL.origin)
        } catch {
            throw failure(for: error, request: request)
        }
        if let onRateLimits, let reading = RateLimitReading(response.headers, now: time.now) {
            onRateLimits(request.model, reading)
        }
        guard response.status == 200 else { throw await refusal(response, of: request) }
        return response
    }

    private func readWhole(
        _ response: WireResponse, of request: CompletionRequest
    ) async throws(Failure) -> Completion {
        let body: ByteBuffer
        do throws(WireError) {
            body = try await response.body.collect()
        } catch {
            throw failure(for: error, request: request)
        }
        var completion = try body.withBytes { bytes throws(Failure) in
            try codec.completion(from: bytes, for: request)
        }
        if completion.requestID == nil { completion.requestID = response.requestID }
        return completion
    }

    private func readStream(
        _ response: WireResponse, of request: CompletionRequest,
        onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        defer { response.body.finish() }
        var answer = codec.stream(for: request)
        do throws(WireError) {
            while !answer.isDone, let piece = try await response.body.next() {
                for step in piece.withBytes({ answer.read($0) }) { await onEvent(step) }
            }
            if answer.isDone { await response.body.drain() }
        } catch {
            var failure = failure(for: error, request: request)
            failure.status = 200
            failure.partialText = answer.partialText
            failure.usage = answer.usage
            throw failure
        }
        var end = try answer.finish().get()
        for step in end.events { await onEvent(step) }
        if end.completion.requestID == nil { end.completion.requestID = response.requestID }
        return end.completion
    }

    /// What a status other than 200 means; its body is read as far as it is kept.
    private func refusal(_ response: WireResponse, of request: CompletionRequest) async -> Failure {
        var failure: Failure
        do throws(WireError) {
            let body = try await response.body.collect(upTo: Self.refusalBytesMax)
            failure = body.withBytes { codec.failure(status: response.status, body: $0, for: request) }
        } catch .cancelled {
            return self.failure(for: .cancelled, request: request)
        } catch {
            // The status is clear, whatever became of the words.
            failure = [UInt8]().withUnsafeBufferPointer {
                codec.failure(status: response.status, body: $0, for: request)
            }
        }
        if (300..<400).contains(response.status) {
            let target = response.headers.first(name: "location").map { " to \($0)" } ?? ""
            failure.message = codec.context.words(
                "the provider redirects\(target); the key is not sent there: set \(account.entry.baseURLVariable)",
                for: request)
        } else if (200..<300).contains(response.status) {
            failure.kind = .malformedReply
        }
        failure.retryAfter = RetryAfter.read(response.headers, now: time.now)
        return failure
    }

    /// The most bytes of an error's body that are read.
    static var refusalBytesMax: Int { 1 << 20 }

    private func failure(for error: WireError, request: CompletionRequest) -> Failure {
        switch error {
        case .cancelled: codec.context.failure(.cancelled, "the request was cancelled", for: request)
        case .timedOut(let limit): codec.context.failure(.timedOut, limits.sentence(for: limit), for: request)
        case .unreachable(let reason): codec.context.failure(.unreachable, reason, for: request)
        case .broken(let reason): codec.context.failure(.streamBroken, reason, for: request)
        case .tooLarge(let bytesMax):
            codec.context.failure(
                .malformedReply, "the answer is larger than \(bytesMax >> 20) MiB", for: request)
        }
    }
}

extension ByteBuffer {
    /// The readable bytes, without a copy.
    func withBytes<Value, Failed: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failed) -> Value
    ) throws(Failed) -> Value {
        let result: Result<Value, Failed> = withUnsafeReadableBytes { raw in
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            do throws(Failed) {
                return .success(try body(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
