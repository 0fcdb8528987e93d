import OrderedCollections
import ParleyCore

/// What an event says of the item that it is about.
struct ItemName: Sendable, Hashable {
    var id: String?
    var callID: String?
    var index: Int?

    init(item: JSON, index: Int?) {
        id = Self.text(item["id"])
        callID = Self.text(item["call_id"])
        self.index = index
    }

    init(event: JSON) {
        id = Self.text(event["item_id"])
        callID = Self.text(event["call_id"])
        index = event["output_index"]?.intValue
    }

    private static func text(_ value: JSON?) -> String? {
        value?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// By its id or its call's: a number may stand for several items (Codex sends 0 throughout).
    func isExactly(_ item: ResponsesOutput.Item) -> Bool {
        (id != nil && id == item.id) || (callID != nil && callID == item.callID)
    }

    /// Whether it can only be another item's.
    func contradicts(_ item: ResponsesOutput.Item) -> Bool {
        func differ<Value: Equatable>(_ one: Value?, _ other: Value?) -> Bool {
            one != nil && other != nil && one != other
        }
        return differ(callID, item.callID) || (differ(id, item.id) && differ(index, item.index))
    }
}

extension ResponsesOutput {
    /// The item that is meant: by its id, else the open one with that number (some servers change the id from event to
    /// event), else the one opened last; a new one where none will do, nil where there is no room for one.
    mutating func place(of kind: Kind, for name: ItemName) -> Int? {
        if let own = items.lastIndex(where: { $0.kind == kind && name.isExactly($0) }) { return own }
        func lastOpen(where fits: (Item) -> Bool) -> Int? {
            items.lastIndex { $0.kind == kind && !$0.isWhole && !name.contradicts($0) && fits($0) }
        }
        if let index = name.index, let own = lastOpen(where: { $0.index == index }) { return own }
        return lastOpen { _ in true } ?? append(kind, name)
    }

    mutating func append(_ kind: Kind, _ name: ItemName) -> Int? {
        guard items.count < Self.itemsMax else { return nil }
        items.append(Item(kind: kind, index: name.index, id: name.id, callID: name.callID))
        return items.count - 1
    }

    mutating func finish(place: Int, as item: JSON) -> [CompletionEvent] {
        note(item, at: place)
        items[place].isWhole = true
        switch items[place].kind {
        case .message:
            let parts = item["content"]?.arrayValue ?? []
            let refusal = parts.compactMap { $0["refusal"]?.stringValue }.joined()
            if !refusal.isEmpty { items[place].refusal = refusal }
            let whole = item["content"]?.stringValue ?? Self.texts(parts).joined()
            return say(Self.rest(of: whole, after: items[place].text), at: place)
        case .reasoning:
            if let seal = item["encrypted_content"]?.stringValue, !seal.isEmpty {
                items[place].sealed = Self.sealed(item, with: seal)
            }
            let rest = Self.rest(of: Self.thoughts(in: item), after: items[place].text)
            return think(rest, part: items[place].part, at: place)
        case .call: return argue(whole: Self.arguments(of: item), at: place)
        }
    }

    /// What an item says of itself beside its text. A call that the consumer has heard of keeps its id and name.
    mutating func note(_ item: JSON, at place: Int) {
        let name = ItemName(item: item, index: nil)
        items[place].id = name.id ?? items[place].id
        if let phase = item["phase"]?.stringValue { items[place].phase = phase }
        if items[place].isAnnounced { return }
        items[place].callID = name.callID ?? items[place].callID
        if let word = item["name"]?.stringValue, !word.isEmpty { items[place].name = word }
    }

    mutating func say(_ piece: String, at place: Int) -> [CompletionEvent] {
        guard !piece.isEmpty else { return [] }
        if place != items.lastIndex(where: { $0.kind == .message }) { isMixed = true }
        let gap = items[place].text.isEmpty && !text.isEmpty ? ResponsesTurn.separator : ""
        items[place].text += piece
        text += gap + piece
        return [.text(gap + piece)]
    }

    /// The parts of a summary are paragraphs. An item that tells both its thoughts and their summary is heard only once:
    /// by whichever comes first.
    mutating func think(_ piece: String, part: Int?, at place: Int) -> [CompletionEvent] {
        guard !piece.isEmpty else { return [] }
        var gap = ""
        if items[place].text.isEmpty {
            if !reasoning.isEmpty { gap = ResponsesTurn.separator }
        } else {
            guard (part == nil) == (items[place].part == nil) else { return [] }
            if part != items[place].part {
                gap = ResponsesTurn.separator
                items[place].text += gap
            }
        }
        items[place].part = part
        items[place].text += piece
        reasoning += gap + piece
        return [.reasoning(gap + piece)]
    }

    /// What came before the name was known is told once it is.
    mutating func announce(at place: Int) -> [CompletionEvent] {
        guard !items[place].isAnnounced, let name = items[place].name else { return [] }
        items[place].isAnnounced = true
        let id = callID(at: place)
        let started = CompletionEvent.toolCallStarted(id: id, name: name)
        let text = items[place].text
        return text.isEmpty ? [started] : [started, .toolArguments(id: id, fragment: text)]
    }

    mutating func argue(_ piece: String, at place: Int) -> [CompletionEvent] {
        guard items[place].isAnnounced else {
            items[place].text += piece
            return announce(at: place)
        }
        guard !piece.isEmpty else { return [] }
        items[place].text += piece
        return [.toolArguments(id: callID(at: place), fragment: piece)]
    }

    /// The whole arguments win over pieces that said something else.
    mutating func argue(whole: String, at place: Int) -> [CompletionEvent] {
        let events = argue(Self.rest(of: whole, after: items[place].text), at: place)
        if !whole.isEmpty { items[place].text = whole }
        return events
    }
}

extension ResponsesOutput {
    /// What of the whole has not come in pieces; nothing where the pieces said something else.
    static func rest(of whole: String, after pieces: String) -> String {
        guard whole.utf8.starts(with: pieces.utf8) else { return "" }
        return String(decoding: whole.utf8.dropFirst(pieces.utf8.count), as: UTF8.self)
    }

    private static func texts(_ parts: [JSON]) -> [String] {
        parts.compactMap { $0.stringValue ?? $0["text"]?.stringValue }.filter { !$0.isEmpty }
    }

    /// The summary, else the thoughts themselves, which servers of open models tell.
    private static func thoughts(in item: JSON) -> String {
        let summary = texts(item["summary"]?.arrayValue ?? [])
        if !summary.isEmpty { return summary.joined(separator: ResponsesTurn.separator) }
        return texts(item["content"]?.arrayValue ?? []).joined()
    }

    /// Text; an object is taken as its text (some servers send one).
    private static func arguments(of item: JSON) -> String {
        switch item["arguments"] {
        case .string(let text): text
        case .object(let members): JSON.object(members).text()
        default: ""
        }
    }

    /// What of a reasoning item goes back: `status` and empty members are refused as input.
    private static func sealed(_ item: JSON, with seal: String) -> JSON {
        var members: JSONObject = [
            "encrypted_content": .string(seal), "summary": item["summary"] ?? [], "type": "reasoning",
        ]
        if let id = item["id"]?.stringValue, !id.isEmpty { members["id"] = .string(id) }
        if members["summary"]?.arrayValue == nil { members["summary"] = [] }
        return .object(members)
    }
}
