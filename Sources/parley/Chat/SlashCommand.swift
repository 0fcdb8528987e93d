import ParleyCore

/// What is said to parley itself in a conversation, rather than to the model.
enum SlashCommand: Sendable, Equatable {
    case help
    /// Writes the conversation to a file; nil = one named after it.
    case save(String?)
    /// Goes on with another conversation; nil tells of this one.
    case session(SessionID?)
    /// Asks another model from now on; nil tells which one is asked.
    case model(ModelName?)
    case role(String?)
    case system(String?)
    case usage
    case retry
    /// Goes on with what broke off.
    case resume
    case undo
    /// Goes on in a copy that ends before the message at this position; nil = a copy of all.
    case fork(Int?)
    case offline
    /// To be asked later: when somebody can be reached again.
    case queue(String)
    /// Goes with the next message.
    case file(String)
    case tools
    case title(String)
    case quit
}

/// What a person wrote at the prompt means.
enum ChatLine: Sendable, Equatable {
    case message(String)
    case command(SlashCommand)
    /// It cannot be what was meant: one sentence says why and what to write.
    case problem(String)
    case nothing

    /// A text whose first character is a slash is a command, one that begins with two slashes a message that begins with
    /// one.
    init(_ text: String) {
        guard text.first == "/" else {
            self = text.allSatisfy(\.isWhitespace) ? .nothing : .message(text)
            return
        }
        guard !text.hasPrefix("//") else {
            self = .message(String(text.dropFirst()))
            return
        }
        let name = text.dropFirst().prefix { !$0.isWhitespace }
        let argument = text.dropFirst(1 + name.count).trimmed
        guard let entry = SlashCommandEntry.named(String(name)) else {
            self = .problem(Self.unknown(String(name)))
            return
        }
        self = Self.read(entry, argument)
    }

    private static func unknown(_ name: String) -> String {
        let asMessage = "to send a message that begins with a slash, write two: //\(name) …"
        if name.isEmpty { return "/ alone is no command; /help lists them; \(asMessage)" }
        if name.contains("/") { return "/\(name) is no command; \(asMessage)" }
        let near = NearestName.of(name, among: SlashCommandEntry.names)
        let hint = near.map { "did you mean /\($0)?" } ?? "/help lists them"
        return "there is no command /\(name); \(hint) (\(asMessage))"
    }

    private static func read(_ entry: SlashCommandEntry, _ argument: String) -> ChatLine {
        switch (entry.argument, argument.isEmpty) {
        case (.none, false):
            return .problem("/\(entry.name) takes nothing behind it; write /\(entry.name) alone")
        case (.required(let word), true):
            return .problem("/\(entry.name) needs \(word): /\(entry.name) \(word)")
        default: break
        }
        guard let command = entry.make(argument.isEmpty ? nil : argument) else {
            return .problem("/\(entry.name): \(argument) is not \(entry.wanted)")
        }
        return .command(command)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
