import ConversationStore
public import ParleyCore

/// What requests took and cost, as far as anybody has told.
public struct Bill: Sendable, Hashable {
    /// Requests that were answered, or failed and told what they used.
    public var requests = 0
    public var usage = Usage()
    /// Without what is unpriced.
    public var cost = Picodollars.zero
    /// Requests whose cost is not known because their model has no price.
    public var unpriced = 0
    /// Requests that were stopped, lost, or answered without figures: nobody has told what they took.
    public var untold = 0

    public init() {}

    /// The cost, if all of it is known.
    public var exactCost: Picodollars? { unpriced == 0 && untold == 0 ? cost : nil }

    public static func + (left: Bill, right: Bill) -> Bill {
        var sum = left
        sum.requests += right.requests
        sum.usage = left.usage + right.usage
        sum.cost += right.cost
        sum.unpriced += right.unpriced
        sum.untold += right.untold
        return sum
    }

    mutating func add(_ outcome: TurnSettlement.Outcome) {
        switch outcome {
        case .answered(let completion, let cost, _): add(completion.usage, cost)
        case .failed(let failure, let record, let part):
            if failure.usage != nil {
                add(failure.usage, record.cost)
            } else if !part.isEmpty {
                untold += 1
            }
        case .interrupted: untold += 1
        }
    }

    private mutating func add(_ usage: Usage?, _ cost: Picodollars?) {
        guard var usage else {
            untold += 1
            return
        }
        usage.reportedCost = nil
        requests += 1
        self.usage = self.usage + usage
        if let cost { self.cost += cost } else { unpriced += 1 }
    }
}
