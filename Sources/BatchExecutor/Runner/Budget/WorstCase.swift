import OrderedCollections
import ParleyCore

/// The most tokens that a request can be billed for, and what they cost at the most.
///
/// A token is at least one byte of text, so the bytes of all that is sent are a bound that no tokenizer passes. What
/// providers put around it (chat templates, words that explain the tools or the form of the answer) is added generously.
struct WorstCase: Sendable, Hashable {
    var inputTokens: Int
    var outputTokens: Int

    /// What a template and the instruction to answer in JSON take; the default system prompts of open models are the
    /// longest that are known, at about 80 tokens.
    static let tokensOfRequest = 256
    /// The marks around a turn: 4 to 10 tokens; a turn with calls that is told in words, some 40.
    static let tokensOfMessage = 64
    /// Anthropic's hidden prompt for tools takes up to 530 tokens, our own words for them some 250.
    static let tokensOfTools = 2048
    static let tokensOfTool = 64
    /// The hidden prompt that explains a schema.
    static let tokensOfSchema = 1024
    /// The longest answer and the longest prompt where neither request nor price table names a limit.
    static let outputAssumedMax = 131_072
    static let contextAssumedMax = 1_048_576
    /// No count is believed to be larger, so that no cost overflows.
    static let tokensMax = 100_000_000
    static let answersMax = 1024
    /// No request costs as much; keeps the sums of many far from overflow.
    static let costMax = Picodollars(10_000 * Picodollars.perDollar)

    /// - Parameter isLimited: whether the provider is told ``CompletionRequest/maxTokens``.
    init(of request: CompletionRequest, price: Price, isLimited: Bool = true) {
        var input = Self.inputTokens(of: request)
        if request.options.keys.contains(where: Self.openEnded.contains) {
            input = max(input, price.contextTokensMax ?? Self.contextAssumedMax)
        }
        inputTokens = min(input, Self.tokensMax)
        let limit = isLimited ? request.maxTokens : nil
        var output = limit ?? price.outputTokensMax ?? Self.outputAssumedMax
        var answers = 1
        if !request.options.isEmpty {
            output = Self.longest(output, request.options)
            answers = Self.answers(request.options)
        }
        outputTokens = min(output, Self.tokensMax) * answers
    }

    private static func inputTokens(of request: CompletionRequest) -> Int {
        var tokens = tokensOfRequest + (request.system?.utf8.count ?? 0)
        for message in request.messages {
            tokens += tokensOfMessage + message.content.utf8.count + (message.reasoning?.utf8.count ?? 0)
            tokens += message.toolCallID?.utf8.count ?? 0
            for call in message.toolCalls {
                tokens += tokensOfTool + call.id.utf8.count + call.name.utf8.count
                tokens += call.arguments.rawText.utf8.count
            }
            if let continuation = message.continuation { tokens += continuation.bytes().count }
        }
        if !request.tools.isEmpty { tokens += tokensOfTools }
        for tool in request.tools {
            tokens += tokensOfTool + tool.name.utf8.count + tool.summary.utf8.count
            tokens += tool.parameters.bytes().count
        }
        if case .jsonSchema(let name, let schema, _) = request.responseFormat {
            tokens += tokensOfSchema + name.utf8.count + schema.bytes().count
        }
        if !request.options.isEmpty { tokens += JSON.object(request.options).bytes().count }
        return tokens
    }

    /// Options that bring in text, images or pages that are not in the request.
    private static let openEnded: Set<String> = [
        "attachments", "container", "contents", "conversation", "data_sources", "input", "mcp_servers",
        "messages",
        "plugins", "previous_response_id", "prompt", "search_parameters", "tools", "web_search_options",
    ]

    /// The dialects' names for the longest answer; the one that a provider heeds may be any of them.
    private static let limits = [
        "max_completion_tokens", "max_output_tokens", "max_tokens", "num_predict",
    ]

    private static func longest(_ output: Int, _ options: JSONObject) -> Int {
        var output = output
        for name in limits { output = max(output, options[name]?.intValue ?? 0) }
        output = max(output, options["options"]?["num_predict"]?.intValue ?? 0)
        let thinking = min(max(0, options["thinking"]?["budget_tokens"]?.intValue ?? 0), tokensMax)
        return min(output, tokensMax) + thinking
    }

    /// How many answers are asked for at once, and billed.
    private static func answers(_ options: JSONObject) -> Int {
        let counts = ["n", "best_of", "candidate_count"].map { options[$0]?.intValue ?? 1 }
        return min(max(1, counts.max() ?? 1), answersMax)
    }

    /// All of the input at the dearest rate that any part of it can meet, and the longest answer at the dearest of its, in
    /// the dearest tier that can be reached.
    ///
    /// - Parameter surchargePercent: what the provider has been seen to charge, the table's price being 100.
    func cost(at price: Price, surchargePercent: Int = 100) -> Picodollars {
        var most = cost(at: price.rates)
        for tier in price.tiers where inputTokens > tier.inputAbove { most = max(most, cost(at: tier.rates)) }
        let (whole, rest) = most.quotientAndRemainder(dividingBy: 100)
        let percent = Int64(surchargePercent)
        let (scaled, isOver) = whole.multipliedReportingOverflow(by: percent)
        return isOver ? Self.costMax : min(Picodollars(scaled + (rest * percent + 99) / 100), Self.costMax)
    }

    private func cost(at rates: Price.Rates) -> Int64 {
        let reads = max(rates.input, rates.cacheRead ?? rates.input)
        let writes = max(rates.cacheWrite5m ?? rates.input, rates.cacheWrite1h ?? rates.input)
        let answers = max(rates.output, rates.reasoning ?? rates.output)
        let (input, isInputOver) = max(reads, writes).value.multipliedReportingOverflow(
            by: Int64(inputTokens))
        let (output, isOutputOver) = answers.value.multipliedReportingOverflow(by: Int64(outputTokens))
        if isInputOver || isOutputOver { return Self.costMax.value }
        return min(input, Self.costMax.value) + min(output, Self.costMax.value)
    }
}
