import BatchExecutor
import ConversationStore
import ParleyCore
import UsageReport

/// One picture of the progress panel.
///
/// A pure function of the progress, the width and the colour, so that it can be tested without a terminal. Every line
/// fits the width. What has no room beside its neighbours goes on to the next line. Numbers that grow keep a place as
/// wide as they can get, so that nothing beside them moves.
struct PanelFrame {
    /// Narrower than this, a panel says nothing any more; lines are then wrapped by the terminal.
    static let widthMin = 24
    /// Wider panels are harder to read, not easier.
    static let widthMax = 100

    let progress: RunProgress
    let title: String
    let width: Int
    let style: TextStyle

    static func render(_ progress: RunProgress, title: String, width: Int, color: Bool) -> [String] {
        let width = min(max(width, widthMin), widthMax)
        return PanelFrame(
            progress: progress, title: title, width: width, style: TextStyle(isColored: color)
        ).lines
    }

    private var lines: [String] {
        [headline.fitted(to: width, style: style), bar.fitted(to: width, style: style)]
            + counts.wrapped(to: width, style: style)
            + speed.wrapped(to: width, style: style)
            + limitLines
            + money.wrapped(to: width, style: style)
            + outlook.wrapped(to: width, style: style)
    }

    private var headline: Segments {
        let time = Figures.duration(progress.elapsed)
        return Segments([
            Segment(progress.isStopping ? "stopping \(title)" : title, .strong),
            progress.isSimulated ? Segment("simulated answers", .warning, short: "simulated") : nil,
            Segment("running for \(time)", .quiet, short: time),
        ])
    }

    private var bar: Segments {
        let finished = progress.done + progress.failed
        let all = progress.total
        let percent = Figures.wholePercent(finished, of: all).padded(to: 5)
        let words = "\(percent)  \(number(finished)) of \(Figures.grouped(all))"
        let isRoomy = words.count + 12 <= width
        let cells = width - 2 - (isRoomy ? words.count : percent.count)
        let filled = all > 0 ? cells * finished / all : 0
        let bad = all > 0 && progress.failed > 0 ? max(1, cells * progress.failed / all) : 0
        return Segments([
            Segment(
                pieces: [
                    (String(repeating: "█", count: max(0, filled - bad)), .good),
                    (String(repeating: "█", count: min(bad, filled)), .bad),
                    (String(repeating: "░", count: cells - filled), .quiet),
                ]),
            Segment(isRoomy ? words : percent),
        ])
    }

    private var counts: Segments {
        func count(_ label: String, _ count: Int, _ tone: Segment.Tone = .plain) -> Segment {
            Segment("\(label) \(number(count))", tone)
        }
        return Segments([
            count("done", progress.done, .good),
            count("failed", progress.failed, progress.failed > 0 ? .bad : .plain),
            count("running", progress.running), count("waiting", progress.waiting),
            progress.unknown > 0 ? count("unknown", progress.unknown, .warning) : nil,
            progress.retries > 0 ? Segment("retries \(Figures.grouped(progress.retries))") : nil,
            reused,
        ])
    }

    /// What was not asked again, and what it would have cost.
    private var reused: Segment? {
        guard progress.reused.answers > 0 else { return nil }
        let count = "reused \(Figures.grouped(progress.reused.answers))"
        return Segment("\(count) worth \(ReusedUsage(progress.reused).savingText)", .good, short: count)
    }

    /// A count of jobs, as wide as all of them.
    private func number(_ count: Int) -> String {
        Figures.grouped(count).padded(to: Figures.grouped(progress.total).count)
    }

    private var speed: Segments {
        let meters = LimitText.meters(of: progress)
        let share = Figures.wholePercent(progress.usage.cacheRead, of: progress.usage.inputTotal)
        return Segments(
            meters.map { Segment($0.text, short: $0.words) } + [Segment("cache \(share.padded(to: 5))")])
    }

    /// Model by model, where several are asked and there is room.
    private var limitLines: [String] {
        LimitTable(progress, width: width).lines.map { $0.fitted(to: width, style: style) }
    }

    private var money: Segments {
        let words = MoneyLine(progress)
        return Segments([
            Segment(words.cost, .strong, short: words.shortCost),
            words.projection.map { Segment($0, short: words.shortProjection) },
            words.warning.map { Segment($0, .warning) },
        ])
    }

    /// How long it may take, and what holds it up.
    private var outlook: Segments {
        if progress.isStopping {
            let short = "\(Figures.grouped(progress.running)) in the air"
            return Segments([
                Segment(StopText.words(progress), .warning, short: "\(short); Ctrl-C stops at once", short)
            ])
        }
        return Segments([
            progress.timeLeft.map { Segment("\(RangeText.duration($0)) left") },
            progress.waitingFor.map { Segment($0.words, .warning, short: $0.shortWords) },
        ])
    }
}

/// What a run that stops waits for.
enum StopText {
    static func words(_ progress: RunProgress) -> String {
        guard progress.running > 0 else { return "stops: nothing is in the air any more" }
        let time = progress.graceLeft.map { ", at most \(Figures.duration($0)) more" } ?? ""
        return
            "waits for \(Figures.count(progress.running, "answer")) in the air\(time); Ctrl-C stops at once"
    }
}
