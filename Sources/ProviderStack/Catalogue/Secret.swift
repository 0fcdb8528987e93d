/// A key that cannot be printed by accident.
///
/// Every way of turning it into text gives `‹secret›`; only ``exposed`` gives the key, so that a search for that word
/// finds each place where one leaves the process.
public struct Secret: Sendable, Hashable {
    /// The key itself: for a request's header, and for taking it out of what a provider echoes.
    public let exposed: String

    public init(_ key: String) { exposed = key }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "‹secret›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
