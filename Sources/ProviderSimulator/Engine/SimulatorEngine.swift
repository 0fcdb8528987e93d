public import ParleyCore

/// Decides what the simulator answers: a plain value, without clock, task or connection.
///
/// Text, token counts, latency and faults depend on the seed and the request alone; how many tokens were cached depends
/// on what was asked before, and a rate limit on when. A request that met a fault is drawn anew when it comes again, so
/// that retrying helps.
public struct SimulatorEngine: Sendable {
    /// The most requests whose faults are remembered.
    static let faultyRequestsMax = 100_000
    /// A token of the simulated vocabulary, in words of an answer.
    static let piecesMax = 64

    public let settings: SimulatorSettings
    private var cache = PromptCache()
    private var limits: SimulatedLimits
    private var faultsMet: [UInt64: UInt64] = [:]

    public init(settings: SimulatorSettings) {
        self.settings = settings
        limits = SimulatedLimits(
            requestsPerMinute: settings.requestsPerMinute, tokensPerMinute: settings.tokensPerMinute)
    }

    /// The rate-limit headers that an answer carries just now.
    public var limitHeaders: [(name: String, value: String)] { limits.headers }

    public mutating func outcome(for request: CompletionRequest, at now: Timestamp) -> SimulatedOutcome {
        let model = request.model.model
        if !settings.models.isEmpty, !settings.models.contains(model) {
            return .refused(SimulatedRefusal(.unknownModel(model)))
        }
        let prompt = PromptText(of: request)
        if let limit = settings.contextTokensMax, prompt.tokens > limit {
            return .refused(SimulatedRefusal(.contextTooLong(prompt: prompt.tokens, limit: limit)))
        }
        let hash = hash(of: request, prompt: prompt)
        var random = SeededRandom(seed: hash)
        var written = SimulatedAuthor.answer(to: request, random: &random)
        written.limit(toTokens: request.maxTokens)
        if let refusal = limits.take(tokens: prompt.tokens + written.tokens, model: model, at: now) {
            return .refused(refusal)
        }
        let fault = drawFault(for: hash)
        if let fault,
            let refusal = SimulatedRefusal(
                fault, model: model, promptTokens: prompt.tokens, settings: settings)
        {
            return .refused(refusal)
        }
        let cached = cache.read(prompt, model: model)
        return .answered(
            answer(
                written, to: request, prompt: prompt, cached: cached, hash: hash, fault: fault,
                random: &random))
    }

    private func answer(
        _ written: SimulatedText, to request: CompletionRequest, prompt: PromptText, cached: Int,
        hash: UInt64,
        fault: SimulatedFault?, random: inout SeededRandom
    ) -> SimulatedAnswer {
        var written = written
        written.strike(fault)
        let usage = Usage(
            inputUncached: prompt.tokens - cached, cacheRead: cached, output: written.tokens,
            reasoning: fault == .length ? written.tokens : 0)
        let completion = Completion(
            text: written.text, toolCalls: written.toolCalls, finishReason: written.finishReason,
            model: request.model.model, usage: usage, requestID: "chatcmpl-sim\(String(hash, radix: 36))")
        let swing = 1 + settings.latencyJitter * (2 * random.fraction() - 1)
        let latency = Duration.milliseconds(Int64((settings.latency.seconds * swing * 1000).rounded()))
        return SimulatedAnswer(
            completion: completion, pieces: Self.pieces(of: completion.text), latency: latency,
            firstToken: .milliseconds(Int64(Double(latency.milliseconds) * settings.firstTokenShare)),
            fault: fault)
    }

    private func hash(of request: CompletionRequest, prompt: PromptText) -> UInt64 {
        var hash = StableHash()
        hash.add(settings.seed)
        hash.add(request.model.model)
        for byte in prompt.bytes { hash.add(byte) }
        hash.add(UInt64(bitPattern: Int64(request.maxTokens ?? -1)))
        return hash.value
    }

    private mutating func drawFault(for hash: UInt64) -> SimulatedFault? {
        guard settings.errorRate > 0 else { return nil }
        let round = faultsMet[hash] ?? 0
        var random = SeededRandom(seed: hash ^ (round &* 0xD134_2543_DE82_EF95))
        guard random.fraction() < settings.errorRate else {
            faultsMet[hash] = nil
            return nil
        }
        if faultsMet.count >= Self.faultyRequestsMax { faultsMet.removeAll() }
        faultsMet[hash] = round + 1
        return Self.draw(settings.faults, random.fraction())
    }

    private static func draw(_ weights: [SimulatedFault: Double], _ fraction: Double) -> SimulatedFault? {
        let total = weights.values.reduce(0) { $0 + max(0, $1) }
        var rest = fraction * total
        for fault in SimulatedFault.allCases {
            rest -= max(0, weights[fault] ?? 0)
            if rest < 0 { return fault }
        }
        return nil
    }

    /// Words with the space before them; several to a piece where the text is long.
    static func pieces(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            if character == " ", !word.isEmpty {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        let size = max(1, (words.count + piecesMax - 1) / piecesMax)
        return stride(from: 0, to: words.count, by: size).map {
            words[$0..<min($0 + size, words.count)].joined()
        }
    }
}
