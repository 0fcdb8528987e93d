import OrderedCollections
import ParleyCore

/// What the server keeps beside the engine: answers by idempotency key, and what it counts. A plain value.
struct SimulatorMemory: Sendable {
    /// The most answers that are kept for replay; the oldest go first.
    static let answersMax = 10_000
    /// The most keys that are remembered as seen.
    static let keysMax = 1_000_000

    private var answers: OrderedDictionary<String, SimulatedAnswer> = [:]
    private var keysSeen: Set<UInt64> = []
    private(set) var requests = 0
    private var byStatus: [Int: Int] = [:]
    private var faults: [SimulatedFault: Int] = [:]
    private var replays = 0
    private var repeatedKeys = 0
    private var usage = Usage()

    /// Counts a request that came in.
    mutating func received(key: String?) {
        requests += 1
        guard let key else { return }
        var hash = StableHash()
        hash.add(key)
        if keysSeen.contains(hash.value) {
            repeatedKeys += 1
        } else if keysSeen.count < Self.keysMax {
            keysSeen.insert(hash.value)
        }
    }

    /// The answer that was already given under that key.
    mutating func replay(of key: String?) -> SimulatedAnswer? {
        guard let key, let answer = answers[key] else { return nil }
        replays += 1
        return answer
    }

    /// Keeps an answer, and the tokens that it would be billed with.
    mutating func answered(_ answer: SimulatedAnswer, key: String?) {
        usage = usage + (answer.completion.usage ?? Usage())
        if let fault = answer.fault { faults[fault, default: 0] += 1 }
        // An answer without text is a failure of the provider's: asked again, it answers anew.
        guard let key, answer.fault?.takesText != true else { return }
        if answers.count >= Self.answersMax { answers.removeFirst(answers.count / 4) }
        var kept = answer
        kept.fault = nil
        answers[key] = kept
    }

    mutating func replied(status: Int) { byStatus[status, default: 0] += 1 }

    /// Counts a connection that was closed without an answer.
    mutating func hungUp() { faults[.hangUp, default: 0] += 1 }

    var stats: JSON {
        var statuses = JSONObject()
        for (status, count) in byStatus.sorted(by: { $0.key < $1.key }) {
            statuses[String(status)] = .int(count)
        }
        var faulty = JSONObject()
        for fault in SimulatedFault.allCases where faults[fault] != nil {
            faulty[fault.rawValue] = .int(faults[fault] ?? 0)
        }
        return [
            "simulated": true, "requests": .int(requests), "by_status": .object(statuses),
            "faults_in_answers": .object(faulty), "idempotent_replays": .int(replays),
            "repeated_idempotency_keys": .int(repeatedKeys),
            "billed": [
                "prompt_tokens": .int(usage.inputTotal), "cached_tokens": .int(usage.cacheRead),
                "cache_write_tokens": .int(usage.cacheWrite), "reasoning_tokens": .int(usage.reasoning),
                "completion_tokens": .int(usage.output),
            ],
        ]
    }
}
