import Foundation

/// What is known of the terminal on standard error.
struct Terminal: Sendable {
    /// Whether somebody sees it: panels are drawn, else plain lines are written.
    let isInteractive: Bool
    let isColored: Bool

    static let widthDefault = 80

    /// Looks at standard error. NO_COLOR (any text) and TERM=dumb turn colours off; TERM=dumb also the panel.
    static func current(environment: [String: String]) -> Terminal {
        let isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Terminal(isInteractive: isInteractive, isColored: isInteractive && !isPlain)
    }

    /// Whether somebody sees standard output.
    static var isResultSeen: Bool { isatty(STDOUT_FILENO) == 1 }
    /// The same of standard error, also where it is too dumb for a panel.
    static var isTalkSeen: Bool { isatty(STDERR_FILENO) == 1 }
    /// Whether somebody types: standard input is a terminal.
    static var isTypedAt: Bool { isatty(STDIN_FILENO) == 1 }

    static let heightDefault = 24

    /// The columns just now; a window may change.
    var width: Int { Self.size.map { Int($0.ws_col) } ?? Self.widthDefault }

    /// The lines just now.
    var height: Int { Self.size.map { Int($0.ws_row) } ?? Self.heightDefault }

    /// Nil where there is no window, or one of no size.
    private static var size: winsize? {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return size
    }
}
