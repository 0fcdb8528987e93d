public import OrderedCollections
public import ParleyCore

/// A prompt that is kept under a name, so that nobody has to write it twice.
///
/// Only the prompt has `{{variables}}`. The system prompt is the same for every row: that is what lets a provider's cache
/// pay.
public struct NamedPrompt: Sendable, Hashable {
    public enum Origin: String, Sendable, Hashable {
        case builtIn = "built-in"
        case settings
    }

    public let name: String
    /// What it is for, in a few words; empty where nobody said.
    public let summary: String
    public let system: String?
    public let prompt: String
    public let origin: Origin
    private let template: PromptTemplate

    /// Throws where a `{{` is not closed or names nothing.
    public init(
        name: String, summary: String = "", system: String? = nil, prompt: String, origin: Origin = .settings
    ) throws(TemplateError) {
        template = try PromptTemplate(parsing: prompt)
        self.name = name
        self.summary = summary
        self.system = system
        self.prompt = prompt
        self.origin = origin
    }

    /// What must be given, in the order of the first mention.
    public var variables: [String] { template.columns }

    /// The prompt with the values in it; braces in a value stay as they are. The error for a variable that has no value
    /// says which there are.
    public func filled(with values: JSONObject) throws(RowFault) -> String { try template.render(values) }
}

/// The prompts that can be named with `@name`: those that parley comes with and the user's own.
public struct PromptLibrary: Sendable, Hashable {
    private var prompts: OrderedDictionary<String, NamedPrompt>

    public init(_ prompts: [NamedPrompt] = []) {
        self.prompts = OrderedDictionary(prompts.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }

    public var all: [NamedPrompt] { Array(prompts.values) }
    public var names: [String] { Array(prompts.keys) }

    /// With the user's own; one of a built-in's name stands in its place.
    public func adding(_ own: [NamedPrompt]) -> PromptLibrary { PromptLibrary(all + own) }

    /// The prompt of that name, with or without its `@`; the error for an unknown one says what was probably meant, and
    /// what there is.
    public func prompt(named name: String) throws(PromptLibraryError) -> NamedPrompt {
        let bare = name.hasPrefix("@") ? String(name.dropFirst()) : name
        if let prompt = prompts[bare] { return prompt }
        throw PromptLibraryError(name: bare, nearest: NearestName.of(bare, among: names), known: names)
    }

    /// What somebody who writes this text means by it.
    ///
    /// `@name` is the prompt of that name. Any other text is itself; one that is to begin with an `@` is written with two.
    public func reading(_ text: String) throws(PromptLibraryError) -> Meaning {
        guard text.hasPrefix("@") else { return .text(text) }
        if text.hasPrefix("@@") { return .text(String(text.dropFirst())) }
        return .named(try prompt(named: text.trimmed.description))
    }

    public enum Meaning: Sendable, Hashable {
        case text(String)
        case named(NamedPrompt)
    }
}

/// There is no prompt of that name.
public struct PromptLibraryError: Error, Sendable, Hashable, CustomStringConvertible {
    public let name: String
    public let nearest: String?
    public let known: [String]

    public var description: String {
        let guess = nearest.map { "; did you mean '@\($0)'?" } ?? ""
        let listed = known.map { "@\($0)" }.joined(separator: ", ")
        let there = known.isEmpty ? "there are none" : "there are \(listed)"
        return "there is no prompt '@\(name.prefix(40))'\(guess) (\(there); "
            + "a text that begins with @ is written with two: @@…)"
    }
}

extension JobSheet {
    /// The sheet with the text of the prompt that it names; the sheet's own system prompt wins over the named one's.
    ///
    /// A batch keeps the text, not the name: its jobs mean the same however the settings change.
    public func naming(from library: PromptLibrary) throws(PromptLibraryError) -> JobSheet {
        guard let prompt else { return self }
        var sheet = self
        switch try library.reading(prompt) {
        case .text(let text): sheet.prompt = text
        case .named(let named):
            sheet.prompt = named.prompt
            sheet.system = sheet.system ?? named.system
        }
        return sheet
    }
}
