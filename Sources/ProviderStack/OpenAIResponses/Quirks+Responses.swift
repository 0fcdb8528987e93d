extension ProviderEntry.Quirks {
    /// OpenAI's own endpoint of the Responses dialect.
    static var openAIResponses: Self {
        var quirks = Self()
        quirks.cacheHint = .key
        return quirks
    }

    /// The endpoint of a ChatGPT subscription. No document of OpenAI's describes it; this is what its clients agree on.
    ///
    /// It answers "Stream must be set to true", "Instructions are required", "Unsupported parameter: max_output_tokens" and
    /// "Unsupported parameter: temperature".
    static var codex: Self {
        var quirks = openAIResponses
        quirks.onlyStreams = true
        quirks.instructionsDefault = "You are a helpful assistant."
        quirks.refusesLimits = true
        return quirks
    }
}
