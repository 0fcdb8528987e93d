/// Why an exchange ended without a whole answer, before anybody knows which model was asked.
enum WireError: Error, Sendable, Hashable {
    case cancelled
    case timedOut(TimeLimits.Exceeded)
    /// No connection; the reason is a sentence, as for the others.
    case unreachable(String)
    /// The connection was closed before the answer's head: the provider may have had the request.
    case hungUp(String)
    /// The connection ended inside the answer's body.
    case broken(String)
    /// The answer is larger than parley takes.
    case tooLarge(bytesMax: Int)
}

extension WireError {
    /// Whether it is certain that the provider never had the request.
    var isUnsent: Bool {
        switch self {
        case .unreachable, .timedOut(.connect): true
        case .cancelled, .timedOut, .hungUp, .broken, .tooLarge: false
        }
    }
}
