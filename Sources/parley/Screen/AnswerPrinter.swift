import ConversationStore
import Conversations
import ParleyCore
import ProviderStack
import UsageReport

/// Puts what happens while a question is answered on a screen: the answer is a result, everything else is talk.
///
/// A plain value: it says what is to be written where, and ``AnswerShow`` writes it. An answer ends with one line end, however many
/// the model wrote. On a terminal, characters that would steer it are shown as signs; elsewhere every byte of an answer
/// is as it came.
struct AnswerPrinter: Sendable {
    /// A tool's arguments and results are cut there.
    static let toolTextLengthMax = 100
    /// Nothing is said of a shorter wait where there is no line that goes away again.
    static let waitToldMin = Duration.seconds(1)

    /// Where the pieces go, and what of them is wanted.
    struct Manner: Sendable, Equatable {
        /// Standard output is a terminal.
        var answerIsSeen = true
        /// Standard error is a terminal.
        var talkIsSeen = true
        /// There is a line that goes away again: ``AnswerPrinter/status(at:)``.
        var hasStatus = true
        var isColored = false
        /// What the model thinks is written too.
        var showsReasoning = true
        /// No talk but of what goes wrong.
        var isQuiet = false
        /// The answer is written as it comes, rather than when it is whole.
        var streams = true

        var style: TextStyle { TextStyle(isColored: isColored) }
        /// Both are on one screen, and share its lines.
        var isShared: Bool { answerIsSeen && talkIsSeen }
    }

    enum Piece: Sendable, Equatable {
        /// For standard output.
        case answer(String)
        /// For standard error; with its line ends.
        case talk(String)
    }

    /// What is under way, for the line that goes away again.
    enum Phase: Sendable, Equatable {
        case idle
        case asked(since: Timestamp)
        case thinking(since: Timestamp)
        case writing
        case waiting(PolicyWait)
        case running(tool: String, since: Timestamp)
    }

    let manner: Manner
    private(set) var phase = Phase.idle
    private var pieces: [Piece] = []
    private var visible = VisibleText()
    private var visibleReasoning = VisibleText()
    /// Line ends of the answer that are written only when more of it comes.
    private var heldLineEnds = ""
    /// What has come of the present answer, where it is not written as it comes.
    private var held = ""
    private var hasText = false
    private var isThinking = false
    /// Something stands on the screen's last line.
    private var isMidLine = false
    /// The last thing on the screen was reasoning: an empty line sets the answer apart.
    private var followsReasoning = false

    init(_ manner: Manner) { self.manner = manner }

    /// What is to be written for an event.
    mutating func add(_ event: ConversationEvent, at now: Timestamp) -> [Piece] {
        pieces = []
        switch event {
        case .stored: phase = .asked(since: now)
        case .continuing(let text): goOn(from: text)
        case .arrived(let event): arrive(event, now)
        case .beginsAnew: beginAnew(now)
        case .waits(let wait):
            phase = .waiting(wait)
            if !manner.hasStatus, wait.left(at: now) >= Self.waitToldMin { say(wait.words(at: now)) }
        case .fallsBack(let from, let to, let failure):
            warn("\(from) will not do (\(failure.message)); \(to) is asked instead")
            phase = .asked(since: now)
        case .notice(let sentence): warn(sentence)
        case .toolStarts(let call):
            let arguments = VisibleText.line(call.call.arguments.rawText, length: Self.toolTextLengthMax)
            say("runs \(VisibleText.line(call.call.name, length: Self.toolTextLengthMax)) \(arguments)")
            phase = .running(tool: call.call.name, since: now)
        case .toolEnds(let call, let result):
            let text = VisibleText.line(result.content, length: Self.toolTextLengthMax)
            let name = VisibleText.line(call.call.name, length: Self.toolTextLengthMax)
            result.isError ? warn("\(name) failed: \(text)") : say("\(name): \(text)")
            phase = .asked(since: now)
        case .answered(let answer):
            if !hasText, held.isEmpty, let text = answer.answer { write(text) }
            close()
        }
        return pieces
    }

    /// What is to be written when nothing more comes: after an answer, and after one that broke off.
    mutating func end() -> [Piece] {
        pieces = []
        close()
        return pieces
    }

    private mutating func arrive(_ event: CompletionEvent, _ now: Timestamp) {
        switch event {
        case .text(let text):
            if manner.streams { write(text) } else { held += text }
            phase = .writing
        case .reasoning(let text):
            if case .thinking = phase {} else { phase = .thinking(since: now) }
            think(text)
        case .warning(let sentence): warn(sentence)
        case .toolCallStarted: phase = .asked(since: now)
        case .toolArguments, .toolCallCompleted, .usage, .finished: break
        }
    }

    // MARK: The answer

    private mutating func write(_ text: String) {
        guard !text.isEmpty else { return }
        stopThinking()
        hasText = true
        // Line ends at its end wait: only one of them is written if nothing follows.
        let end = text.utf8.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let end else {
            heldLineEnds += text
            return
        }
        let next = text.utf8.index(after: end)
        put(heldLineEnds + text[..<next])
        heldLineEnds = String(text[next...])
    }

    private mutating func put(_ text: String) {
        if followsReasoning {
            if manner.isShared { talk("\n") }
            followsReasoning = false
        }
        pieces.append(.answer(manner.answerIsSeen ? visible.add(text) : text))
        if manner.answerIsSeen { isMidLine = true }
    }

    private mutating func goOn(from text: String) {
        guard !text.isEmpty else { return }
        hasText = true
        guard manner.answerIsSeen else {
            if manner.streams { pieces.append(.answer(text)) } else { held = text }
            return
        }
        pieces.append(.answer(manner.style.dim(visible.add(text))))
        isMidLine = !text.hasSuffix("\n")
    }

    private mutating func beginAnew(_ now: Timestamp) {
        phase = .asked(since: now)
        held = ""
        guard hasText || isThinking else { return }
        let hadText = hasText
        finishText()
        stopThinking()
        if hadText { warn("The answer broke off; what stands above counts no more, and it begins anew.") }
        hasText = false
    }

    /// Ends an answer.
    private mutating func close() {
        if !held.isEmpty {
            let text = held
            held = ""
            write(text)
        }
        stopThinking()
        finishText()
        phase = .idle
        hasText = false
        followsReasoning = false
    }

    /// One line end behind the text, if there is any.
    private mutating func finishText() {
        guard hasText else { return }
        hasText = false
        heldLineEnds = ""
        let rest = visible.end()
        // On a screen that they share, talk may have ended the line already.
        guard isMidLine || !manner.isShared || !rest.isEmpty else { return }
        pieces.append(.answer(rest + "\n"))
        if manner.answerIsSeen { isMidLine = false }
    }

    // MARK: Talk

    private mutating func think(_ text: String) {
        guard manner.showsReasoning, !manner.isQuiet, !text.isEmpty else { return }
        if !isThinking {
            toLineStart()
            talk(manner.style.dim("thinking") + "\n")
            isThinking = true
        }
        let shown = visibleReasoning.add(text)
        guard !shown.isEmpty else { return }
        talk(manner.style.dim(shown))
        if manner.talkIsSeen { isMidLine = !shown.hasSuffix("\n") }
    }

    private mutating func stopThinking() {
        guard isThinking else { return }
        isThinking = false
        let rest = visibleReasoning.end()
        if !rest.isEmpty { talk(manner.style.dim(rest)) }
        if isMidLine || !manner.talkIsSeen { talk("\n") }
        isMidLine = false
        followsReasoning = true
    }

    private mutating func say(_ line: String) {
        guard !manner.isQuiet else { return }
        toLineStart()
        talk(manner.style.dim(line) + "\n")
    }

    private mutating func warn(_ sentence: String) {
        toLineStart()
        talk(manner.style.yellow(VisibleText.line(sentence, length: Failure.messageLengthMax)) + "\n")
    }

    /// Talk begins on a line of its own where it shares a screen with the answer.
    private mutating func toLineStart() {
        if isThinking { stopThinking() }
        if isMidLine, manner.isShared {
            talk("\n")
            if heldLineEnds.hasPrefix("\n") { heldLineEnds.removeFirst() }
        }
        isMidLine = false
    }

    private mutating func talk(_ text: String) { pieces.append(.talk(text)) }
}
