import ParleyCore

/// Why a row cannot become a request; its line is added by whoever read it.
public struct RowFault: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }

    public var description: String { reason }

    /// How many column names a message lists before it only counts the rest.
    static let columnsListedMax = 20

    /// The template names a column that the row lacks.
    static func missingColumn(_ name: String, available: [String]) -> RowFault {
        RowFault(
            "the prompt template names the column '\(name)', which is not there\(guess(name, among: available)); "
                + listed(available))
    }

    /// " (did you mean 'topic'?)", or nothing; two letters are near to too much.
    static func guess(_ name: String, among columns: [String]) -> String {
        guard name.count > 2, let nearest = NearestName.of(name, among: columns) else { return "" }
        return " (did you mean '\(nearest)'?)"
    }

    /// "the columns are: id, topic, question", cut to a readable length.
    static func listed(_ columns: [String]) -> String {
        if columns.isEmpty { return "there are no columns" }
        let shown = columns.prefix(columnsListedMax).joined(separator: ", ")
        let rest = columns.count - columnsListedMax
        return "the columns are: \(shown)\(rest > 0 ? " and \(rest) more" : "")"
    }
}
