public import ParleyCore

/// Which of a batch's jobs a listing of answers shows.
public struct AnswerScope: Sendable, Hashable {
    public var states: Set<JobState>
    /// Whether the part of an answer that came before a stop is shown.
    public var showsPartialTexts: Bool

    public init(states: Set<JobState>, showsPartialTexts: Bool) {
        self.states = states
        self.showsPartialTexts = showsPartialTexts
    }

    /// Jobs that were answered.
    public static let answered = AnswerScope(states: [.done], showsPartialTexts: false)
    /// Jobs that were answered or that failed.
    public static let finished = AnswerScope(states: [.done, .failed], showsPartialTexts: false)
    /// Every job, with whatever there is of its answer.
    public static let everything = AnswerScope(states: Set(JobState.allCases), showsPartialTexts: true)
}
