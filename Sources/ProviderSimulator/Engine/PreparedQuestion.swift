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
        var random = SeededRandom(seed: hash.value)
        var written = SimulatedAuthor.answer(to: request, random: &random)
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
