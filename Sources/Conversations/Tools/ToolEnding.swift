import ParleyCore

/// How a tool's command ended, and what it had written by then.
struct ToolEnding: Sendable, Hashable {
    enum Way: Sendable, Hashable {
        case exited(status: Int)
        case signalled(Int)
        /// Stopped, because it took longer than this.
        case timedOut(Duration)
        /// Nothing was run, for this reason.
        case notStarted(String)
    }

    /// Of what a failed command says on standard error so much is told, from its end.
    static let errorBytesMax = 4 << 10

    var way: Way
    var output = ""
    /// The end of what was written to standard error.
    var errors = ""
}

extension ToolEnding {
    /// What the model is told. Standard error belongs to failures only.
    func result(isProtected: Bool) -> ToolResult {
        guard let failure else { return ToolResult(content: output, isProtected: isProtected) }
        var parts = [failure]
        if !errors.isEmpty { parts.append("Standard error:\n\(errors)") }
        if !output.isEmpty { parts.append("Standard output:\n\(output)") }
        return ToolResult(
            content: parts.joined(separator: "\n\n"), isError: true, isProtected: isProtected)
    }

    private var failure: String? {
        switch way {
        case .exited(status: 0): nil
        case .exited(let status): "The command ended with exit status \(status)."
        case .signalled(let signal): "The command was ended by signal \(signal)."
        case .timedOut(let limit):
            "The command was stopped, because it had not ended after \(JSON.double(limit.seconds).text()) s. "
                + "It may have had an effect."
        case .notStarted(let reason): "The command could not be started: \(reason)."
        }
    }
}
