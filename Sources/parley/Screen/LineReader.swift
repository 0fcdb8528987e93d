/// What came of reading a line.
enum LineInput: Sendable, Equatable {
    /// What was written, in one or more lines, without the end of the last one.
    case line(String)
    /// Ctrl-C where nothing was written.
    case interrupted
    /// Ctrl-D where nothing was written, the end of the input, or a reader that was stopped.
    case end
}

/// Whoever reads what a person writes.
protocol LineReader: Sendable {
    /// Waits for a line; a task that is cancelled meanwhile stops the reader and gets `.end`. One line is read at a time.
    func read(prompt: String) async -> LineInput

    /// Ends the reading that is under way and all later ones.
    func stop()

    /// Gives the terminal back. Nothing is read after.
    func close()
}
