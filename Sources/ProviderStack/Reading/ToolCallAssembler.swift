import ParleyCore

/// One piece of a tool call, as a chunk or a whole answer brings it.
struct ToolCallFragment: Sendable, Hashable {
    var index: Int?
    var id: String?
    var name: String?
    /// Raw text; an object is taken as its text (some servers send one).
    var arguments: String?

    init(index: Int? = nil, id: String? = nil, name: String? = nil, arguments: String? = nil) {
        self.index = index
        self.id = id.flatMap { $0.isEmpty ? nil : $0 }
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
        self.arguments = arguments
    }

    init(index: Int?, id: String?, function: JSON?) {
        let arguments: String? =
            switch function?["arguments"] {
            case .string(let text): text
            case .object(let members): JSON.object(members).text()
            default: nil
            }
        self.init(index: index, id: id, name: function?["name"]?.stringValue, arguments: arguments)
    }

    init(chunk call: JSON) {
        self.init(index: call["index"]?.intValue, id: call["id"]?.stringValue, function: call["function"])
    }

    /// A call of a whole answer stands for itself: its index is of no meaning.
    init(whole call: JSON) {
        self.init(index: nil, id: call["id"]?.stringValue, function: call["function"])
    }
}

/// Puts the pieces of tool calls together, by the rules that all providers' streams can be read with.
///
/// A piece belongs to the call that its index opened last. An id on an index that belongs to another id opens a new call
/// (Codex sends index 0 throughout); a piece without id and with an unknown index goes to the call opened last; a known
/// id finds its own call whatever its index; a call without id becomes `call_N`.
struct ToolCallAssembler: Sendable {
    struct Slot: Sendable, Hashable {
        var id: String
        /// Nil while the provider has told none.
        var providerID: String?
        var name = ""
        var arguments = ""
        var isAnnounced = false
    }

    private(set) var slots: [Slot] = []
    private var slotOfIndex: [Int: Int] = [:]

    var isEmpty: Bool { slots.isEmpty }

    /// The calls so far, with their arguments read.
    var calls: [ToolCall] {
        slots.map { ToolCall(id: $0.id, name: $0.name, arguments: .init(reading: $0.arguments)) }
    }

    /// Takes a piece in and gives the events that it makes.
    mutating func add(_ fragment: ToolCallFragment) -> [CompletionEvent] {
        let slot = slot(for: fragment)
        if let id = fragment.id, slots[slot].providerID == nil {
            slots[slot].providerID = id
            if !slots[slot].isAnnounced { slots[slot].id = id }
        }
        if let name = fragment.name, slots[slot].name.isEmpty { slots[slot].name = name }
        var events: [CompletionEvent] = []
        if !slots[slot].isAnnounced, !slots[slot].name.isEmpty {
            slots[slot].isAnnounced = true
            events.append(.toolCallStarted(id: slots[slot].id, name: slots[slot].name))
        }
        if let arguments = fragment.arguments, !arguments.isEmpty {
            slots[slot].arguments += arguments
            events.append(.toolArguments(id: slots[slot].id, fragment: arguments))
        }
        return events
    }

    private mutating func slot(for fragment: ToolCallFragment) -> Int {
        if let id = fragment.id {
            if let own = slots.firstIndex(where: { $0.providerID == id }) { return own }
            if let index = fragment.index, let slot = slotOfIndex[index], slots[slot].providerID == nil {
                return slot
            }
            return open(at: fragment.index)
        }
        if let index = fragment.index, let slot = slotOfIndex[index] {
            return startsAnew(fragment, after: slots[slot]) ? open(at: index) : slot
        }
        if fragment.name != nil || slots.isEmpty { return open(at: fragment.index) }
        return slots.count - 1
    }

    /// Servers that send neither ids nor indices repeat index 0 for each call, with its name and whole arguments.
    private func startsAnew(_ fragment: ToolCallFragment, after slot: Slot) -> Bool {
        guard fragment.name != nil, !slot.name.isEmpty, !slot.arguments.isEmpty else { return false }
        return (try? JSON(parsing: slot.arguments)) != nil
    }

    private mutating func open(at index: Int?) -> Int {
        slots.append(Slot(id: "call_\(slots.count)"))
        if let index { slotOfIndex[index] = slots.count - 1 }
        return slots.count - 1
    }
}
