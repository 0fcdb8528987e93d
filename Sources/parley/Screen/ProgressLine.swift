import BatchExecutor
import ConversationStore
import ParleyCore
import UsageReport

/// Where a run stands in one line, for a log or a pipe.
enum ProgressLine {
    static func text(_ progress: RunProgress) -> String {
        let finished = progress.done + progress.failed
        let money = MoneyLine(progress)
        var words = ["\(Figures.grouped(finished)) of \(Figures.grouped(progress.total)) finished"]
        func add(_ word: String?) {
            if let word { words.append(word) }
        }
        if progress.failed > 0 { add("\(Figures.grouped(progress.failed)) failed") }
        if progress.unknown > 0 { add("\(Figures.grouped(progress.unknown)) unknown") }
        if progress.reused.answers > 0 { add("\(Figures.grouped(progress.reused.answers)) reused") }
        add("\(Figures.grouped(progress.running)) running")
        for meter in LimitText.meters(of: progress) { add(meter.text.singleSpaced) }
        add("cache \(Figures.wholePercent(progress.usage.cacheRead, of: progress.usage.inputTotal))")
        add(money.cost)
        add(money.projection)
        add(money.warning)
        add(progress.timeLeft.map { "\(RangeText.duration($0)) left" })
        add(progress.isStopping ? StopText.words(progress) : progress.waitingFor?.words)
        if progress.isSimulated { add("simulated answers") }
        return words.joined(separator: " · ")
    }
}

extension String {
    /// Without the spaces that keep columns steady.
    fileprivate var singleSpaced: String {
        split(separator: " ").joined(separator: " ")
    }
}
