/// How long each part of an exchange may take. Whatever is exceeded becomes a failure of kind `timedOut`.
///
/// The limits of the body are looked at every ``Watchdog/tick``, so they are exact to that.
public struct TimeLimits: Sendable, Hashable {
    /// Until the connection stands, TLS included.
    public var connect: Duration
    /// From the request to the answer's head. An answer that is not streamed has its head only when it is ready, so
    /// this is long: reasoning models think for minutes.
    public var firstByte: Duration
    /// Between two pieces of the body.
    public var idle: Duration
    /// For the exchange as a whole.
    public var total: Duration

    public static let connectDefault: Duration = .seconds(10)
    public static let firstByteDefault: Duration = .seconds(600)
    public static let idleDefault: Duration = .seconds(120)
    public static let totalDefault: Duration = .seconds(1800)

    public init(
        connect: Duration = connectDefault, firstByte: Duration = firstByteDefault,
        idle: Duration = idleDefault, total: Duration = totalDefault
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }

    /// Which of the limits was exceeded.
    public enum Exceeded: Sendable, Hashable {
        case connect, firstByte, idle, total
    }

    /// One sentence, with the limit's own figure.
    public func sentence(for exceeded: Exceeded) -> String {
        switch exceeded {
        case .connect: "no connection within \(Self.words(connect))"
        case .firstByte: "no answer within \(Self.words(firstByte))"
        case .idle: "the answer stopped in the middle: nothing came for \(Self.words(idle))"
        case .total: "the answer took longer than \(Self.words(total))"
        }
    }

    /// `600 s`, `250 ms`, `1.5 s`.
    static func words(_ duration: Duration) -> String {
        let milliseconds =
            duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = (milliseconds % 1000) / 100
        return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
    }
}
