import Foundation
import Logging
import OrderedCollections
import ParleyCore
import Synchronization

/// The only way to the terminal: results to standard output, talk and panels to standard error.
///
/// A panel stays at the bottom; whatever else is said appears above it. With ``LogForm/json`` there is no panel, and whatever
/// is said becomes a line of JSON.
final class Screen: Sendable {
    static let panelsPerSecondMax = 5
    static let plainLineEvery = Duration.seconds(5)

    let terminal: Terminal
    /// Says errors only.
    let isQuiet: Bool
    let log: LogForm
    private let time: TimeSource
    private let panel = Mutex(PanelPlace())

    init(
        terminal: Terminal, isQuiet: Bool = false, log: LogForm = .text, time: TimeSource = .system
    ) {
        self.terminal = terminal
        self.isQuiet = isQuiet
        self.log = log
        self.time = time
    }

    var style: TextStyle { TextStyle(isColored: terminal.isColored) }

    /// Whether a panel can be shown.
    var hasPanel: Bool { terminal.isInteractive && log == .text && !isQuiet }

    /// Writes a result.
    func result(_ text: String) { result(bytes: Array(text.utf8)) }

    /// Writes a result that is bytes already.
    func result(bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

    /// Says something by the way; a quiet screen does not.
    func say(_ line: String) {
        if !isQuiet { tell(line) }
    }

    /// Says something that must be seen.
    func tell(_ line: String) {
        guard log == .text else { return write(EventLine(.message, ["message": .string(line)])) }
        panel.withLock { panel in
            Self.write(Array(panel.saying(line, width: terminal.width).utf8), to: STDERR_FILENO)
        }
    }

    /// Writes talk that is no whole line, after the panel was taken away; nothing where lines are JSON.
    func mutter(_ text: String) {
        if log == .text { Self.write(Array(text.utf8), to: STDERR_FILENO) }
    }

    /// Says why the program ends.
    func fail(_ sentence: String) {
        guard log == .json else { return tell(sentence) }
        let words = sentence.hasPrefix("parley: ") ? String(sentence.dropFirst("parley: ".count)) : sentence
        write(EventLine(.error, ["message": .string(words)]))
    }

    /// Writes an event, if events are asked for; a quiet screen takes warnings and errors only.
    ///
    /// - Parameter moment: when it happened; nil = now.
    func emit(_ line: @autoclosure () -> EventLine, at moment: Timestamp? = nil) {
        guard log == .json else { return }
        let line = line()
        if !isQuiet || line.level >= .warning { write(line, at: moment) }
    }

    /// One line is one write: it is there whatever becomes of the program, and no other line stands in it.
    private func write(_ line: EventLine, at moment: Timestamp? = nil) {
        let bytes = Array(line.text(at: moment ?? time.now).utf8)
        panel.withLock { _ in Self.write(bytes, to: STDERR_FILENO) }
    }

    /// Puts a panel in the place of the last one.
    func show(panel lines: [String]) {
        guard hasPanel else { return }
        panel.withLock { panel in
            let size = (width: terminal.width, height: terminal.height)
            guard let text = panel.showing(lines, width: size.width, height: size.height) else { return }
            Self.write(Array(text.utf8), to: STDERR_FILENO)
        }
    }

    /// Takes the panel away.
    func clearPanel() { show(panel: []) }

    /// Somebody else has written on the terminal: what stands there stays, and the next panel comes below it.
    func leavePanel() { panel.withLock { $0 = PanelPlace() } }

    /// Writes all bytes. Whoever reads our output may have had enough: then the program ends as `head` expects it to.
    private static func write(_ bytes: [UInt8], to file: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if file == STDOUT_FILENO {
                exit(errno == EPIPE ? ExitStatus.brokenPipe.rawValue : ExitStatus.failed.rawValue)
            } else {
                return
            }
        }
    }
}
