public import ParleyCore

/// Why a run cannot begin.
public enum RunError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A budget was set, but nobody knows what the model costs.
    case budgetWithoutPrice(ModelName)

    public var description: String {
        switch self {
        case .budgetWithoutPrice(let model):
            "a budget needs a price, and \(model) has none; import one with `parley prices import FILE`"
        }
    }
}
