import OrderedCollections
import ParleyCore

/// What the simulator says, before it is counted and cut.
struct SimulatedText: Sendable, Hashable {
    var text: String
    var toolCalls: [ToolCall] = []
    var finishReason: FinishReason = .stop
    /// What it thought before it spoke.
    var reasoning: String?
    /// The stop sequence that ended it.
    private(set) var stopSequence: String?
    /// What is counted instead of the text, where a fault took it.
    private var tokensUnseen: Int?
    private var isThoughtUnseen = false

    init(text: String, toolCalls: [ToolCall] = [], finishReason: FinishReason = .stop) {
        self.text = text
        self.toolCalls = toolCalls
        self.finishReason = finishReason
    }

    /// What a fault leaves of it that takes the text.
    mutating func strike(_ fault: SimulatedFault?) {
        guard let fault, fault.takesText else { return }
        // All tokens went into reasoning that nobody sees; else none was written.
        tokensUnseen = fault == .length ? tokens : 0
        isThoughtUnseen = fault == .length
        text = ""
        reasoning = nil
        toolCalls = []
        stopSequence = nil
        finishReason =
            switch fault {
            case .filter: .contentFilter
            case .length: .length
            default: .stop
            }
    }

    /// All that was written, the reasoning included.
    var tokens: Int {
        if let tokensUnseen { return tokensUnseen }
        return reasoningTokens + visibleTokens
    }

    var reasoningTokens: Int {
        isThoughtUnseen ? tokensUnseen ?? 0 : PromptText.tokens(in: reasoning?.utf8.count ?? 0)
    }

    private var visibleTokens: Int {
        let bytes = toolCalls.reduce(text.utf8.count) {
            $0 + $1.name.utf8.count + $1.arguments.rawText.utf8.count
        }
        return reasoning != nil && bytes == 0 ? 0 : max(1, PromptText.tokens(in: bytes))
    }

    /// Cuts the text to that many tokens, as a provider does; reasoning counts, and may leave nothing for the text.
    mutating func limit(toTokens limit: Int?) {
        guard let limit, toolCalls.isEmpty, tokens > limit else { return }
        let left = limit - reasoningTokens
        if reasoning != nil, left <= 0 {
            reasoning = reasoning.map { Self.cut($0, toTokens: limit) }
            text = ""
        } else {
            text = Self.cut(text, toTokens: max(1, left))
        }
        stopSequence = nil
        finishReason = .length
    }

    /// Leaves out what has been said already; a beginning of another answer changes nothing.
    mutating func goOn(from beginning: String) {
        guard text.hasPrefix(beginning) else { return }
        text = String(text.dropFirst(beginning.count))
        reasoning = nil
    }

    /// Ends the text before the first of the sequences that stands in it.
    mutating func stop(at sequences: [String]) {
        for sequence in sequences where !sequence.isEmpty {
            guard let range = text.firstRange(of: sequence) else { continue }
            text = String(text[..<range.lowerBound])
            stopSequence = sequence
        }
    }

    private static func cut(_ text: String, toTokens tokens: Int) -> String {
        var bytes = text.utf8.prefix(tokens * PromptText.bytesPerToken)
        while String(bytes) == nil { bytes = bytes.dropLast() }
        return String(bytes) ?? ""
    }
}

/// Writes the answers: what it knows, an object of the form that was asked for, a tool call, or prose.
enum SimulatedAuthor {
    /// Models with this word in their name think before they speak.
    static let thinkingName = "reasoner"

    static func answer(to request: CompletionRequest, random: inout SeededRandom) -> SimulatedText {
        let thinks = request.model.model.lowercased().contains(thinkingName)
        let reasoning = thinks ? "The question is read first. " + Prose.sentence(random: &random) : nil
        var answer = spoken(to: request, random: &random)
        answer.reasoning = reasoning
        return answer
    }

    /// Of a longer text only so much is read, from its end: that is where a question stands behind a document.
    private static let questionBytesMax = 4096

    private static func end(of text: String) -> String {
        guard text.utf8.count > questionBytesMax else { return text }
        return String(decoding: text.utf8.suffix(questionBytesMax), as: UTF8.self)
    }

    private static func spoken(to request: CompletionRequest, random: inout SeededRandom) -> SimulatedText {
        let question = end(of: request.messages.last { $0.role == .user }?.content ?? "")
        var calls = ToolScript.calls(for: request, question: question, random: &random)
        if calls.isEmpty, let call = toolCall(for: request, question: question, random: &random) {
            calls = [call]
        }
        if !calls.isEmpty { return SimulatedText(text: "", toolCalls: calls, finishReason: .toolCalls) }
        let turns = request.messages.reversed().prefix { $0.role != .user }
        let results = turns.first?.role == .tool ? turns.filter { $0.role == .tool }.reversed() : []
        if !results.isEmpty {
            let words = results.map { ($0.isError ? "an error: " : "") + $0.content.prefix(400) }
            return SimulatedText(text: "The tool answered: \(words.joined(separator: "; "))")
        }
        if let json = json(for: request, random: &random) { return SimulatedText(text: json.text()) }
        guard let known = SimulatedKnowledge.answer(to: question) else {
            return SimulatedText(text: Prose.paragraph(random: &random))
        }
        return SimulatedText(text: wantsBareAnswer(request, question) ? known : "The answer is \(known).")
    }

    private static func wantsBareAnswer(_ request: CompletionRequest, _ question: String) -> Bool {
        let words = (question + " " + (request.system ?? "")).lowercased()
        return ["only", "just the", "one word", "nothing else"].contains { words.contains($0) }
    }

    private static func toolCall(
        for request: CompletionRequest, question: String, random: inout SeededRandom
    ) -> ToolCall? {
        guard !request.tools.isEmpty, request.messages.last?.role != .tool else { return nil }
        var tool = request.tools[0]
        switch request.toolChoice {
        case .none: return nil
        case .required: break
        case .named(let name):
            guard let named = request.tools.first(where: { $0.name == name }) else { return nil }
            tool = named
        case .automatic:
            let asked = question.lowercased()
            guard asked.contains("call the tool") || asked.contains("use the tool") else { return nil }
        }
        var filler = SchemaFiller(root: tool.parameters, known: nil)
        guard case .object(let arguments) = filler.value(random: &random) else { return nil }
        return ToolCall(
            id: "call_sim\(String(random.next(), radix: 36))", name: tool.name, arguments: .parsed(arguments))
    }
}

/// Sentences without a meaning, but with the length and the look of an answer.
enum Prose {
    private static let subjects = [
        "The record", "A careful reader", "Each part", "The first draft", "This example", "The second column",
        "A longer text", "The usual method", "Every entry", "The summary",
    ]
    private static let verbs = [
        "describes", "changes", "contains", "follows", "explains", "keeps", "repeats", "orders", "counts",
        "joins",
    ]
    private static let objects = [
        "the plan of the work", "three small steps", "the names in the list", "a plain answer",
        "what was asked before", "the figures of the table", "an older rule", "the same idea in fewer words",
        "the order of the rows", "a note for later",
    ]

    static func sentence(random: inout SeededRandom) -> String {
        func pick(_ words: [String]) -> String { words[Int(random.next() % UInt64(words.count))] }
        let subject = pick(subjects)
        let verb = pick(verbs)
        return "\(subject) \(verb) \(pick(objects))."
    }

    static func paragraph(random: inout SeededRandom) -> String {
        let count = 2 + Int(random.next() % 5)
        let sentences = (0..<count).map { _ in sentence(random: &random) }
        return "This is a simulated answer. " + sentences.joined(separator: " ")
    }
}
