import OrderedCollections

extension ProviderEntry.Quirks {
    /// Where the provider departs from its dialect, each in a few words for a listing.
    public var words: [String] {
        var words: [String] = []
        switch cacheHint {
        case .none: break
        case .marks: words.append("cache marks")
        case .key: words.append("cache key")
        }
        switch toolEmulation {
        case .never: break
        case .onRefusal: words.append("tools in words once refused")
        case .always: words.append("tools in words")
        }
        if onlyStreams { words.append("streams only") }
        if streamsWholeAnswers { words.append("never streams") }
        if instructionsDefault != nil { words.append("wants instructions") }
        if refusesLimits { words.append("no limit on answers") }
        switch answerForms {
        case .all: break
        case .objectsOnly: words.append("schemas in words")
        case .schemasOnly: words.append("objects by a schema")
        case .none: words.append("JSON in words")
        }
        if let strictPath { words.append("strict schemas at \(strictPath)") }
        if let stickyHeader { words.append("one machine a conversation (\(stickyHeader))") }
        if wantsReasoningBack { words.append("wants its reasoning back") }
        if refusesStreamOptions { words.append("takes no stream options") }
        if !extraMembers.isEmpty { words.append("sends \(extraMembers.keys.joined(separator: " "))") }
        if trustsReportedCost { words.append("bills what it reports") }
        if countsReasoningInTotalOnly { words.append("reasoning in the total only") }
        return words
    }
}
