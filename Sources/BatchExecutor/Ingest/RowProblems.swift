import ParleyCore

/// The rows of a file that cannot become jobs: the first few in words, all of them as a number.
struct RowProblems: Sendable, Equatable {
    private(set) var first: [RowProblem] = []
    private(set) var count = 0

    mutating func add(line: Int, _ reason: String) {
        count += 1
        if first.count < IngestError.problemsListedMax {
            first.append(RowProblem(line: line, reason: reason))
        }
    }
}
