import Conversations
import Foundation
import ParleyCore
import Synchronization

/// Shows a conversation's events on the screen as they come.
final class AnswerShow: Sendable {
    static let statusEvery = Duration.milliseconds(200)

    private let screen: Screen
    private let time: TimeSource
    private let printer: Mutex<AnswerPrinter>

    /// - Parameters:
    ///   - showsReasoning: also where nobody watches; nil = only on a terminal.
    ///   - streams: the answer is written as it comes, rather than when it is whole.
    init(screen: Screen, time: TimeSource, showsReasoning: Bool? = nil, streams: Bool = true) {
        self.screen = screen
        self.time = time
        var manner = AnswerPrinter.Manner()
        manner.answerIsSeen = Terminal.isResultSeen
        manner.talkIsSeen = Terminal.isTalkSeen
        manner.hasStatus = screen.hasPanel
        manner.isColored = screen.terminal.isColored
        manner.isQuiet = screen.isQuiet
        manner.showsReasoning = (showsReasoning ?? manner.isShared) && screen.log == .text
        manner.streams = streams
        printer = Mutex(AnswerPrinter(manner))
    }

    /// Shows an event; from one thread at a time, in their order.
    func take(_ event: ConversationEvent) {
        if screen.log == .json, let line = EventLine(event, at: time.now) { screen.emit(line) }
        printer.withLock { write($0.add(event, at: time.now)) }
        showStatus()
    }

    /// Ends what is shown: also of an answer that broke off.
    func end() {
        printer.withLock { write($0.end()) }
        screen.clearPanel()
    }

    /// Does a piece of work with the line below it that says what is waited for.
    func following<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { end() }
        guard screen.hasPanel else { return try await work() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    try? await self.time.sleep(for: Self.statusEvery)
                    self.showStatus()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }

    private func showStatus() {
        guard screen.hasPanel else { return }
        printer.withLock { printer in
            let line = printer.status(at: time.now)
            screen.show(panel: line.map { [screen.style.dim($0.cut(to: screen.terminal.width - 1))] } ?? [])
        }
    }

    private func write(_ pieces: [AnswerPrinter.Piece]) {
        guard !pieces.isEmpty else { return }
        screen.clearPanel()
        for piece in pieces {
            switch piece {
            case .answer(let text): screen.result(text)
            case .talk(let text): screen.mutter(text)
            }
        }
    }
}
