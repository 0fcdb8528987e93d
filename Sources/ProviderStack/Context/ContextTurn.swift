import ParleyCore

/// A question and all that answered it: what is left out of a request together.
struct ContextTurn: Sendable, Hashable {
    /// Messages that cannot be parted: one alone, or calls with their results. By their place in the conversation.
    struct Unit: Sendable, Hashable {
        var places: [Int]
        var isKept: Bool
    }

    var units: [Unit]
    /// Whether the question stays; then its answers are left out one by one, else with it.
    var keepsQuestion: Bool

    /// The turns of a conversation, from the oldest on.
    static func all(in messages: [Message], recentMessages: Int) -> [ContextTurn] {
        let kept = kept(in: messages, recentMessages: recentMessages)
        var turns: [ContextTurn] = []
        for places in units(of: messages) {
            let unit = Unit(places: places, isKept: places.contains { kept.contains($0) })
            if messages[places[0]].role == .user || turns.isEmpty {
                let keepsQuestion = messages[places[0]].role != .user || unit.isKept
                turns.append(ContextTurn(units: [unit], keepsQuestion: keepsQuestion))
            } else {
                turns[turns.count - 1].units.append(unit)
            }
        }
        return turns
    }

    /// The places of the messages that stay whatever happens.
    private static func kept(in messages: [Message], recentMessages: Int) -> Set<Int> {
        let recent = max(0, messages.count - recentMessages)
        var kept = Set(recent..<messages.count)
        for (place, message) in messages.enumerated() where message.role == .system || message.isProtected {
            kept.insert(place)
        }
        if let first = messages.firstIndex(where: { $0.role == .user }) { kept.insert(first) }
        let questions = messages.indices.filter { messages[$0].role == .user }
        // The question that the recent messages answer, and the last one of all.
        if let question = questions.last(where: { $0 <= recent }) { kept.insert(question) }
        if let last = questions.last { kept.insert(last) }
        return kept
    }

    /// Calls and their results together, even where something else stands between them; a repeated id belongs to the calls
    /// before it that are nearest.
    private static func units(of messages: [Message]) -> [[Int]] {
        var units: [[Int]] = []
        var unitOfCall: [String: Int] = [:]
        for (place, message) in messages.enumerated() {
            if message.role == .tool, let id = message.toolCallID, let unit = unitOfCall[id] {
                units[unit].append(place)
                continue
            }
            units.append([place])
            for call in message.toolCalls { unitOfCall[call.id] = units.count - 1 }
        }
        return units
    }
}

/// The choice of what is left out.
struct ContextCut {
    let turns: [ContextTurn]
    /// Tokens of each message.
    let costs: [Int]
    private(set) var dropped: Set<Int> = []

    init(turns: [ContextTurn], costs: [Int]) {
        self.turns = turns
        self.costs = costs
    }

    /// Leaves out the oldest until no more than `target` is left, and gives what is left.
    mutating func drop(from tokens: Int, downTo target: Int) -> Int {
        var tokens = tokens
        for turn in turns where tokens > target {
            for unit in turn.units where !unit.isKept && (tokens > target || !turn.keepsQuestion) {
                for place in unit.places {
                    dropped.insert(place)
                    tokens -= costs[place]
                }
            }
        }
        return tokens
    }
}
