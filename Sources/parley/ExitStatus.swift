/// What the program's end says to a script.
enum ExitStatus: Int32, Sendable {
    /// All that was asked for is done.
    case done = 0
    /// parley could not do it: a file that cannot be read, a database that is none.
    case failed = 1
    /// Finished, but some jobs failed.
    case jobsFailed = 2
    /// Stopped early with work left: the budget is reached, or no provider can be used.
    case stoppedEarly = 3
    /// The command line is wrong.
    case usage = 64
    /// Stopped by the end of its terminal; everything is kept.
    case hungUp = 129
    /// Stopped by Ctrl-C; everything is kept.
    case interrupted = 130
    /// Nobody reads the output any more.
    case brokenPipe = 141
    /// Stopped by SIGTERM; everything is kept.
    case terminated = 143
}

/// An end with a sentence: what went wrong and what helps.
struct CommandFailure: Error, Sendable, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ description: String, status: ExitStatus = .failed) {
        self.description = description
        self.status = status
    }

    /// The command line is wrong.
    static func usage(_ description: String) -> CommandFailure { CommandFailure(description, status: .usage) }
}
