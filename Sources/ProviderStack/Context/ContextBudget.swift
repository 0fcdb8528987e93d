public import ParleyCore

/// How much of a conversation is sent to a model that can only take so much. A plain value; nothing is ever deleted: it makes
/// another request, and the conversation stays whole where it is kept.
///
/// A request over ``startPercent`` of the limit is cut to ``targetPercent``, so that not every further turn is cut anew (and
/// a prompt cache thrown away with it). The oldest turns go first: a question goes with all that answered it, and a call
/// with its results. These stay: the system prompt, the first message of the user, the last ``recentMessages`` and
/// the question that they answer, protected messages.
public struct ContextBudget: Sendable, Hashable {
    public static let startPercentDefault = 90
    public static let targetPercentDefault = 70
    public static let recentMessagesDefault = 8

    /// The most input tokens that the model takes.
    public var tokensMax: Int
    public var startPercent: Int
    public var targetPercent: Int
    public var recentMessages: Int

    public init(
        tokensMax: Int, startPercent: Int = startPercentDefault, targetPercent: Int = targetPercentDefault,
        recentMessages: Int = recentMessagesDefault
    ) {
        precondition(tokensMax > 0 && targetPercent <= startPercent && recentMessages >= 0)
        self.tokensMax = tokensMax
        self.startPercent = startPercent
        self.targetPercent = targetPercent
        self.recentMessages = recentMessages
    }

    /// The request as it can be sent. Ghosts are dropped in any case and not counted as left out.
    public func fit(
        _ request: CompletionRequest, by counter: some TokenCounter = RoughTokenCounter()
    ) -> ContextFit {
        let request = request.withoutGhosts
        let costs = request.messages.map { counter.tokens(in: $0) }
        let tokens = costs.reduce(counter.tokensBesideMessages(of: request), +)
        var fit = ContextFit(
            request: request, messagesLeftOut: 0, tokensBefore: tokens, tokensAfter: tokens,
            tokensMax: tokensMax, method: counter.method)
        guard tokens > tokensMax * startPercent / 100 else { return fit }
        var cut = ContextCut(
            turns: ContextTurn.all(in: request.messages, recentMessages: recentMessages), costs: costs)
        fit.tokensAfter = cut.drop(from: tokens, downTo: tokensMax * targetPercent / 100)
        fit.request.messages = request.messages.indices.filter { !cut.dropped.contains($0) }
            .map { request.messages[$0] }
        // The shared beginning ends where the first message is missing.
        if let first = cut.dropped.min(), first <= request.sharedMessages {
            fit.request.sharedMessages = first
            fit.request.cache.sharedBytes = 0
        }
        fit.messagesLeftOut = cut.dropped.count
        return fit
    }
}

/// A request made to fit, and what that took.
public struct ContextFit: Sendable, Hashable {
    public var request: CompletionRequest
    public var messagesLeftOut: Int
    public var tokensBefore: Int
    public var tokensAfter: Int
    public var tokensMax: Int
    /// How the tokens were counted.
    public var method: String

    /// Whether what is left is within the limit; if not, nothing more may be left out.
    public var isWithinLimit: Bool { tokensAfter <= tokensMax }

    /// For the user; nil when there is nothing to say.
    public var notice: String? {
        guard messagesLeftOut > 0 || !isWithinLimit else { return nil }
        var words = ""
        if messagesLeftOut > 0 {
            words =
                "\(messagesLeftOut) older message\(messagesLeftOut == 1 ? "" : "s") left out of this request: "
        }
        words += "\(tokensAfter) of \(tokensMax) tokens (\(method))"
        if !isWithinLimit { words += ", still more than the model takes; nothing else can be left out" }
        return words
    }
}
