import OrderedCollections
public import ParleyCore

/// The columns that a table of answers needs, found by looking at the answers once before writing them.
///
/// A table has to name its columns first, and rows of JSON need not all have the same. So `results --format csv` goes
/// over the batch twice: the first time it notes the names, the second time it writes. The order is that of the first
/// row; a name that only later rows have follows behind, in the order of its first appearance. For a batch that came from
/// a CSV this is exactly the header of the file.
///
/// The columns `object.<name>` come from the schema's properties if there is one, then from the answers' own members.
public struct AnswerColumns: Sendable, Hashable {
    /// More different names are not taken up; such rows are no table.
    public static let columnsMax = 16_384

    private(set) var input: OrderedSet<String> = []
    private(set) var object: OrderedSet<String> = []
    /// Some answer is a copy; only then is there a column that says which.
    private(set) var hasReused = false

    /// - Parameter schema: the schema of the batch, whose properties stand first.
    public init(schema: JSON? = nil) {
        object = OrderedSet(schema?["properties"]?.objectValue?.keys ?? [])
    }

    public mutating func add(_ answer: Answer) {
        if answer.isReused { hasReused = true }
        if let row = answer.input.objectValue { Self.add(row.keys, to: &input) }
        if let members = answer.object?.objectValue { Self.add(members.keys, to: &object) }
    }

    private static func add(_ names: OrderedSet<String>, to columns: inout OrderedSet<String>) {
        // Nearly always the rows are alike, and comparing the sets costs less than asking for each name.
        guard names != columns else { return }
        for name in names where columns.count < columnsMax { columns.append(name) }
    }
}
