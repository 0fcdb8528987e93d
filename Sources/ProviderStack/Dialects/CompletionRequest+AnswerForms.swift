import ParleyCore

extension ProviderEntry.AnswerForms {
    /// Whether an answer can be asked for by a schema.
    var takeSchemas: Bool { self == .all || self == .schemasOnly }
}

extension CompletionRequest {
    /// The request with its answer asked for in a form that the provider has: what it lacks is asked for in the system prompt.
    ///
    /// A schema becomes words, beside any JSON object where the provider can be asked for one.
    func adapted(to forms: ProviderEntry.AnswerForms) -> CompletionRequest {
        switch responseFormat {
        case .jsonSchema(_, let schema, _) where !forms.takeSchemas:
            return withSchemaInWords(schema, as: forms == .objectsOnly ? .jsonObject : .text)
        case .jsonObject where forms == .none:
            var request = self
            request.responseFormat = .jsonByPrompt
            return request
        case .text, .jsonObject, .jsonSchema, .jsonByPrompt:
            return self
        }
    }

    /// The request with the schema of its answer at the end of the system prompt.
    func withSchemaInWords(_ schema: JSON, as format: ResponseFormat) -> CompletionRequest {
        var request = self
        let own = system.flatMap { $0.isEmpty ? nil : $0 }
        request.system = RequestBody.joined(
            own, "\(RequestBody.schemaInstruction)\n\(schema.text(sortsKeys: true))")
        request.responseFormat = format
        return request
    }
}
