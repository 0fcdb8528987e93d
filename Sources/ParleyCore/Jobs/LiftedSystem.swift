internal import OrderedCollections

/// A row's own long system prompt, which is stored apart from the row so that equal ones are stored once.
///
/// The ingest takes it out of the row and leaves `null` in its place; whoever shows the row or sends it puts it back.
/// The place is the row's `system` column, or the content of the first system message of its `messages` (in a line of an
/// OpenAI batch file: of its body's `messages`).
public enum LiftedSystem {
    /// Shorter prompts stay in their row: storing them apart would cost more than it saves.
    public static let bytesMin = 256

    /// The row as its file had it.
    ///
    /// A system turn without content is looked for first: no file can have one, so it is the mark of a lifted prompt,
    /// while a `system` column may well be null beside it.
    public static func restored(_ input: JSON, system: String?) -> JSON {
        guard let system, case .object(var members) = input else { return input }
        for (name, value) in members.elements {
            if name == "body", case .object(var body) = value,
                let messages = body["messages"].flatMap({ restored(messages: $0, system: system) })
            {
                body["messages"] = messages
                members[name] = .object(body)
                return .object(members)
            }
            if name.isSameColumn(as: "messages"), let messages = restored(messages: value, system: system) {
                members[name] = messages
                return .object(members)
            }
        }
        for (name, value) in members.elements where value.isNull && isSystemColumn(name) {
            members[name] = .string(system)
            return .object(members)
        }
        return input
    }

    /// Nil when no system turn lacks its content.
    private static func restored(messages: JSON, system: String) -> JSON? {
        guard case .array(var turns) = messages else { return nil }
        for (index, turn) in turns.enumerated() {
            guard case .object(var members) = turn, members["content"]?.isNull == true,
                isSystemRole(members["role"]?.stringValue)
            else { continue }
            members["content"] = .string(system)
            turns[index] = .object(members)
            return .array(turns)
        }
        return nil
    }

    /// The row without its long system prompt, and that prompt; nil when it has none that is long enough.
    public static func lifting(from input: JSON) -> (input: JSON, system: String)? {
        guard case .object(var members) = input else { return nil }
        for (name, value) in members.elements where isSystemColumn(name) {
            if case .string(let text) = value, text.utf8.count >= bytesMin {
                members[name] = .null
                return (.object(members), text)
            }
        }
        for (name, value) in members.elements {
            if name == "body", case .object(var body) = value, let messages = body["messages"],
                let lifted = lifting(fromMessages: messages)
            {
                body["messages"] = lifted.messages
                members[name] = .object(body)
                return (.object(members), lifted.system)
            }
            if name.isSameColumn(as: "messages"), let lifted = lifting(fromMessages: value) {
                members[name] = lifted.messages
                return (.object(members), lifted.system)
            }
        }
        return nil
    }

    private static func lifting(fromMessages messages: JSON) -> (messages: JSON, system: String)? {
        guard case .array(var turns) = messages else { return nil }
        for (index, turn) in turns.enumerated() {
            guard case .object(var members) = turn, isSystemRole(members["role"]?.stringValue) else {
                continue
            }
            guard let text = members["content"]?.stringValue, text.utf8.count >= bytesMin else { return nil }
            members["content"] = .null
            turns[index] = .object(members)
            return (.array(turns), text)
        }
        return nil
    }

    private static func isSystemRole(_ role: String?) -> Bool { role == "system" || role == "developer" }

    private static func isSystemColumn(_ name: String) -> Bool { name.isSameColumn(as: "system") }
}
