import ParleyCore

/// What the consumer of a stream has heard, while a reader holds back what may turn out to be a call.
///
/// The end of the stream is held back too: the calls that are read at the end come before it. Whatever was shown is part of
/// the final answer, even where the whole reads otherwise.
struct SpokenWords<Reader: Sendable>: Sendable {
    private var reader: Reader
    /// What was shown.
    private(set) var text = ""
    private var finish: FinishReason?

    init(_ reader: Reader) { self.reader = reader }

    /// The events that this one becomes; `read` gives the words that a piece of text sets free.
    mutating func take(
        _ event: CompletionEvent, read: (inout Reader, String) -> String
    ) -> [CompletionEvent] {
        switch event {
        case .text(let piece):
            let words = read(&reader, piece)
            text += words
            return words.isEmpty ? [] : [.text(words)]
        case .finished(let reason):
            finish = reason
            return []
        default:
            return [event]
        }
    }

    /// The final answer, and what of it was not heard yet.
    func end(
        _ completion: Completion, newCalls: [ToolCall]
    ) -> (completion: Completion, events: [CompletionEvent]) {
        var completion = completion
        var events: [CompletionEvent] = []
        if completion.text.utf8.starts(with: text.utf8) {
            let rest = String(completion.text.utf8.dropFirst(text.utf8.count)) ?? ""
            if !rest.isEmpty { events.append(.text(rest)) }
        } else {
            // What was shown cannot be taken back, and nothing that was written may be lost.
            let rest = completion.text.isEmpty ? "" : "\n\n\(completion.text)"
            if !rest.isEmpty { events.append(.text(rest)) }
            completion.text = text + rest
        }
        for call in newCalls {
            events.append(.toolCallStarted(id: call.id, name: call.name))
            events.append(.toolArguments(id: call.id, fragment: call.arguments.rawText))
            events.append(.toolCallCompleted(call))
        }
        if finish != nil || !newCalls.isEmpty { events.append(.finished(completion.finishReason)) }
        return (completion, events)
    }
}
