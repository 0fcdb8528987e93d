public import ParleyCore
import ProviderStack

/// What keeps the prompts of a batch from beginning alike, and what that costs: providers keep the beginning of a prompt, up
/// to the first word in which two prompts differ, and charge less for it the next time.
public struct PrefixAdvice: Sendable, Hashable {
    /// A long part of the prompt template that is the same in every row, and stands after a variable.
    public struct LatePart: Sendable, Hashable {
        /// The template's columns; the first of them stands in the way.
        public var columns: [String]
        /// Of the first one, in the template.
        public var place: TextPlace
        /// How long it is, in estimated tokens; where there are several such parts, all of them.
        public var tokens: Int
        /// How it begins.
        public var opening: String
        public var jobs: Int
        public var model: ModelName
        /// What moving it to the front would save for all jobs; nil = unpriced.
        public var saving: Picodollars?
    }

    /// A stamp, and in which text it stands.
    public struct Mark: Sendable, Hashable {
        public enum Source: Sendable, Hashable {
            /// The same for all rows.
            case system
            /// The rows' own system prompts, which differ in nothing else.
            case rowSystems
            /// The beginning of the prompt template, before its first variable.
            case template
        }

        public var source: Source
        public var stamp: PromptStamp
    }

    public var latePart: LatePart?
    public var marks: [Mark]

    public init(latePart: LatePart? = nil, marks: [Mark] = []) {
        self.latePart = latePart
        self.marks = marks
    }

    public var isEmpty: Bool { latePart == nil && marks.isEmpty }

    /// A shorter part is not worth a word.
    static let lateTokensMin = 256
    static let openingMax = 40
}

extension PrefixAdvice.LatePart {
    /// Nil when the template is laid out well, or moving would save nothing.
    ///
    /// - Parameters:
    ///   - system: the system prompt that all rows share.
    ///   - rules: of the model's cache.
    ///   - price: the model's; nil = unpriced.
    init?(
        template text: String, system: String?, jobs: Int, model: ModelName, rules: PromptCacheRules,
        price: Price?
    ) {
        guard jobs > 1, let template = try? PromptTemplate(parsing: text) else { return nil }
        var head = ""
        var late: [String] = []
        var columns: [String] = []
        for segment in template.segments {
            switch segment {
            case .column(let name): if !columns.contains(name) { columns.append(name) }
            case .text(let words) where columns.isEmpty: head += words
            case .text(let words): late.append(words)
            }
        }
        // Labels and punctuation between variables belong to them.
        late.removeAll { TokenEstimate.of($0).tokens < PrefixAdvice.lateTokensMin }
        guard !columns.isEmpty, let first = late.first else { return nil }
        let tokens = late.reduce(0) { $0 + TokenEstimate.of($1).tokens }
        let before = TokenEstimate.of(system ?? "").tokens + TokenEstimate.of(head).tokens
        let least = rules.tokensMin
        let gained = (before + tokens >= least ? before + tokens : 0) - (before >= least ? before : 0)
        guard gained > 0 else { return nil }
        let discount = price.map { $0.rates.input - ($0.rates.cacheRead ?? $0.rates.input) }
        if let discount, discount <= .zero { return nil }
        self.init(
            columns: columns,
            place: TextPlace(of: text.index(text.startIndex, offsetBy: head.count), in: text),
            tokens: tokens, opening: Self.opening(of: first), jobs: jobs, model: model,
            saving: discount.map { $0 * (gained * (jobs - 1)) })
    }

    private static func opening(of text: String) -> String {
        let line = text.trimmed.prefix { !$0.isNewline }
        return line.count <= PrefixAdvice.openingMax
            ? String(line) : line.prefix(PrefixAdvice.openingMax - 1).trimmed + "…"
    }
}
