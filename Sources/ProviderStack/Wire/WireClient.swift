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
    private let origin: String
    private let headers: HTTPHeaders
    /// The request for a whole answer as far as it is always the same: its address is taken apart once.
    private let wholeRequest: HTTPClient.Request?
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
        origin = account.baseURL.origin
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "user-agent": "\(Release.name)/\(Release.version)",
        ]
        for (name, value) in account.entry.headers { headers.replaceOrAdd(name: name, value: value) }
        for (name, value) in codec.headers { headers.replaceOrAdd(name: name, value: value) }
        self.headers = headers
        headers.add(name: "accept", value: "application/json")
        wholeRequest = try? HTTPClient.Request(url: url, method: .POST, headers: headers)
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        if account.entry.quirks.onlyStreams {
            let response = try await open(request, streams: true)
            if response.isJSON { return try await readWhole(response, of: request) }
            return try await readStream(response, of: request) { _ in }
        }
        let answer = try await ask(request)
        // It may stream although it was not asked to.
        if let stream = answer.stream { return try completion(from: stream, in: answer, of: request) }
        if let broken = answer.broken { throw failure(for: broken, request: request) }
        return try completion(from: answer.body, headers: answer.headers, of: request)
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let streams = !account.entry.quirks.streamsWholeAnswers
        let response = try await open(request, streams: streams)
        if streams, !response.isJSON {
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
        var message = HTTPClientRequest(url: url(of: request))
        message.method = .POST
        message.headers = headers
        message.headers.add(name: "accept", value: streams ? "text/event-stream" : "application/json")
        addOwnHeaders(of: request, to: &message.headers)
        message.body = .bytes(ByteBuffer(bytes: codec.body(of: request, streams: streams)))
        let response: WireResponse
        do throws(WireError) {
            response = try await http.open(message, limits: limits, origin: origin)
        } catch {
            throw failure(for: error, request: request)
        }
        noteLimits(in: response.headers, of: request)
        guard response.status == 200 else { throw await refusal(response, of: request) }
        return response
    }

    /// Sends the request and gives the whole answer, whose status is 200.
    private func ask(_ request: CompletionRequest) async throws(Failure) -> WholeAnswer<Codec.Stream> {
        let answer: WholeAnswer<Codec.Stream>
        do throws(WireError) {
            answer = try await http.ask(
                try wholeMessage(of: request), limits: limits, origin: origin
            ) { [codec] in codec.stream(for: request) }
        } catch {
            throw failure(for: error, request: request)
        }
        noteLimits(in: answer.headers, of: request)
        guard answer.status == 200 else {
            if answer.broken == .cancelled { throw failure(for: .cancelled, request: request) }
            // The status is clear, whatever became of the words.
            let words = answer.broken == nil ? answer.body : ByteBuffer()
            throw refusal(status: answer.status, headers: answer.headers, words: words, of: request)
        }
        return answer
    }

    private func wholeMessage(of request: CompletionRequest) throws(WireError) -> HTTPClient.Request {
        let url = url(of: request)
        var message: HTTPClient.Request
        if let wholeRequest, url == self.url {
            message = wholeRequest
        } else {
            do {
                message = try HTTPClient.Request(url: url, method: .POST, headers: headers)
            } catch {
                throw .unreachable("\(url) is no address")
            }
            message.headers.add(name: "accept", value: "application/json")
        }
        addOwnHeaders(of: request, to: &message.headers)
        message.body = .byteBuffer(ByteBuffer(bytes: codec.body(of: request, streams: false)))
        return message
    }

    private func url(of request: CompletionRequest) -> String {
        let path = codec.path(for: request)
        return path == codec.path ? url : "\(account.baseURL)\(path)"
    }

    private func addOwnHeaders(of request: CompletionRequest, to headers: inout HTTPHeaders) {
        for (name, value) in codec.headers(for: request) { headers.replaceOrAdd(name: name, value: value) }
        if let key = request.idempotencyKey { headers.add(name: "idempotency-key", value: key) }
    }

    private func noteLimits(in headers: HTTPHeaders, of request: CompletionRequest) {
        guard let onRateLimits, let reading = RateLimitReading(headers, now: time.now) else { return }
        onRateLimits(request.model, reading)
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
        return try completion(from: body, headers: response.headers, of: request)
    }

    private func completion(
        from body: ByteBuffer, headers: HTTPHeaders, of request: CompletionRequest
    ) throws(Failure) -> Completion {
        var completion = try body.withBytes { bytes throws(Failure) in
            try codec.completion(from: bytes, for: request)
        }
        if completion.requestID == nil { completion.requestID = headers.requestID }
        return completion
    }

    private func completion(
        from stream: Codec.Stream, in answer: WholeAnswer<Codec.Stream>, of request: CompletionRequest
    ) throws(Failure) -> Completion {
        var stream = stream
        if let broken = answer.broken { throw failure(for: broken, after: stream, of: request) }
        var completion = try stream.finish().get().completion
        if completion.requestID == nil { completion.requestID = answer.headers.requestID }
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
            throw failure(for: error, after: answer, of: request)
        }
        var end = try answer.finish().get()
        for step in end.events { await onEvent(step) }
        if end.completion.requestID == nil { end.completion.requestID = response.headers.requestID }
        return end.completion
    }

    private func refusal(_ response: WireResponse, of request: CompletionRequest) async -> Failure {
        let words: ByteBuffer
        do throws(WireError) {
            words = try await response.body.collect(upTo: WireBody.refusalBytesMax)
        } catch .cancelled {
            return failure(for: .cancelled, request: request)
        } catch {
            // The status is clear, whatever became of the words.
            words = ByteBuffer()
        }
        return refusal(status: response.status, headers: response.headers, words: words, of: request)
    }

    /// What a status other than 200 means.
    private func refusal(
        status: Int, headers: HTTPHeaders, words: ByteBuffer, of request: CompletionRequest
    ) -> Failure {
        var failure = words.withBytes { codec.failure(status: status, body: $0, for: request) }
        if (300..<400).contains(status) {
            let target = headers.first(name: "location").map { " to \($0)" } ?? ""
            failure.message = codec.context.words(
                "the provider redirects\(target); the key is not sent there: set \(account.entry.baseURLVariable)",
                for: request)
        } else if (200..<300).contains(status) {
            failure.kind = .malformedReply
        }
        failure.retryAfter = RetryAfter.read(headers, now: time.now)
        return failure
    }

    /// For an exchange that broke while it streamed: what had come is kept.
    private func failure(
        for error: WireError, after stream: Codec.Stream, of request: CompletionRequest
    ) -> Failure {
        var failure = failure(for: error, request: request)
        failure.status = 200
        failure.partialText = stream.partialText
        failure.usage = stream.usage
        return failure
    }

    private func failure(for error: WireError, request: CompletionRequest) -> Failure {
        let (kind, words): (Failure.Kind, String) =
            switch error {
            case .cancelled: (.cancelled, "the request was cancelled")
            case .timedOut(let limit): (.timedOut, limits.sentence(for: limit))
            case .unreachable(let reason), .hungUp(let reason): (.unreachable, reason)
            case .broken(let reason): (.streamBroken, reason)
            case .tooLarge(let bytesMax):
                (.malformedReply, "the answer is larger than \(bytesMax >> 20) MiB")
            }
        var failure = codec.context.failure(kind, words, for: request)
        failure.isUnsent = error.isUnsent
        return failure
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
