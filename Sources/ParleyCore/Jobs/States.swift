/// Where a job stands. The laws between the states are in `docs/state-machine.md` and in the schema's CHECKs.
public enum JobState: String, Sendable, Hashable, CaseIterable {
    /// To be handed out once it is due.
    case waiting
    /// Handed to a worker; nothing has been sent.
    case leased
    /// A request is in the air.
    case sent
    case done
    case failed
    /// A request was sent and nobody knows what became of it.
    case unknown
    case cancelled

    /// Whether nothing more will happen to it by itself.
    public var isFinal: Bool {
        switch self {
        case .done, .failed, .cancelled: true
        case .waiting, .leased, .sent, .unknown: false
        }
    }
}

/// Where one request that was sent stands.
public enum AttemptState: String, Sendable, Hashable, CaseIterable {
    case sent, answered, failed, unknown
}

/// Whether a batch's jobs are handed out.
public enum BatchState: String, Sendable, Hashable, CaseIterable {
    case open, paused, cancelled
}
