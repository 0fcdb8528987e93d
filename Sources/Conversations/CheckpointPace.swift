import ParleyCore

/// When what has come of an answer is stored: at the latest ``bytesMax`` after what was stored last, and never more than
/// ``interval`` after it came.
///
/// A plain value; the shell stores and tells it.
public struct CheckpointPace: Sendable, Hashable {
    public static let bytesMax = 2048
    /// Leaves time for the writing itself within 250 ms.
    public static let interval = Duration.milliseconds(200)

    /// That have come since the last storing.
    private(set) var bytes = 0

    public init() {}

    /// Something has come; true when it must be stored at once.
    public mutating func note(_ bytes: Int) -> Bool {
        self.bytes += bytes
        return self.bytes >= Self.bytesMax
    }

    /// Whether anything has come that is not stored.
    public var isDue: Bool { bytes > 0 }

    public mutating func stored() { bytes = 0 }
}
