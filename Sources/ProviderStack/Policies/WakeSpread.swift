public import ParleyCore

/// Over how long the requests that a provider has turned away are spread when they come back.
///
/// A plain value. Thirty workers that are told "in one second" would all be back in one second, and be turned away
/// again. So each adds a random part of ``width``, which doubles while the provider goes on refusing and shrinks while
/// it answers; many refusals within one width count as one, since they are of the same moment.
public struct WakeSpread: Sendable, Hashable {
    public static let widthMin = Duration.seconds(1)
    public static let widthMax = Duration.seconds(60)

    public private(set) var width = WakeSpread.widthMin
    private var changedAt: Timestamp?

    public init() {}

    public mutating func refused(at now: Timestamp) {
        guard let since = changedAt else {
            changedAt = now
            return
        }
        guard now.since(since) >= width else { return }
        width = min(width * 2, Self.widthMax)
        changedAt = now
    }

    public mutating func answered(at now: Timestamp) {
        guard width > Self.widthMin, let since = changedAt, now.since(since) >= width * 2 else { return }
        width = max(width / 2, Self.widthMin)
        changedAt = now
    }

    /// A wait of its own for each request.
    public func wait(random: inout some RandomNumberGenerator) -> Duration {
        .milliseconds(Int64.random(in: 0...width.milliseconds, using: &random))
    }
}
