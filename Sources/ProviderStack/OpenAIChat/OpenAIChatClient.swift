import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import ParleyCore

/// Asks a provider that speaks the OpenAI chat dialect.
///
/// One request is one exchange: retries, limits and fallbacks are policies around it. The key goes into the
/// `Authorization` header and nowhere else; whatever the provider echoes of it is taken out of messages and bodies.
public final class OpenAIChatClient: Provider {
    public let account: ProviderAccount
    public let codec: OpenAIChatCodec
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
    ) throws(ConfigurationError) {
        guard account.entry.dialect == .openAIChat else {
            throw .dialectUnavailable(account.name, account.entry.dialect)
        }
        self.account = account
        self.http = http
        var own = limits ?? http.limits
        own.connect = http.limits.connect
        self.limits = own
        self.time = time
        self.onRateLimits = onRateLimits
        codec = OpenAIChatCodec(account: account)
        url = "\(account.baseURL)/chat/completions"
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "user-agent": "\(Release.name)/\(Release.version)",
        ]
        if let key = account.key { headers.add(name: "authorization", value: "Bearer \(key.exposed)") }
        self.headers = headers
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let response = try await open(request, streams: false)
        if response.contentType == "text/event-stream" {
            // It streams although it was not asked to.
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
        String(decoding: codec.body(of: request, streams: false), as: UTF8.self)
    }

    /// Sends the request and gives the answer once its head says 200.
    private func open(_ request: CompletionRequest, streams: Bool) async throws(Failure) -> WireResponse {
        var message = HTTPClientRequest(url: url)
        message.method = .POST
        message.headers = headers
        message.headers.add(name: "accept", value: streams ? "text/event-stream" : "application/json")
        if let key = request.idempotencyKey { message.headers.add(name: "idempotency-key", value: key) }
        message.body = .bytes(ByteBuffer(bytes: codec.body(of: request, streams: streams)))
        let response: WireResponse
        do throws(WireError) {
            response = try await http.open(message, limits: limits, origin: account.baseURL.origin)
        } catch {
            throw failure(for: error, request: request)
        }
        if let onRateLimits, let reading = RateLimitReading(response.headers) {
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
        if completion.requestID == nil { completion.requestID = response.headers.first(name: "x-request-id") }
        return completion
    }

    private func readStream(
        _ response: WireResponse, of request: CompletionRequest,
        onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        defer { response.body.finish() }
        var events = ServerSentEvents()
        var answer = OpenAIChatStream(codec: codec, request: request)
        do throws(WireError) {
            while !answer.isDone, let piece = try await response.body.next() {
                for event in piece.withBytes({ events.push($0) }) {
                    for step in answer.read(event) { await onEvent(step) }
                }
            }
            if answer.isDone { await response.body.drain() }
        } catch {
            var failure = failure(for: error, request: request)
            failure.status = 200
            failure.partialText = answer.partialText
            failure.usage = answer.usage
            throw failure
        }
        for event in events.finish() {
            for step in answer.read(event) { await onEvent(step) }
        }
        let (last, completion) = try answer.finish(malformedLines: events.malformedLines).get()
        for step in last { await onEvent(step) }
        return completion
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
            failure.message = codec.words(
                "the provider redirects\(target); the key is not sent there: set \(account.entry.baseURLVariable)",
                for: request)
        } else if (200..<300).contains(response.status) {
            failure.kind = .malformedReply
        }
        failure.retryAfter = RetryAfter.read(response.headers, now: time.now)
        return failure
    }

    /// The most bytes of an error's body that are read.
    static let refusalBytesMax = 1 << 20

    private func failure(for error: WireError, request: CompletionRequest) -> Failure {
        switch error {
        case .cancelled: codec.failure(.cancelled, "the request was cancelled", for: request)
        case .timedOut(let limit): codec.failure(.timedOut, limits.sentence(for: limit), for: request)
        case .unreachable(let reason): codec.failure(.unreachable, reason, for: request)
        case .broken(let reason): codec.failure(.streamBroken, reason, for: request)
        case .tooLarge(let bytesMax):
            codec.failure(.malformedReply, "the answer is larger than \(bytesMax >> 20) MiB", for: request)
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
