/// What can go wrong with a request or its answer.
public enum SimulatedFault: String, Sendable, Hashable, CaseIterable {
    case internalError = "500"
    case unavailable = "503"
    /// Status 200, but no text.
    case empty
    /// A body that cannot be read from a point on: broken JSON, or a stream of broken lines.
    case malformed
    /// The connection ends inside the body.
    case cut
    /// The body stops, and nothing more comes until the connection is closed.
    case stall
    case unauthorized = "401"
    case notFound = "404"
    case requestTimeout = "408"
    case conflict = "409"
    /// A rate limit that does not say how long to wait.
    case rateLimited = "429"
    /// A rate limit with `retry-after-ms`.
    case rateLimitedMilliseconds = "429-ms"
    /// A rate limit with `retry-after` in seconds.
    case rateLimitedSeconds = "429-seconds"
    /// A rate limit with `retry-after` as an HTTP date.
    case rateLimitedDate = "429-date"
    /// The account has no money left, with the code that says so; in some dialects a 429 as well.
    case quota
    case badGateway = "502"
    /// Anthropic's own status for too much load.
    case overloaded = "529"
    /// The prompt is longer than the model takes, whatever its length.
    case context
    /// The provider's filter stops the answer before its first word.
    case filter
    /// The tokens run out in the reasoning, before any visible text.
    case length
    /// An answer that does not keep to the form that was asked for: a member of its schema is missing, or it is no JSON at all.
    /// One in no form is answered as ever.
    case invalid
    /// The connection is closed before the answer's head.
    case hangUp = "hang-up"

    /// The weights that `errorRate` alone stands for. No stalls: each would hold a caller up for as long as its time limits
    /// allow.
    public static let usualWeights: [SimulatedFault: Double] = [
        .internalError: 3, .unavailable: 3, .empty: 1, .malformed: 1, .cut: 1,
    ]
}

/// Where in an answer's body a `cut`, a `stall` or a `malformed` strikes.
///
/// In a whole body it is a byte. In a stream, `middle` is half-way through the pieces of the answer itself, so that text
/// has come where there are several, and broken lines go on from the point to the end: with `last`, only those
/// that say how the answer ended are broken.
public enum FaultPoint: String, Sendable, Hashable, CaseIterable {
    /// The head of the answer arrives, and no byte of its body.
    case first
    case middle
    /// All of the body but its last byte arrives.
    case last
}
