import Foundation
import Synchronization

/// The only way to the terminal: results to standard output, talk and panels to standard error.
///
/// A panel stays at the bottom; whatever else is said appears above it.
final class Screen: Sendable {
    static let panelsPerSecondMax = 5
    static let plainLineEvery = Duration.seconds(5)

    let terminal: Terminal
    /// Says errors only.
    let isQuiet: Bool
    private let panel = Mutex<[String]>([])

    init(terminal: Terminal, isQuiet: Bool = false) {
        self.terminal = terminal
        self.isQuiet = isQuiet
    }

    var style: TextStyle { TextStyle(isColored: terminal.isColored) }

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
        panel.withLock { panel in
            Self.write(
                Array((Self.erasing(panel) + line + "\n" + Self.drawing(panel)).utf8), to: STDERR_FILENO)
        }
    }

    /// Puts a panel in the place of the last one.
    func show(panel lines: [String]) {
        guard !isQuiet else { return }
        panel.withLock { panel in
            guard panel != lines else { return }
            Self.write(Array((Self.erasing(panel) + Self.drawing(lines)).utf8), to: STDERR_FILENO)
            panel = lines
        }
    }

    /// Takes the panel away.
    func clearPanel() { show(panel: []) }

    /// Back to the panel's first line; what follows overwrites it, so that nothing flickers.
    private static func erasing(_ panel: [String]) -> String {
        panel.isEmpty ? "" : "\u{1B}[\(panel.count)A\r\u{1B}[J"
    }

    private static func drawing(_ panel: [String]) -> String {
        panel.map { $0 + "\u{1B}[K\n" }.joined()
    }

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
