public import ParleyCore

/// What was found out about a provider before anything is asked of it.
public struct PreflightReport: Sendable, Hashable {
    public struct Step: Sendable, Hashable {
        public enum Name: String, Sendable, Hashable {
            case reachable, key, model
        }

        public enum Outcome: String, Sendable, Hashable {
            case passed
            /// Could not be found out; a request may well be answered.
            case unclear
            case failed
        }

        public var name: Name
        public var outcome: Outcome
        /// A few words: what was found, or what helps. Never a key.
        public var words: String
        /// Nil for a step that took no exchange of its own.
        public var time: Duration?

        public init(_ name: Name, _ outcome: Outcome, _ words: String, time: Duration? = nil) {
            self.name = name
            self.outcome = outcome
            self.words = words
            self.time = time
        }
    }

    public var provider: ProviderName
    /// Where it was asked, or nil where it answers in process.
    public var baseURL: String?
    /// In the order in which they were taken; what comes after a failed one is missing.
    public var steps: [Step]

    public init(provider: ProviderName, baseURL: String?, steps: [Step] = []) {
        self.provider = provider
        self.baseURL = baseURL
        self.steps = steps
    }

    /// Whether nothing stands against asking it.
    public var isUsable: Bool { !steps.contains { $0.outcome == .failed } }
}

/// The models that a provider says it has.
public struct ModelList: Sendable, Hashable {
    public let names: [String]
    public let dialect: Dialect

    /// The most names that a sentence lists.
    static let listedMax = 12

    public init(_ names: [String], dialect: Dialect) {
        self.names = names
        self.dialect = dialect
    }

    /// Reads what a provider answered; nil for what is no list.
    ///
    /// OpenAI's family and Anthropic write `{"data": [{"id"}]}`, Together a bare array, Ollama `{"models": [{"name"}]}`.
    public init?(_ document: JSON, dialect: Dialect) {
        guard
            let entries = document["data"]?.arrayValue ?? document["models"]?.arrayValue
                ?? document.arrayValue
        else { return nil }
        let names = entries.compactMap { entry in
            entry["id"]?.stringValue ?? entry["name"]?.stringValue ?? entry["model"]?.stringValue
        }
        guard names.count == entries.count else { return nil }
        self.init(names, dialect: dialect)
    }

    /// The listed model that a name means; nil when there is none.
    ///
    /// An Ollama name without a tag means `:latest`; Gemini lists its models below `models/`; an alias without a date,
    /// such as Anthropic's, means the newest with one.
    public func match(_ model: String) -> String? {
        if names.contains(model) { return model }
        switch dialect {
        case .ollama:
            return model.contains(":") ? nil : names.first { $0 == "\(model):latest" }
        default:
            if names.contains("models/\(model)") { return "models/\(model)" }
            return names.filter { name in
                guard name.hasPrefix("\(model)-") else { return false }
                let date = name.dropFirst(model.count + 1).filter { $0 != "-" }
                return date.count == 8 && date.allSatisfy(\.isNumber)
            }.max()
        }
    }

    /// What to say of a model that is asked for.
    public func step(for model: String) -> PreflightReport.Step {
        if let match = match(model) {
            return .init(
                .model, .passed, match == model ? "\(model) is there" : "\(model) is there, as \(match)")
        }
        guard !names.isEmpty else {
            return .init(.model, .failed, "\(model) is not there: the list is empty")
        }
        let guess = NearestName.of(model, among: names).map { " (did you mean \($0)?)" } ?? ""
        let rest = names.count > Self.listedMax ? " and \(names.count - Self.listedMax) more" : ""
        let listed = names.sorted().prefix(Self.listedMax).joined(separator: ", ")
        return .init(.model, .failed, "\(model) is not there\(guess); there are \(listed)\(rest)")
    }
}
