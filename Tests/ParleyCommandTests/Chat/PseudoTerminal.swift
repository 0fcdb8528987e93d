import Foundation
import Synchronization

/// A terminal that a test types on. What is written on it is taken away at once, so that nobody waits for a reader.
final class PseudoTerminal: Sendable {
    /// How long something expected may take; only a test that fails waits that long.
    static let patience: TimeInterval = 20

    private let master: Int32
    /// The program's end.
    let file: Int32
    private let screen = Screen()

    private typealias Opening =
        @convention(c) (
            UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<CChar>?,
            UnsafePointer<termios>?, UnsafePointer<winsize>?
        ) -> Int32

    /// The C library's, or that of the library beside it; no Swift module declares it.
    private static let openpty: Opening? = {
        let libraries = [dlopen(nil, RTLD_NOW), dlopen("libutil.so.1", RTLD_NOW)]
        let symbol = libraries.lazy.compactMap { $0 }.compactMap { dlsym($0, "openpty") }.first
        return symbol.map { unsafeBitCast($0, to: Opening.self) }
    }()

    private final class Screen: Sendable {
        let condition = NSCondition()
        let text = Mutex<[UInt8]>([])
    }

    init(columns: UInt16 = 60, rows: UInt16 = 20) throws {
        // What is drawn depends on the terminal's kind, which a test run may lack.
        if ["", "dumb", "unknown"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "") {
            setenv("TERM", "xterm", 1)
        }
        var (master, file): (Int32, Int32) = (-1, -1)
        guard let openpty = Self.openpty, openpty(&master, &file, nil, nil, nil) == 0 else {
            throw POSIXError(.ENODEV)
        }
        self.master = master
        self.file = file
        resize(columns: columns, rows: rows)
        Thread.detachNewThread { [master, screen] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(master, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                screen.text.withLock { $0 += buffer[..<count] }
                screen.condition.withLock { screen.condition.broadcast() }
            }
            close(master)
        }
    }

    /// Ends the thread that reads: the other end is closed.
    func hangUp() { close(file) }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// All that was written so far.
    var written: String { screen.text.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Waits until something stands there; false when it does not come.
    func shows(_ text: String) -> Bool {
        let end = Date(timeIntervalSinceNow: Self.patience)
        return screen.condition.withLock {
            while !written.contains(text) {
                guard screen.condition.wait(until: end) else { return written.contains(text) }
            }
            return true
        }
    }

    /// Whether keys are echoed, and come line by line.
    var modes: (echoes: Bool, isByLine: Bool) {
        var modes = termios()
        _ = tcgetattr(file, &modes)
        return (modes.c_lflag & tcflag_t(ECHO) != 0, modes.c_lflag & tcflag_t(ICANON) != 0)
    }
}
