import ParleyCore

/// An answer to tools that were put into words, as an answer to real ones would read.
struct EmulatedAnswer {
    var completion: Completion
    var calls: [ToolCall]
    var warnings: [String]

    /// Judged by the rules of all answers: without words and calls it is a failure.
    init(_ whole: Completion, to request: CompletionRequest, _ provider: ProviderName) throws(Failure) {
        guard !request.tools.isEmpty else {
            (completion, calls, warnings) = (whole, [], [])
            return
        }
        var reply = TextualCalls(
            tools: request.tools, firstNumber: request.callsSoFar,
            unwrapsPlainReplies: request.responseFormat == .text
        ).read(whole.text)
        if request.toolChoice == .none, !reply.calls.isEmpty {
            reply.warnings.append("the answer calls a tool although none was to be called: ignored")
            reply.calls = []
        }
        var read = ReadAnswer(text: reply.text)
        read.reasoning = whole.reasoning
        read.toolCalls = whole.toolCalls + reply.calls
        read.finishReason = whole.finishReason
        read.model = whole.model
        read.requestID = whole.requestID
        read.usage = whole.usage
        do throws(Failure) {
            completion = try CodecContext(provider: provider).completion(from: read, for: request)
        } catch {
            var failure = error
            if failure.kind == .emptyReply, let warning = reply.warnings.first { failure.message = warning }
            throw failure
        }
        calls = reply.calls
        warnings = reply.warnings
    }
}

/// An answer to real tools, looked through for calls that stand in its text between marks.
struct NativeAnswer {
    var completion: Completion
    /// The calls that were found in the text.
    var calls: [ToolCall] = []
    var warnings: [String] = []

    init(_ whole: Completion, to request: CompletionRequest) {
        completion = whole
        guard Self.mayHoldCalls(to: request), whole.toolCalls.isEmpty else { return }
        let reply = TextualCalls(tools: request.tools, forms: .marked, firstNumber: request.callsSoFar)
            .read(whole.text)
        warnings = reply.warnings
        guard !reply.calls.isEmpty else { return }
        completion.text = reply.text
        completion.toolCalls = reply.calls
        if completion.finishReason == .stop { completion.finishReason = .toolCalls }
        calls = reply.calls
    }

    static func mayHoldCalls(to request: CompletionRequest) -> Bool {
        !request.tools.isEmpty && request.toolChoice != .none
    }
}

extension CompletionRequest {
    /// The calls of the transcript: the next one's number, so that no id is given twice.
    var callsSoFar: Int { messages.reduce(0) { $0 + $1.toolCalls.count } }
}
