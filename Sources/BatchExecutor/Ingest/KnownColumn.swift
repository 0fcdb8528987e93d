import OrderedCollections
import ParleyCore

/// The columns that mean something to parley; every other one is a variable of the template.
enum KnownColumn: String, CaseIterable, Sendable {
    case customID = "custom_id"
    case id
    case prompt, messages, system, model
    case maxTokens = "max_tokens"
    case temperature

    /// The column that a header names, whatever its case and the spaces around it.
    init?(header: some StringProtocol) {
        self.init(rawValue: header.trimmed.lowercased())
    }
}

extension JSONObject {
    /// The value of a column: the one of exactly that name, else the first that differs only in case or in the spaces
    /// around it.
    func column(_ name: String) -> JSON? {
        if let value = self[name] { return value }
        return elements.first { $0.key.isSameColumn(as: name) }?.value
    }

    /// The value of a known column; nil when it is missing, null or blank.
    func filled(_ column: KnownColumn) -> JSON? {
        switch self.column(column.rawValue) {
        case nil, .null: nil
        case .string(let text) where text.isBlank: nil
        case let value: value
        }
    }
}
