import HTTPTypes
import Hummingbird
import NIOCore
import ParleyCore
import Synchronization

extension SimulatorServer {
    func respond(to request: Request, on channel: any Channel) async throws -> Response {
        let path = request.uri.path
        if request.method == .post, let dialect = Self.dialect(at: path) {
            return try await answer(request, in: dialect, on: channel)
        }
        let names = settings.models.isEmpty ? ModelLists.namesDefault : settings.models
        switch (request.method, path) {
        case (.get, "/v1/models"), (.get, "/models"):
            let isAnthropic = request.headers[HTTPField.Name("anthropic-version")!] != nil
            let dialect: any ServerDialect = isAnthropic ? AnthropicDialect() : ChatDialect()
            if let refusal = dialect.refusal(of: request.headers, key: settings.apiKey) {
                return refuse(refusal, in: dialect)
            }
            return Self.response(isAnthropic ? ModelLists.anthropic(names) : ModelLists.openAI(names))
        case (.get, "/api/tags"):
            return Self.response(ModelLists.ollama(names))
        case (.post, "/v1/messages/count_tokens"):
            return try await count(request)
        case (.get, "/health"):
            return Self.response(["status": "ok", "simulated": true])
        case (.get, "/stats"):
            return Self.response(stats)
        default:
            let dialect: any ServerDialect = path.hasPrefix("/api/") ? OllamaDialect() : ChatDialect()
            return refuse(SimulatedRefusal(.unknownPath("\(request.method.rawValue) \(path)")), in: dialect)
        }
    }

    /// The language that is spoken there; `/v1` may be missing, and `/beta` may stand for it.
    private static func dialect(at path: String) -> (any ServerDialect)? {
        switch path {
        case "/v1/chat/completions", "/chat/completions", "/beta/chat/completions": ChatDialect()
        case "/v1/responses", "/responses": ResponsesDialect()
        case "/v1/messages", "/messages": AnthropicDialect()
        case "/api/chat": OllamaDialect()
        default: nil
        }
    }

    private func answer(
        _ request: Request, in dialect: any ServerDialect, on channel: any Channel
    ) async throws -> Response {
        if let refusal = dialect.refusal(of: request.headers, key: settings.apiKey) {
            return refuse(refusal, in: dialect)
        }
        let asked: AskedRequest
        do throws(SimulatedRefusal) {
            asked = try dialect.read(try await document(of: request))
        } catch {
            return refuse(error, in: dialect)
        }
        // Another dialect's answer under the same key would be another document.
        let key = request.headers[HTTPField.Name("idempotency-key")!].map { "\(request.uri.path) \($0)" }
        let now = time.now
        let prepared = Result { () throws(SimulatedRefusal) in
            try PreparedQuestion(asked.question, settings: settings)
        }
        let (outcome, limits, isReplay, number) = state.withLock { state in
            state.memory.received(key: key)
            let number = state.memory.requests
            if let answer = state.memory.replay(of: key) {
                return (SimulatedOutcome.answered(answer), state.engine.limits, true, number)
            }
            let outcome: SimulatedOutcome =
                switch prepared {
                case .success(let prepared): state.engine.outcome(for: prepared, at: now)
                case .failure(let refusal): .refused(refusal)
                }
            if case .answered(let answer) = outcome { state.memory.answered(answer, key: key) }
            return (outcome, state.engine.limits, false, number)
        }
        var response: Response
        switch outcome {
        case .refused(let refusal):
            if refusal.reason == .hangUp {
                state.withLock { $0.memory.hungUp() }
                try await channel.close()
            }
            response = refuse(refusal, in: dialect, number: number)
        case .answered(let answer):
            state.withLock { $0.memory.replied(status: 200) }
            let exchange = SimulatedExchange(answer: answer, asked: asked, created: now)
            response = try await self.response(for: exchange, in: dialect)
            if let name = dialect.requestIDHeader {
                response.headers[HTTPField.Name(name)!] = Self.requestID(number)
            }
        }
        for (name, value) in dialect.headers(for: limits, at: now) {
            response.headers[HTTPField.Name(name)!] = value
        }
        if isReplay { response.headers[HTTPField.Name("idempotent-replayed")!] = "true" }
        return response
    }

    /// Anthropic's count of a prompt's tokens.
    private func count(_ request: Request) async throws -> Response {
        let dialect = AnthropicDialect()
        if let refusal = dialect.refusal(of: request.headers, key: settings.apiKey) {
            return refuse(refusal, in: dialect)
        }
        do throws(SimulatedRefusal) {
            let asked = try AnthropicRequestReader(try await document(of: request), needsLimit: false).asked
            return Self.response(["input_tokens": .int(SimulatorEngine.promptTokens(of: asked.request))])
        } catch {
            return refuse(error, in: dialect)
        }
    }

    private func document(of request: Request) async throws(SimulatedRefusal) -> JSON {
        guard let body = try? await request.body.collect(upTo: Self.requestBytesMax),
            let document = body.withReadableUnsafeBytes({ try? JSON(parsing: $0) }),
            case .object = document
        else { throw .invalid("We could not parse the JSON body of your request.") }
        return document
    }

    private func refuse(
        _ refusal: SimulatedRefusal, in dialect: any ServerDialect, number: Int = 0
    ) -> Response {
        let status = dialect.status(of: refusal)
        if refusal.reason != .hangUp { state.withLock { $0.memory.replied(status: status) } }
        let id = Self.requestID(number)
        var response = Self.response(dialect.document(for: refusal, requestID: id), status: status)
        for (name, value) in dialect.headers(for: refusal, at: time.now) {
            response.headers[HTTPField.Name(name)!] = value
        }
        if let name = dialect.requestIDHeader { response.headers[HTTPField.Name(name)!] = id }
        return response
    }

    private static func requestID(_ number: Int) -> String { "req_sim\(number)" }

    private static func response(_ document: JSON, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: headers(contentType: "application/json"),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes())))
    }

    static func headers(contentType: String) -> HTTPFields {
        [.contentType: contentType, HTTPField.Name("x-parley-simulated")!: "true"]
    }
}

extension ByteBuffer {
    /// The readable bytes, without a copy.
    fileprivate func withReadableUnsafeBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        withUnsafeReadableBytes { body($0.assumingMemoryBound(to: UInt8.self)) }
    }
}
