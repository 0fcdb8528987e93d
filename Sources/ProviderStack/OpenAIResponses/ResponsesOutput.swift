import ParleyCore

/// The items of an answer while they come together.
///
/// The same item may be told four times: opened, in pieces, whole at its end, and once more in the last event; servers
/// leave out any of these. Whatever is whole therefore adds only what the pieces had not brought, so that nothing is lost
/// and nothing said twice. A whole answer is read as items that come at their end only.
struct ResponsesOutput: Sendable {
    enum Kind: Sendable, Hashable {
        case message, reasoning, call

        init?(item: JSON) {
            switch item["type"]?.stringValue {
            case "message": self = .message
            case "reasoning": self = .reasoning
            case "function_call": self = .call
            default: return nil
            }
        }
    }

    struct Item: Sendable, Hashable {
        let kind: Kind
        var index: Int?
        var id: String?
        /// The text, the reasoning, or a call's arguments as far as they have come.
        var text = ""
        var refusal = ""
        var callID: String?
        var name: String?
        var isAnnounced = false
        /// All of it has come.
        var isWhole = false
        /// The part of the summary that came last; nil where the thoughts themselves come instead of a summary.
        var part: Int?
        var phase: String?
        /// A reasoning item in the form in which it goes back.
        var sealed: JSON?
    }

    /// The most items of one answer, so that no answer can make the search for one endless; those beyond are not read.
    static let itemsMax = 1024

    var items: [Item] = []
    /// All that was said, in the order in which it came; a blank line between two message items.
    var text = ""
    var reasoning = ""
    /// A piece came for another message than the last: the order of ``text`` is not that of the items.
    var isMixed = false

    var refusal: String? {
        let words = items.map(\.refusal).joined()
        return words.isEmpty ? nil : words
    }

    var toolCalls: [ToolCall] {
        items.indices.filter { items[$0].kind == .call }.map { place in
            ToolCall(
                id: callID(at: place), name: items[place].name ?? "",
                arguments: .init(reading: items[place].text))
        }
    }

    /// The id by which a call is answered; the item's own, else `call_N`, where the server forgot to give one.
    func callID(at place: Int) -> String {
        items[place].callID ?? items[place].id
            ?? "call_\(items[..<place].count { $0.kind == .call })"
    }

    /// An item begins.
    mutating func open(_ item: JSON, at index: Int?) -> [CompletionEvent] {
        guard let kind = Kind(item: item) else { return [] }
        let name = ItemName(item: item, index: index)
        let known = items.firstIndex { $0.kind == kind && name.isExactly($0) }
        guard let place = known ?? append(kind, name) else { return [] }
        note(item, at: place)
        return kind == .call ? announce(at: place) : []
    }

    /// A piece of an item arrives.
    mutating func add(_ piece: String, to kind: Kind, event: JSON) -> [CompletionEvent] {
        guard let place = place(of: kind, for: ItemName(event: event)) else { return [] }
        switch kind {
        case .message: return say(piece, at: place)
        case .reasoning: return think(piece, part: nil, at: place)
        case .call: return argue(piece, at: place)
        }
    }

    /// A piece of the summary of what the model thought arrives.
    mutating func summarize(_ piece: String, event: JSON) -> [CompletionEvent] {
        guard let place = place(of: .reasoning, for: ItemName(event: event)) else { return [] }
        return think(piece, part: event["summary_index"]?.intValue ?? 0, at: place)
    }

    mutating func refuse(_ piece: String, event: JSON) {
        guard let place = place(of: .message, for: ItemName(event: event)) else { return }
        items[place].refusal += piece
    }

    /// A text part or a call's arguments are told whole.
    mutating func complete(_ whole: String, of kind: Kind, event: JSON) -> [CompletionEvent] {
        guard let place = place(of: kind, for: ItemName(event: event)) else { return [] }
        switch kind {
        case .message: return items[place].text.isEmpty ? say(whole, at: place) : []
        case .reasoning: return []
        case .call:
            note(event, at: place)
            return argue(whole: whole, at: place)
        }
    }

    /// An item is told whole.
    mutating func close(_ item: JSON, at index: Int?) -> [CompletionEvent] {
        guard let kind = Kind(item: item),
            let place = place(of: kind, for: ItemName(item: item, index: index))
        else { return [] }
        return finish(place: place, as: item)
    }

    /// All items are told once more at the end; some servers say them only here, others leave the list empty, and some
    /// give every item a new id, so that it is known by its rank alone.
    mutating func settle(_ output: [JSON]) -> [CompletionEvent] {
        var events: [CompletionEvent] = []
        var ranks: [Kind: Int] = [:]
        let output = output.prefix(Self.itemsMax)
        let names = output.map { ItemName(item: $0, index: nil) }
        for (item, name) in zip(output, names) {
            guard let kind = Kind(item: item) else { continue }
            let rank = ranks[kind, default: 0]
            ranks[kind] = rank + 1
            let known = items.indices.filter { items[$0].kind == kind }
            if let own = known.first(where: { name.isExactly(items[$0]) }) {
                events += finish(place: own, as: item)
            } else if rank < known.count, !names.contains(where: { $0.isExactly(items[known[rank]]) }) {
                events += finish(place: known[rank], as: item)
            } else if let place = append(kind, name) {
                events += finish(place: place, as: item)
            }
        }
        return events
    }
}
