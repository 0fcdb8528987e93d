import OrderedCollections
import ParleyCore

/// The content of an answer, put together block by block, whether it comes whole or in pieces.
struct AnthropicContent: Sendable {
    private(set) var text = ""
    private(set) var reasoning = ""
    private var assembler = ToolCallAssembler()
    private var blocks: [Block] = []
    /// Where the block with an index of the wire stands in ``blocks``.
    private var places: [Int: Int] = [:]

    private struct Block: Sendable {
        /// As it started.
        var start: JSONObject
        var kind: String
        /// Its text, its thinking, or the text of its input, whichever it has.
        var gathered = ""
        var isOpen = true
    }

    var toolCalls: [ToolCall] { assembler.calls }
    /// Nothing but texts and tool calls has come.
    var isPlain: Bool { blocks.allSatisfy { $0.kind == "text" || $0.kind == "tool_use" } }

    /// Takes in a block that may grow.
    mutating func start(_ block: JSON?, at index: Int?) -> [CompletionEvent] {
        guard case .object(let members)? = block, let kind = members["type"]?.stringValue else { return [] }
        let place = open(Block(start: members, kind: kind), at: index)
        switch kind {
        case "text": return add(text: members["text"]?.stringValue, at: place)
        case "thinking": return add(thinking: members["thinking"]?.stringValue, at: place)
        case "tool_use":
            return assembler.add(
                ToolCallFragment(
                    index: place, id: members["id"]?.stringValue, name: members["name"]?.stringValue))
        default: return []
        }
    }

    /// Takes in a piece of a block. A piece of an unknown kind is passed over.
    mutating func add(_ delta: JSON?, at index: Int?) -> [CompletionEvent] {
        guard let delta else { return [] }
        switch delta["type"]?.stringValue {
        case "text_delta": return add(text: delta["text"]?.stringValue, at: place(of: index, kind: "text"))
        case "thinking_delta":
            return add(
                thinking: delta["thinking"]?.stringValue, at: place(of: index, kind: "thinking"))
        case "signature_delta":
            let place = place(of: index, kind: "thinking")
            blocks[place].start["signature"] = delta["signature"]
            return []
        case "citations_delta":
            guard let citation = delta["citation"] else { return [] }
            let place = place(of: index, kind: "text")
            let known = blocks[place].start["citations"]?.arrayValue ?? []
            blocks[place].start["citations"] = .array(known + [citation])
            return []
        case "input_json_delta":
            guard let place = index.flatMap({ places[$0] }) ?? blocks.indices.last else { return [] }
            return add(input: delta["partial_json"]?.stringValue, at: place)
        default: return []
        }
    }

    /// Takes in a piece of a block that was read without a tree.
    mutating func add(_ delta: AnthropicDelta) -> [CompletionEvent] {
        switch delta.kind {
        case .text: return add(text: delta.piece, at: place(of: delta.index, kind: "text"))
        case .thinking: return add(thinking: delta.piece, at: place(of: delta.index, kind: "thinking"))
        case .input:
            guard let place = delta.index.flatMap({ places[$0] }) ?? blocks.indices.last else { return [] }
            return add(input: delta.piece, at: place)
        case nil: return []
        }
    }

    /// Ends a block. A tool's input that stood in its start alone is told now.
    mutating func stop(at index: Int?) -> [CompletionEvent] {
        guard let place = index.flatMap({ places[$0] }) ?? blocks.indices.last else { return [] }
        return stop(place: place)
    }

    /// Ends all blocks that are still open.
    mutating func finish() { for place in blocks.indices { _ = stop(place: place) } }

    private mutating func stop(place: Int) -> [CompletionEvent] {
        guard blocks[place].isOpen else { return [] }
        blocks[place].isOpen = false
        guard blocks[place].gathered.isEmpty else { return [] }
        switch blocks[place].start["input"] {
        case .object(let members) where !members.isEmpty:
            return add(input: JSON.object(members).text(), at: place)
        case .string(let text): return add(input: text, at: place)
        default: return []
        }
    }

    private mutating func open(_ block: Block, at index: Int?) -> Int {
        blocks.append(block)
        if let index { places[index] = blocks.count - 1 }
        return blocks.count - 1
    }

    /// The block that a piece belongs to; a new one where the server has not started any of that kind.
    private mutating func place(of index: Int?, kind: String) -> Int {
        if let place = index.flatMap({ places[$0] }) ?? blocks.indices.last, blocks[place].kind == kind {
            return place
        }
        return open(Block(start: ["type": .string(kind)], kind: kind), at: index)
    }

    private mutating func add(text piece: String?, at place: Int) -> [CompletionEvent] {
        guard let piece, !piece.isEmpty else { return [] }
        blocks[place].gathered += piece
        text += piece
        return [.text(piece)]
    }

    /// A blank line stands between the thoughts of two blocks.
    private mutating func add(thinking piece: String?, at place: Int) -> [CompletionEvent] {
        guard let piece, !piece.isEmpty else { return [] }
        let isNew = blocks[place].gathered.isEmpty && !reasoning.isEmpty
        blocks[place].gathered += piece
        let shown = isNew ? "\n\n" + piece : piece
        reasoning += shown
        return [.reasoning(shown)]
    }

    private mutating func add(input piece: String?, at place: Int) -> [CompletionEvent] {
        guard let piece, !piece.isEmpty else { return [] }
        blocks[place].gathered += piece
        // What the provider's own tools are given is not for the caller to run.
        guard blocks[place].kind == "tool_use" else { return [] }
        return assembler.add(ToolCallFragment(index: place, arguments: piece))
    }

    /// The blocks as a whole answer would have held them.
    ///
    /// Calls stand there with the ids and arguments that the caller is given.
    var wholeBlocks: [JSON] {
        var calls = toolCalls[...]
        return blocks.map { block in
            var members = block.start
            switch block.kind {
            case "text", "thinking": members[block.kind] = .string(block.gathered)
            case "tool_use":
                if let call = calls.popFirst() {
                    members["id"] = .string(call.id)
                    members["input"] = .object(call.arguments.object ?? [:])
                }
            default:
                if let input = try? JSON(parsing: block.gathered), case .object = input {
                    members["input"] = input
                }
            }
            return .object(members)
        }
    }
}
