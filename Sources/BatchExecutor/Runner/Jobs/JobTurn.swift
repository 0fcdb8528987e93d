import ConversationStore
import ParleyCore
import ProviderStack

/// When the next job of a lane may ask its provider: now, soon, or so late that it had better not wait with a hand held out.
///
/// A job that would wait longer than ``soonMax`` goes back into its lane, where it costs nothing and can be paused, cancelled
/// or overtaken. One that waits less holds a place in the provider's time, so that no part of a limit is lost between two
/// requests.
enum JobTurn: Sendable, Hashable {
    case now
    /// Waits with a place reserved.
    case soon
    /// Not before so long.
    case later(Duration)

    /// Long enough for a busy machine to come back in time, short enough for a pause or a higher priority to be felt.
    static let soonMax = Duration.milliseconds(250)
    /// However long it is said to take, a lane is looked at again after this: a provider may have recovered before.
    static let lookAgain = Duration.seconds(1)

    /// - Parameters:
    ///   - wait: how long the job would wait if it came now.
    ///   - limit: a wait beyond it ends the run, which whoever admits says; nil = no such limit.
    init(wait: Duration, limit: Duration?) {
        if wait <= .zero {
            self = .now
        } else if wait <= Self.soonMax || limit.map({ wait > $0 }) == true {
            self = .soon
        } else {
            self = .later(min(wait - Self.soonMax, Self.lookAgain))
        }
    }
}
