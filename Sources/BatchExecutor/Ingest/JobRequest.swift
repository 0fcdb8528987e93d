import OrderedCollections
public import ParleyCore
public import ProviderStack

/// Turns the rows of a batch into requests: the one place that decides what a row asks.
///
/// The ingest passes every row through it (or through checks that are as strict), so that a job that was accepted can
/// always be sent; the dry run counts with it; the runner sends what it makes. Prepare it once for a batch and use it for
/// all of its rows.
public struct JobRequest: Sendable {
    public let settings: BatchSettings
    let template: PromptTemplate?
    let providers: Set<ProviderName>
    /// The form in which the batch wants its answers; a row of an OpenAI batch file can say its own.
    let responseFormat: ResponseFormat

    /// - Parameter providers: the names that make a row's own `model` complete; see ``KnownProviders``.
    public init(
        settings: BatchSettings, providers: Set<ProviderName> = KnownProviders.builtIn
    ) throws(TemplateError) {
        self.settings = settings
        self.providers = providers
        responseFormat = settings.responseFormat
        template = try settings.promptTemplate.map { text throws(TemplateError) in
            try PromptTemplate(parsing: text)
        }
    }

    /// The request of one row.
    ///
    /// - Parameters:
    ///   - input: the row's columns, or the line of an OpenAI batch file.
    ///   - rowSystem: the row's own long system prompt, if the ingest took it out; see ``LiftedSystem``.
    public func request(input: JSON, rowSystem: String? = nil) throws(RowFault) -> CompletionRequest {
        try prepared(input: input, rowSystem: rowSystem).request
    }

    /// The same, and which parts of it are the row's own.
    func prepared(input: JSON, rowSystem: String? = nil) throws(RowFault) -> PreparedRow {
        guard case .object(let row) = LiftedSystem.restored(input, system: rowSystem) else {
            throw RowFault("a row must be an object, this is \(input.kindName)")
        }
        return switch settings.rowFormat {
        case .columns: try columnsRequest(row)
        case .openAIBatch: PreparedRow(request: try batchLineRequest(row), hasOwnSystem: true)
        }
    }

    /// One row of a batch that nobody has prepared anything for.
    public static func make(
        settings: BatchSettings, input: JSON, rowSystem: String? = nil,
        providers: Set<ProviderName> = KnownProviders.builtIn
    ) throws(RowFault) -> CompletionRequest {
        let maker: JobRequest
        do throws(TemplateError) {
            maker = try JobRequest(settings: settings, providers: providers)
        } catch {
            throw RowFault(error.description)
        }
        return try maker.request(input: input, rowSystem: rowSystem)
    }
}

extension JobRequest {
    private func columnsRequest(_ row: JSONObject) throws(RowFault) -> PreparedRow {
        let (conversation, columnStarts) = try conversation(of: row)
        let ownSystem = try text(of: .system, in: row)
        let system = ownSystem ?? settings.system
        let request = CompletionRequest(
            model: try model(named: text(of: .model, in: row)), system: conversation.system ?? system,
            messages: conversation.messages,
            maxTokens: try RowNumbers.maxTokens(row.filled(.maxTokens)) ?? settings.maxTokens,
            temperature: try RowNumbers.temperature(row.filled(.temperature)) ?? settings.temperature,
            responseFormat: responseFormat, options: settings.options)
        return PreparedRow(
            request: request, columnStarts: columnStarts,
            hasOwnSystem: ownSystem != nil || conversation.system != nil)
    }

    /// The turns; and where the columns of the template begin in them, if there is one.
    private func conversation(of row: JSONObject) throws(RowFault) -> (Conversation, columnStarts: [Int]?) {
        if let template {
            let (prompt, starts) = try template.rendered(row)
            guard !prompt.isBlank else { throw .emptyPrompt }
            return (Conversation(messages: [.user(prompt)]), starts)
        }
        let messages = row.filled(.messages)
        let prompt = try text(of: .prompt, in: row)
        switch (messages, prompt) {
        case (nil, nil):
            throw row.column("prompt") != nil || row.column("messages") != nil
                ? .emptyPrompt : .noPrompt(available: Array(row.keys))
        case (nil, let prompt?): return (Conversation(messages: [.user(prompt)]), nil)
        case (let messages?, nil): return (try Conversation(reading: messages), nil)
        default: throw RowFault("both 'prompt' and 'messages' are filled; a row has one of them")
        }
    }

    private func text(of column: KnownColumn, in row: JSONObject) throws(RowFault) -> String? {
        switch row.filled(column) {
        case nil: return nil
        case .string(let text): return text
        case let value?: throw RowFault("'\(column.rawValue)' is \(value.kindName), not text")
        }
    }

    /// The model that a row names, else the batch's.
    ///
    /// A name without a known provider before its first slash belongs to the provider of the batch's model, and to
    /// `openai` in a batch without one.
    func model(named name: String?) throws(RowFault) -> ModelName {
        guard let name = name?.trimmed, !name.isEmpty else {
            guard let model = settings.model else { throw .noModel }
            return model
        }
        if let model = ModelName(String(name)), providers.contains(model.provider) { return model }
        return ModelName(provider: settings.model?.provider ?? "openai", model: String(name))
    }
}

extension RowFault {
    static let emptyPrompt = RowFault("the prompt is empty")
    static let noModel = RowFault("no model is named, neither by the batch nor by the row")

    static func noPrompt(available: [String]) -> RowFault {
        RowFault(
            "there is neither a 'prompt' nor a 'messages' column, and no prompt template; \(listed(available))"
        )
    }
}

extension BatchSettings {
    fileprivate var responseFormat: ResponseFormat {
        schema.map { .jsonSchema(name: "answer", schema: $0, strict: SchemaStrictness.allows($0)) } ?? .text
    }
}
