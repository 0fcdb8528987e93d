import CLineEditor
import Foundation
import Synchronization

/// Reads what a person writes on a terminal, with keys to edit it, a history and completion: libedit, where the system has it.
///
/// Enter sends; Alt-Enter and Ctrl-J begin a new line; what is pasted is text, its line ends too. From its making to ``close()``
/// the terminal belongs to it: nothing that is typed between two lines is shown, and all of it is kept for the next one.
/// Ctrl-C is a signal then, and a key while a line is read: it clears the line. The terminal is as it was when the program
/// ends, also by a signal.
final class LineEditor: LineReader {
    /// Where libedit is found: Debian and Ubuntu, other Linux, macOS.
    static let libraries = ["libedit.so.2", "libedit.so.0", "libedit.3.dylib", "libedit.dylib"]

    private struct State {
        // The C editor is used by the thread that reads; others stop it or close it under the lock.
        nonisolated(unsafe) var editor: OpaquePointer?
        var isReading = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let questions: Questions
    private let history: PromptHistory

    /// Nil where there is no libedit, no terminal, or no locale that knows UTF-8: ``PlainLineReader`` will do then.
    ///
    /// - Parameters:
    ///   - complete: what a Tab comes to, by the text before the cursor; asked on the thread that reads.
    ///   - libraries: names for the system's loader, in the order in which they are tried.
    init?(
        input: Int32 = STDIN_FILENO, output: Int32 = STDERR_FILENO,
        history: PromptHistory = PromptHistory(path: nil),
        complete: @escaping @Sendable (String) -> LineCompletion? = { _ in nil },
        libraries: [String] = LineEditor.libraries
    ) {
        let questions = Questions(complete: complete)
        let names = libraries.map { strdup($0) }
        defer { for name in names { free(name) } }
        let opened = (names.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer {
            line_editor_open(
                $0.baseAddress, input, output, Int32(PromptHistory.entriesMax), questions.asked)
        }
        guard let opened else { return nil }
        self.questions = questions
        self.history = history
        for entry in history.load() { line_editor_remember(opened, entry) }
        state = Mutex(State(editor: opened))
    }

    deinit { close() }

    /// Reads on a thread of its own, so that no task is held up.
    func read(prompt: String) async -> LineInput {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: self.readBlocking(prompt: prompt)) }
            }
        } onCancel: {
            stop()
        }
    }

    /// Reads on this thread.
    func readBlocking(prompt: String) -> LineInput {
        let editor = state.withLock { state -> OpaquePointer? in
            precondition(!state.isReading, "One line is read at a time.")
            guard !state.isClosed, let editor = state.editor else { return nil }
            state.isReading = true
            return editor
        }
        guard let editor else { return .end }
        var text: UnsafeMutablePointer<CChar>?
        let outcome = line_editor_read(editor, prompt, &text)
        let written = text.map { String(cString: $0) }
        free(text)
        if let written { remember(written, editor) }
        state.withLock { state in
            state.isReading = false
            if state.isClosed { Self.release(&state) }
        }
        switch outcome {
        case LINE_READ: return .line(WrittenText.message(written ?? ""))
        case LINE_INTERRUPTED: return .interrupted
        default: return .end
        }
    }

    private func remember(_ entry: String, _ editor: OpaquePointer) {
        guard PromptHistory.keeps(entry) else { return }
        let isNew = questions.last.withLock { last in
            defer { last = entry }
            return last != entry
        }
        line_editor_remember(editor, entry)
        if isNew { history.add(entry) }
    }

    func stop() {
        state.withLock { state in
            if let editor = state.editor { line_editor_stop(editor) }
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            if state.isReading, let editor = state.editor {
                line_editor_stop(editor)
            } else {
                Self.release(&state)
            }
        }
    }

    private static func release(_ state: inout sending State) {
        if let editor = state.editor { line_editor_close(editor) }
        state.editor = nil
    }
}

/// Whoever answers what the C editor asks.
private final class Questions: Sendable {
    let complete: @Sendable (String) -> LineCompletion?
    /// The newest entry of the history.
    let last = Mutex("")

    init(complete: @escaping @Sendable (String) -> LineCompletion?) { self.complete = complete }

    /// The editor keeps a pointer to this object, which must live as long.
    var asked: line_editor_questions {
        line_editor_questions(
            context: Unmanaged.passUnretained(self).toOpaque(),
            goes_on: { _, text in
                text.flatMap { WrittenText.goesOn(String(cString: $0)) }.map { Int32($0) } ?? -1
            },
            complete: { context, before in
                let none = line_completion(deleted: -1, inserted: nil, listing: nil)
                guard let context, let before else { return none }
                let questions = Unmanaged<Questions>.fromOpaque(context).takeUnretainedValue()
                guard let found = questions.complete(String(cString: before)) else { return none }
                return line_completion(
                    deleted: Int32(clamping: found.replaced), inserted: strdup(found.inserted),
                    listing: found.listing.isEmpty
                        ? nil : strdup(found.listing.joined(separator: "\r\n")))
            })
    }
}
