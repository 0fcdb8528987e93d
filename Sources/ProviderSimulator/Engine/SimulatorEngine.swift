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
    private var routing = CacheRouting()
    /// What is left of the limits just now.
    private(set) var limits: SimulatedLimits
    private var faultsMet: [UInt64: UInt64] = [:]

    public init(settings: SimulatorSettings) {
        self.settings = settings
        limits = SimulatedLimits(settings)
    }

    /// Outcome of a request that marks its prompt as a wire client would; see ``SimulatedQuestion``.
    public mutating func outcome(for request: CompletionRequest, at now: Timestamp) -> SimulatedOutcome {
        outcome(for: SimulatedQuestion(marking: request), at: now)
    }

    public mutating func outcome(for question: SimulatedQuestion, at now: Timestamp) -> SimulatedOutcome {
        do throws(SimulatedRefusal) {
            return outcome(for: try PreparedQuestion(question, settings: settings), at: now)
        } catch {
            return .refused(error)
        }
    }

    /// The part that depends on what was asked before, and when.
    mutating func outcome(for prepared: PreparedQuestion, at now: Timestamp) -> SimulatedOutcome {
        let (question, hash) = (prepared.question, prepared.hash)
        let (request, promptTokens) = (question.request, prepared.promptTokens)
        let model = request.model.model
        var (written, random) = (prepared.written, prepared.random)
        if let refusal = limits.take(input: promptTokens, output: written.tokens, model: model, at: now) {
            return .refused(refusal)
        }
        var fault = drawFault(for: hash.value)
        if let fault,
            let refusal = SimulatedRefusal(
                fault, model: model, promptTokens: promptTokens, settings: settings)
        {
            return .refused(refusal)
        }
        written.strike(fault)
        if fault == .invalid {
            // Nothing goes wrong on the way of such an answer.
            written.breakForm(of: request)
            fault = nil
        }
        let (latency, firstToken) = timing(&random)
        let use = cached(question, hash, prepared.rules, at: now, readyAt: now + firstToken)
        return .answered(
            SimulatedAnswer(
                completion: completion(written, to: request, promptTokens: promptTokens, use, hash.value),
                id: String(hash.value, radix: 36), pieces: Self.pieces(of: written.text), latency: latency,
                firstToken: firstToken, fault: fault, stopSequence: written.stopSequence,
                flavour: prepared.flavour))
    }

    /// What a count of the prompt's tokens gives.
    static func promptTokens(of request: CompletionRequest) -> Int { PromptText(of: request).tokens }

    private mutating func cached(
        _ question: SimulatedQuestion, _ hash: PromptHash, _ rules: CacheRules, at now: Timestamp,
        readyAt: Timestamp
    ) -> PromptCache.Use {
        guard !hash.prefixes.isEmpty else { return .init() }
        var room = StableHash()
        room.add(question.request.cacheKey ?? "")
        if rules.keepsLastPromptOnly { room.add(question.request.model.model) }
        if let limit = rules.requestsPerMinuteMax {
            room.add(routing.machine(for: hash.route ^ room.value, perMinute: limit, at: now))
        }
        return cache.use(
            PromptCache.Look(
                rules: rules, prefixes: hash.prefixes, marks: hash.marks, isLong: question.isLong,
                room: room.value, now: now, readyAt: readyAt))
    }

    private func completion(
        _ written: SimulatedText, to request: CompletionRequest, promptTokens: Int, _ use: PromptCache.Use,
        _ hash: UInt64
    ) -> Completion {
        let usage = Usage(
            inputUncached: max(0, promptTokens - use.read - use.written5m - use.written1h),
            cacheRead: use.read, cacheWrite5m: use.written5m, cacheWrite1h: use.written1h,
            output: written.tokens, reasoning: written.reasoningTokens)
        return Completion(
            text: written.text, reasoning: written.reasoning, toolCalls: written.toolCalls,
            finishReason: written.finishReason, model: request.model.model, usage: usage,
            requestID: "chatcmpl-sim\(String(hash, radix: 36))")
    }

    private func timing(_ random: inout SeededRandom) -> (latency: Duration, firstToken: Duration) {
        let swing = 1 + settings.latencyJitter * (2 * random.fraction() - 1)
        let latency = Duration.milliseconds(Int64((settings.latency.seconds * swing * 1000).rounded()))
        let firstToken = Int64(Double(latency.milliseconds) * settings.firstTokenShare)
        return (latency, .milliseconds(firstToken))
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
