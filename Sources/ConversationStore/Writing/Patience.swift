import GRDB
import ParleyCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How long to wait for a lock that somebody else holds: longer each time, up to a limit, for ever.
struct Patience {
    static let longestMicroseconds: UInt32 = 50_000
    /// Readers meet a lock only while a log is recovered.
    static let ofReaders = Duration.milliseconds(10)

    private var microseconds: UInt32 = 500

    mutating func wait() {
        usleep(microseconds)
        microseconds = min(microseconds * 2, Self.longestMicroseconds)
    }
}

extension Patience {
    /// SQLite's own waiting at a lock: about a second, with a look in every millisecond.
    ///
    /// The pauses that it comes with grow to 100 ms. A lock that several processes take one after the other is free for
    /// less than a thousandth of the time, so whoever looks ten times a second would wait for minutes.
    static let busyMode = Database.BusyMode.callback { tries in
        usleep(UInt32.random(in: 500...1500))
        return tries < 1000
    }
}

/// Leaves the write lock alone for a moment after it was held long, so that another process gets it.
///
/// SQLite's lock has no queue: whoever looks while it is free has it. A writer that commits one group after the other to a
/// slow disk would let go of it for some microseconds in half a second, and another process would look in vain for
/// longer than its leases last. A pause of a twentieth, or of the time in which others look once, costs at most a
/// tenth and makes the turns even. After a quick commit none is needed: the lock is free often enough.
enum LockCourtesy {
    static let share = 20
    static let heldMin = Duration.milliseconds(20)
    static let pauseMin = Duration.milliseconds(2)
    static let pauseMax = Duration.milliseconds(5)

    /// How long to pause after the lock was held for so long.
    static func pauseLength(after held: Duration) -> Duration {
        held < heldMin ? .zero : min(max(held / share, pauseMin), pauseMax)
    }

    static func pause(after held: Duration) {
        let length = pauseLength(after: held)
        if length > .zero { usleep(UInt32(length.milliseconds * 1000)) }
    }
}

/// What a writer does while the disk is full: a value.
///
/// It keeps what waits and tries again with half as much, so that the little room that is made serves at once; when
/// that fits, with twice as much.
struct RoomPatience: Sendable {
    /// Whether writes wait for room; else they fail.
    var waits = false
    private(set) var isFull = false
    /// How many operations the next group may have.
    private(set) var groupMax: Int
    private let groupLimit: Int

    init(groupMax: Int) {
        self.groupMax = groupMax
        groupLimit = groupMax
    }

    /// There was no room for a group of so many; whether it is to wait.
    mutating func refused(groupOf count: Int) -> Bool {
        isFull = waits
        groupMax = waits ? max(1, count / 2) : groupLimit
        return waits
    }

    mutating func fitted() {
        isFull = false
        groupMax = min(groupMax * 2, groupLimit)
    }
}
