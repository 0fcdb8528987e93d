import ParleyCore

/// What the seed and the request alone decide: the prompt's tokens and hash, and the answer as it was written.
///
/// It is most of the work, and needs nothing of what was asked before: whoever shares an engine prepares beside its lock.
struct PreparedQuestion: Sendable {
    let question: SimulatedQuestion
    let promptTokens: Int
    let flavour: CacheFlavour
    let rules: CacheRules
    let hash: PromptHash
    let written: SimulatedText
    /// As the author has left it.
    let random: SeededRandom

    init(_ question: SimulatedQuestion, settings: SimulatorSettings) throws(SimulatedRefusal) {
        let request = question.request
        let model = request.model.model
        guard settings.knows(model) else { throw SimulatedRefusal(.unknownModel(model)) }
        let prompt = PromptText(of: request)
        if let limit = settings.contextTokensMax, prompt.tokens > limit {
            throw SimulatedRefusal(.contextTooLong(prompt: prompt.tokens, limit: limit))
        }
        self.question = question
        promptTokens = prompt.tokens
        flavour = question.flavour ?? CacheFlavour(model: model)
        rules = CacheRules.rules(for: flavour, model: model)
        hash = PromptHash(of: question, prompt: prompt, rules: rules, seed: settings.seed)
        // An answer that goes on from a beginning is the one that would have been given without it.
        let begun = question.begun
        var seed = hash.value
        if let whole = begun?.question {
            seed =
                PromptHash(
                    of: whole, prompt: PromptText(of: whole.request), rules: rules, seed: settings.seed
                ).value
        }
        var random = SeededRandom(seed: seed)
        var written = SimulatedAuthor.answer(to: begun?.question.request ?? request, random: &random)
        if let begun { written.goOn(from: begun.text) }
        written.stop(at: request.stop)
        written.limit(toTokens: request.maxTokens)
        self.written = written
        self.random = random
    }
}

extension SimulatorSettings {
    /// A name without a tag stands for the tag `latest`, as with Ollama.
    fileprivate func knows(_ model: String) -> Bool {
        let latest = ":latest"
        return models.isEmpty || models.contains(model) || models.contains(model + latest)
            || (model.hasSuffix(latest) && models.contains(String(model.dropLast(latest.count))))
    }
}

extension SimulatedQuestion {
    /// The question behind a conversation that ends with the beginning of its answer, and that beginning; nil for any other.
    fileprivate var begun: (question: SimulatedQuestion, text: String)? {
        guard let last = request.messages.last, last.role == .assistant, last.toolCalls.isEmpty,
            !last.content.isEmpty, request.messages.count > 1
        else { return nil }
        var question = self
        question.request.messages.removeLast()
        question.request.sharedMessages = min(
            question.request.sharedMessages, question.request.messages.count)
        question.marks = []
        return (question, last.content)
    }
}
