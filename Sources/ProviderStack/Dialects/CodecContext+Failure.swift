public import ParleyCore

extension CodecContext {
    /// What a status other than 200 and its body mean.
    public func failure(status: Int, body: UnsafeBufferPointer<UInt8>, for request: CompletionRequest)
        -> Failure
    {
        var document = try? JSON(parsing: body)
        // Gemini wraps its error in an array.
        if case .array(let elements) = document { document = elements.first }
        var failure: Failure
        if let error = document?["error"], !error.isNull {
            failure = self.failure(for: error, status: status, request: request)
        } else if let document, case .object = document {
            failure = self.failure(for: document, status: status, request: request)
        } else {
            failure = self.failure(
                Failure.Kind(status: status), Self.summary(of: body, status: status), for: request)
        }
        failure.status = status
        failure.responseBody = kept(body)
        return failure
    }

    /// What a provider's error object means. It decides by the code, never by words in the message.
    func failure(for error: JSON, status: Int?, request: CompletionRequest) -> Failure {
        let codes = [error["code"], error["type"], error["status"], error["innererror"]?["code"]]
            .compactMap { $0?.stringValue }
        let statusInBody = error["code"]?.intValue.flatMap { (400...599).contains($0) ? $0 : nil }
        let httpStatus = status ?? statusInBody
        let kind =
            codes.lazy.compactMap { Self.kind(forCode: $0) }.first
            ?? httpStatus.map { Failure.Kind(status: $0) }
            // In a stream there is no status, and the code of every refusal alike must do.
            ?? (codes.contains("invalid_request_error") ? .rejected : .overloaded)
        var failure = self.failure(kind, Self.message(of: error, status: httpStatus), for: request)
        failure.message = words(failure.message, for: request)
        failure.status = httpStatus
        failure.code = (codes.first ?? statusInBody.map { String($0) }).map { redacted($0) }
        return failure
    }

    /// Nil for a code that explains no more than the status does.
    static func kind(forCode code: String) -> Failure.Kind? {
        let code = code.lowercased()
        switch code {
        case "insufficient_quota", "insufficient_balance", "insufficient_credits", "quota_exceeded",
            "exceeded_current_quota_error", "credit_balance_too_low", "payment_required":
            return .quotaExhausted
        // A ChatGPT subscription's allowance: hours or days until the next.
        case "usage_limit_reached", "usage_not_included": return .quotaExhausted
        // Z.ai's numbers for an empty account and for a plan that is used up.
        case "1113", "1308", "1310": return .quotaExhausted
        case "context_length_exceeded", "context_window_exceeded", "exceed_context_size_error",
            "string_above_max_length", "request_too_large":
            return .contextTooLong
        case "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
            "moderation_blocked", "data_inspection_failed":
            return .contentRefused
        // The Responses dialect's words for a prompt that its policies stop.
        case "invalid_prompt", "bio_policy", "cyber_policy", "image_content_policy_violation":
            return .contentRefused
        case "rate_limit_exceeded", "rate_limit_error", "resource_exhausted", "rate_limit_reached_error":
            return .rateLimited
        case "invalid_api_key", "authentication_error", "permission_denied", "permission_error",
            "unauthenticated", "invalid_authentication_error":
            return .unauthorized
        case "overloaded_error", "engine_overloaded_error", "server_error", "internal_server_error",
            "service_unavailable", "unavailable":
            return .overloaded
        case "timeout", "timeout_error", "deadline_exceeded": return .timedOut
        case "model_not_found", "not_found_error": return .rejected
        default:
            if code.hasPrefix("billing") { return .quotaExhausted }
            if code.hasPrefix("content_policy") { return .contentRefused }
            return nil
        }
    }

    /// The provider's words, wherever it puts them.
    private static func message(of error: JSON, status: Int?) -> String {
        if let text = error.stringValue { return text }
        for name in ["message", "detail", "error_description", "msg", "title"] {
            if let text = error[name]?.stringValue, !text.isEmpty { return text }
        }
        // Mistral puts FastAPI's list where others have words.
        if let inner = error["message"], case .object = inner { return message(of: inner, status: status) }
        // FastAPI lists what it finds wrong; `input` would echo the prompt.
        if let details = error["detail"]?.arrayValue {
            let flaws = details.compactMap { flaw in
                flaw["msg"]?.stringValue.map { message in
                    let place = (flaw["loc"]?.arrayValue ?? []).map { $0.stringValue ?? $0.text() }
                    return place.isEmpty ? message : "\(place.joined(separator: ".")): \(message)"
                }
            }
            if !flaws.isEmpty { return flaws.joined(separator: "; ") }
        }
        return status.map { "the provider gave no reason (HTTP \($0))" } ?? "the provider gave no reason"
    }

    /// One line for a body that is no JSON: a page's title, or the first words.
    private static func summary(of body: UnsafeBufferPointer<UInt8>, status: Int) -> String {
        let head = String(decoding: body.prefix(4096), as: UTF8.self)
        let line = head.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if line.isEmpty { return "the provider gave no reason (HTTP \(status), no body)" }
        guard line.hasPrefix("<") else { return String(line.prefix(200)) }
        let lowered = line.lowercased()
        guard let open = lowered.firstRange(of: "<title>"),
            let close = lowered[open.upperBound...].firstRange(of: "</title>")
        else { return "an HTML page instead of an answer" }
        let title = lowered.distance(from: lowered.startIndex, to: open.upperBound)
        let length = lowered.distance(from: open.upperBound, to: close.lowerBound)
        return "an HTML page instead of an answer: \(line.dropFirst(title).prefix(min(length, 100)))"
    }
}

extension CodecContext {
    func failure(_ kind: Failure.Kind, _ message: String, for request: CompletionRequest) -> Failure {
        Failure(kind: kind, provider: provider, model: request.model.model, message: redacted(message))
    }

    /// A provider's words without the key and without the prompt, cut to ``Failure/messageLengthMax``.
    func words(_ text: String, for request: CompletionRequest) -> String {
        var text = redacted(text)
        for message in request.messages where message.content.utf8.count >= Self.promptEchoBytesMin {
            text = text.replacing(message.content, with: "‹prompt›")
        }
        if let system = request.system, system.utf8.count >= Self.promptEchoBytesMin {
            text = text.replacing(system, with: "‹system prompt›")
        }
        return String(text.prefix(Failure.messageLengthMax))
    }

    /// A prompt shorter than this may stand in a provider's words by chance.
    static let promptEchoBytesMin = 24

    func redacted(_ text: String) -> String {
        guard let key = key?.exposed, key.utf8.count >= 4 else { return text }
        return text.replacing(key, with: "‹key›")
    }

    /// The body as it is kept with a failure.
    func kept(_ body: UnsafeBufferPointer<UInt8>) -> String {
        let room = Failure.bodyBytesMax + (key?.exposed.utf8.count ?? 0)
        let text = redacted(String(decoding: body.prefix(room), as: UTF8.self))
        return String(decoding: text.utf8.prefix(Failure.bodyBytesMax), as: UTF8.self)
    }
}
