import ParleyCore
import ProviderStack
import UsageReport

extension AnswerPrinter {
    /// The model may take its time: shorter than this, nothing is said of it.
    static let silenceToldAfter = Duration.seconds(1)

    /// The line that stands on a terminal until something comes; nil while the answer is written.
    func status(at now: Timestamp) -> String? {
        guard manner.hasStatus, !manner.isQuiet else { return nil }
        let words: String? =
            switch phase {
            case .idle, .writing: nil
            case .asked(let start): Self.told("waits for the answer", start, now)
            case .thinking(let start):
                manner.showsReasoning ? nil : "thinking \(Figures.duration(now.since(start)))"
            case .waiting(let wait): wait.words(at: now)
            case .running(let tool, let start):
                Self.told("\(VisibleText.line(tool, length: Self.toolTextLengthMax)) runs", start, now)
            }
        return words.map { "\($0) · Ctrl-C stops" }
    }

    private static func told(_ words: String, _ start: Timestamp, _ now: Timestamp) -> String? {
        let passed = now.since(start)
        return passed < silenceToldAfter ? nil : "\(words) · \(Figures.duration(passed))"
    }
}

extension PolicyWait {
    /// Zero where nobody knows.
    func left(at now: Timestamp) -> Duration { until.map { max(.zero, $0.since(now)) } ?? .zero }

    /// `waits 8 s for the rate limit`
    func words(at now: Timestamp) -> String {
        // Rounded up: it never says 0 s while it waits.
        let left = left(at: now)
        let time = left > .zero ? " \(Figures.duration(left + .milliseconds(499)))" : ""
        return switch reason {
        case .pace: "waits\(time) for the rate limit"
        case .pause: "waits\(time): \(model.provider) asked for a pause"
        case .concurrency: "waits\(time) for another request to end"
        case .retry(let kind): "waits\(time) to ask \(model) again (\(kind.rawValue))"
        }
    }
}
