import OrderedCollections
import ParleyCore

/// Answers as the rows of a CSV table: the input's own columns, then what became of the row.
///
/// The columns of parley's own are those of ``Own``; one that the input has too is called `parley_<name>`, so that the
/// input's columns never change their names. Values that are no text stand as JSON, null as an empty cell.
struct AnswerTable: Sendable {
    /// The columns after the input's own, in this order; `object.<name>` follow behind `answer`.
    enum Own: String, CaseIterable, Sendable {
        case answer, state, model
        case finishReason = "finish_reason"
        case inputTokens = "input_tokens"
        case cacheRead = "cache_read"
        case cacheWrite = "cache_write"
        case outputTokens = "output_tokens"
        case cost = "cost_usd"
        case error
        /// Only where some answer is a copy of another one's.
        case reused
    }

    private let columns: AnswerColumns

    private let owns: [Own]

    init(columns: AnswerColumns) {
        self.columns = columns
        owns = Own.allCases.filter { $0 != .reused || columns.hasReused }
    }

    func appendHeader(to bytes: inout [UInt8]) {
        var line = CSVLine()
        for name in columns.input { line.append(name, to: &bytes) }
        for own in owns {
            line.append(free(own.rawValue), to: &bytes)
            guard own == .answer else { continue }
            for name in columns.object { line.append(free("object.\(name)"), to: &bytes) }
        }
        line.end(&bytes)
    }

    func appendRow(of answer: Answer, to bytes: inout [UInt8]) {
        var line = CSVLine()
        for name in columns.input { line.append(answer.input[name]?.plainText ?? "", to: &bytes) }
        for own in owns {
            line.append(text(of: own, in: answer), to: &bytes)
            guard own == .answer else { continue }
            for name in columns.object { line.append(answer.object?[name]?.plainText ?? "", to: &bytes) }
        }
        line.end(&bytes)
    }

    private func free(_ name: String) -> String {
        var name = name
        while columns.input.contains(name) { name = "parley_" + name }
        return name
    }

    private func text(of own: Own, in answer: Answer) -> String {
        switch own {
        case .answer: answer.answer ?? answer.object?.plainText ?? ""
        case .state: answer.state
        case .model: answer.model ?? ""
        case .finishReason: answer.finishReason ?? ""
        case .inputTokens: answer.usage.map { String($0.inputUncached) } ?? ""
        case .cacheRead: answer.usage.map { String($0.cacheRead) } ?? ""
        case .cacheWrite: answer.usage.map { String($0.cacheWrite) } ?? ""
        case .outputTokens: answer.usage.map { String($0.output) } ?? ""
        case .cost: answer.cost?.dollars ?? ""
        case .error: answer.error.map { "\($0.kind): \($0.message)" } ?? ""
        case .reused: answer.isReused ? "true" : ""
        }
    }
}
