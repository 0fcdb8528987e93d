/// A row's number in one table; the type says of which.
public struct RowID<Table>: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let number: Int64

    public init(_ number: Int64) { self.number = number }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    public var description: String { String(number) }
}

/// The tables that the world outside the store names by number.
public enum Tables {
    public enum Attempts {}
    public enum Batches {}
    public enum Jobs {}
    public enum Messages {}
    public enum Prices {}
    public enum Sessions {}
    public enum ToolCalls {}
}

public typealias AttemptID = RowID<Tables.Attempts>
public typealias BatchID = RowID<Tables.Batches>
public typealias JobID = RowID<Tables.Jobs>
public typealias MessageID = RowID<Tables.Messages>
public typealias PriceID = RowID<Tables.Prices>
public typealias SessionID = RowID<Tables.Sessions>
public typealias ToolCallID = RowID<Tables.ToolCalls>
