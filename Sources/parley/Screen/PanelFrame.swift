import BatchExecutor
import ParleyCore
import UsageReport

/// One picture of the progress panel.
///
/// A pure function of the progress, the width and the colour, so that it can be tested without a terminal. Every line
/// fits the width: what there is no room for is left out from the right, the least important first.
enum PanelFrame {
    /// Narrower than this, a panel says nothing any more; lines are then wrapped by the terminal.
    static let widthMin = 24
    /// Wider panels are harder to read, not easier.
    static let widthMax = 100

    static func render(_ progress: RunProgress, title: String, width: Int, color: Bool) -> [String] {
        let width = min(max(width, widthMin), widthMax)
        let style = TextStyle(isColored: color)
        var lines = [
            Segments(headline(progress, title: title)),
            Segments(bar(progress, width: width)),
            Segments(counts(progress)),
            Segments(speed(progress)),
            Segments(money(progress)),
        ]
        if let words = waitingWords(progress) { lines.append(Segments([.init(words, .warning)])) }
        return lines.map { $0.fitted(to: width, style: style) }
    }

    private static func headline(_ progress: RunProgress, title: String) -> [Segment] {
        var segments = [Segment(progress.isStopping ? "stopping \(title)" : title, .strong)]
        if progress.isSimulated { segments.append(Segment("simulated answers", .warning)) }
        segments.append(Segment("running for \(Figures.duration(progress.elapsed))", .quiet))
        return segments
    }

    private static func bar(_ progress: RunProgress, width: Int) -> [Segment] {
        let finished = progress.done + progress.failed
        let all = progress.total
        let words =
            "\(Figures.wholePercent(finished, of: all))  \(Figures.grouped(finished)) of \(Figures.grouped(all))"
        let cells = max(4, width - words.count - 2)
        let filled = all > 0 ? cells * finished / all : 0
        let bad = all > 0 && progress.failed > 0 ? max(1, cells * progress.failed / all) : 0
        return [
            Segment(
                pieces: [
                    (String(repeating: "█", count: max(0, filled - bad)), .good),
                    (String(repeating: "█", count: min(bad, filled)), .bad),
                    (String(repeating: "░", count: cells - filled), .quiet),
                ]),
            Segment(words, .plain),
        ]
    }

    private static func counts(_ progress: RunProgress) -> [Segment] {
        [
            Segment("done \(Figures.grouped(progress.done))", .good),
            Segment("failed \(Figures.grouped(progress.failed))", progress.failed > 0 ? .bad : .plain),
            Segment("running \(Figures.grouped(progress.running))", .plain),
            Segment("waiting \(Figures.grouped(progress.waiting))", .plain),
            progress.unknown > 0 ? Segment("unknown \(Figures.grouped(progress.unknown))", .warning) : nil,
            progress.retries > 0 ? Segment("retries \(Figures.grouped(progress.retries))", .plain) : nil,
        ].compactMap { $0 }
    }

    private static func speed(_ progress: RunProgress) -> [Segment] {
        [
            Segment("\(Figures.compact(progress.requestsPerMinute)) req/min", .plain),
            Segment("\(Figures.compact(progress.tokensPerMinute)) tok/min", .plain),
            timeLeft(progress).map { Segment($0, .plain) },
            Segment(
                "cache \(Figures.wholePercent(progress.usage.cacheRead, of: progress.usage.inputTotal))",
                .plain),
        ].compactMap { $0 }
    }

    /// Less than a second is not worth a word.
    private static func timeLeft(_ progress: RunProgress) -> String? {
        progress.timeLeft.flatMap { $0 < .seconds(1) ? nil : "\(Figures.duration($0)) left" }
    }

    private static func money(_ progress: RunProgress) -> [Segment] {
        let amount = MoneyText(for: [progress.cost])
        var segments = [Segment("cost \(costText(progress))", .strong)]
        if let projected = progress.projectedCost, !progress.isStopping {
            segments.append(Segment("about \(amount.text(projected)) at the end", .plain))
        }
        return segments
    }

    private static func waitingWords(_ progress: RunProgress) -> String? {
        if progress.isStopping {
            return
                "waits for \(Figures.count(progress.running, "answer")) in the air; Ctrl-C again stops at once"
        }
        return progress.waitingFor.map { "waits for \($0)" }
    }

    private static func costText(_ progress: RunProgress) -> String {
        BilledUsage(cost: progress.cost, unpriced: progress.unpriced).costText(
            MoneyText(for: [progress.cost]))
    }

    /// The same in one line, for a log or a pipe.
    static func line(_ progress: RunProgress) -> String {
        let finished = progress.done + progress.failed
        var words = ["\(Figures.grouped(finished)) of \(Figures.grouped(progress.total)) finished"]
        if progress.failed > 0 { words.append("\(Figures.grouped(progress.failed)) failed") }
        words.append("\(Figures.grouped(progress.running)) running")
        words.append("\(Figures.compact(progress.requestsPerMinute)) req/min")
        words.append("\(Figures.compact(progress.tokensPerMinute)) tok/min")
        words.append("cache \(Figures.wholePercent(progress.usage.cacheRead, of: progress.usage.inputTotal))")
        words.append("cost \(costText(progress))")
        if let left = timeLeft(progress) { words.append(left) }
        if let waiting = waitingWords(progress) { words.append(waiting) }
        if progress.isSimulated { words.append("simulated answers") }
        return words.joined(separator: " · ")
    }
}

extension RunProgress {
    /// All jobs that the run knows of.
    var total: Int { done + failed + unknown + running + waiting }
}
