public import ParleyCore

extension CompletionRequest {
    /// The request without assistant's turns that say and ask nothing: providers refuse them.
    ///
    /// Such a turn is left behind by an answer that broke off before its first word.
    public var withoutGhosts: CompletionRequest {
        guard messages.contains(where: \.isGhost) else { return self }
        var request = self
        request.messages = messages.filter { !$0.isGhost }
        request.sharedMessages = messages.prefix(sharedMessages).count { !$0.isGhost }
        if messages.indices.contains(sharedMessages), messages[sharedMessages].isGhost {
            request.cache.sharedBytes = 0
        }
        return request
    }
}
