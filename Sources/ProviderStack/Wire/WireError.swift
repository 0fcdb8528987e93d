/// Why an exchange ended without a whole answer, before anybody knows which model was asked.
enum WireError: Error, Sendable, Hashable {
    case cancelled
    case timedOut(TimeLimits.Exceeded)
    /// No connection, or it was closed before the answer's head; the reason is a sentence.
    case unreachable(String)
    /// The connection ended inside the answer's body.
    case broken(String)
    /// The answer is larger than parley takes.
    case tooLarge(bytesMax: Int)
}
