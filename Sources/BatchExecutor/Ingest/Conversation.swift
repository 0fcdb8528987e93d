import OrderedCollections
import ParleyCore

/// The turns of a row, with the system prompt apart.
struct Conversation: Sendable, Hashable {
    var system: String?
    var messages: [Message]

    init(system: String? = nil, messages: [Message]) {
        self.system = system
        self.messages = messages
    }

    /// Reads messages in OpenAI's form: an array, or the JSON text of one (the cell of a table).
    ///
    /// The first system turn becomes the system prompt if it leads; later ones stay where they are. `developer` is
    /// OpenAI's newer word for `system`.
    init(reading value: JSON) throws(RowFault) {
        var turns: [Message] = []
        for (index, element) in try Self.elements(of: value).enumerated() {
            do throws(RowFault) {
                turns.append(try Message(openAI: element))
            } catch {
                throw RowFault("message \(index + 1): \(error.reason)")
            }
        }
        if let first = turns.first, first.role == .system {
            system = first.content
            turns.removeFirst()
        }
        guard turns.contains(where: { $0.role != .system }) else {
            throw RowFault("the messages hold no turn to answer")
        }
        messages = turns
    }

    private static func elements(of value: JSON) throws(RowFault) -> [JSON] {
        switch value {
        case .array(let elements): return elements
        case .string(let text):
            let parsed: JSON
            do throws(JSONSyntaxError) {
                parsed = try JSON(parsing: text)
            } catch {
                throw RowFault("the messages are no JSON: \(error)")
            }
            guard let elements = parsed.arrayValue else { throw notAnArray }
            return elements
        default: throw notAnArray
        }
    }

    private static let notAnArray = RowFault("messages must be an array of turns")
}

extension Message {
    /// One turn in OpenAI's form.
    init(openAI value: JSON) throws(RowFault) {
        guard case .object(let members) = value else {
            throw RowFault("a turn must be an object, this is \(value.kindName)")
        }
        let role = try Self.role(members["role"])
        let calls = try Self.toolCalls(members["tool_calls"])
        guard calls.isEmpty || role == .assistant else {
            throw RowFault("only an assistant's turn has tool_calls")
        }
        let content = try Self.content(members["content"])
        switch role {
        case .tool:
            guard let id = members["tool_call_id"]?.stringValue, !id.isEmpty else {
                throw RowFault("a tool's turn needs the tool_call_id that it answers")
            }
            self.init(role: .tool, content: content ?? "", toolCallID: id)
        case .assistant:
            self.init(
                role: .assistant, content: content ?? "",
                reasoning: members["reasoning_content"]?.stringValue,
                toolCalls: calls)
        case .system, .user:
            guard let content, !content.isBlank else { throw RowFault("the content is empty") }
            self.init(role: role, content: content)
        }
    }

    private static func role(_ value: JSON?) throws(RowFault) -> Role {
        guard let word = value?.stringValue else { throw RowFault("the role is missing") }
        if word == "developer" { return .system }
        guard let role = Role(rawValue: word) else {
            throw RowFault("there is no role '\(word.prefix(40))'; use system, user, assistant or tool")
        }
        return role
    }

    /// The text of a turn: a string, or the text parts of an array put together.
    private static func content(_ value: JSON?) throws(RowFault) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return text
        case .array(let parts):
            var text = ""
            for part in parts {
                guard part["type"] == "text", let piece = part["text"]?.stringValue else {
                    let kind = part["type"]?.stringValue ?? part.kindName
                    throw RowFault(
                        "a part of the content is of type '\(kind.prefix(40))'; parley sends text only")
                }
                text += piece
            }
            return text
        case let other?: throw RowFault("the content is \(other.kindName), not text")
        }
    }

    private static func toolCalls(_ value: JSON?) throws(RowFault) -> [ToolCall] {
        guard let value, !value.isNull else { return [] }
        guard let elements = value.arrayValue else { throw RowFault("tool_calls must be an array") }
        var calls: [ToolCall] = []
        for element in elements {
            guard let id = element["id"]?.stringValue, let name = element["function"]?["name"]?.stringValue
            else {
                throw RowFault("a tool call needs an id and a function with a name")
            }
            calls.append(
                ToolCall(id: id, name: name, arguments: .init(openAI: element["function"]?["arguments"])))
        }
        return calls
    }
}

extension ToolCall.Arguments {
    /// The arguments as OpenAI writes them, the text of a JSON object; objects are taken as well.
    init(openAI value: JSON?) {
        switch value {
        case .object(let object): self = .parsed(object)
        case .string(let raw):
            self = (try? JSON(parsing: raw))?.objectValue.map { .parsed($0) } ?? .invalid(raw: raw)
        default: self = .parsed([:])
        }
    }
}
