import ArgumentParser
import ConversationStore
import Foundation

/// What sums are told apart by: `model,day`.
struct GroupingKeys: ExpressibleByArgument, Equatable, CustomStringConvertible {
    /// The beginnings that prompts share; sums by the hour know nothing of them.
    static let prefix = "prefix"

    let dimensions: [UsageQuery.Dimension]
    let names: [String]

    init(_ dimensions: [UsageQuery.Dimension]) {
        self.dimensions = dimensions
        names = dimensions.map(\.rawValue)
    }

    init?(argument: String) {
        names = argument.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        dimensions = names.compactMap { UsageQuery.Dimension(rawValue: $0) }
        let isKnown = names.allSatisfy {
            $0 == Self.prefix || UsageQuery.Dimension(rawValue: $0) != nil
        }
        guard isKnown, !names.isEmpty, Set(names).count == names.count else { return nil }
    }

    var hasPrefix: Bool { names.contains(Self.prefix) }

    /// Why they cannot be used for a report; nil when they can.
    func fault(in kind: Report.Kind) -> String? {
        guard hasPrefix else { return nil }
        if kind != .cache { return "--by prefix is for `parley report cache` only" }
        let wrong = dimensions.filter { $0 != .batch && $0 != .model }
        guard let first = wrong.first else { return nil }
        return "--by \(first.rawValue) does not go with prefix; write prefix, or batch,model,prefix"
    }

    var description: String { names.joined(separator: ",") }
    var defaultValueDescription: String { description }
}
