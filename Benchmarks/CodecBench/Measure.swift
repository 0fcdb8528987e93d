import AllocationCount
import Foundation

/// What one run of some work took.
struct Cost {
    /// Of the thread's own processor time, so that others on the machine count as little as possible.
    var nanoseconds: Double
    var allocations: Double
}

/// Repeats work and keeps the best of five rounds: what disturbs a round only ever makes it slower.
struct Measure {
    /// How long one round lasts at least, in seconds of processor time.
    let roundSeconds: Double

    private static let rounds = 5

    /// What one call of the work takes. A first call is not counted.
    func cost(of work: () -> Void) -> Cost {
        work()
        var repeats = 1
        var best = round(repeats, work)
        // Doubles the number of calls until a round is long enough to be measured.
        while best.nanoseconds * Double(repeats) < roundSeconds * 1e9, repeats < 1 << 30 {
            repeats *= 2
            best = round(repeats, work)
        }
        for _ in 1..<Self.rounds {
            let next = round(repeats, work)
            if next.nanoseconds < best.nanoseconds { best = next }
        }
        return best
    }

    private func round(_ repeats: Int, _ work: () -> Void) -> Cost {
        let allocations = allocation_count()
        let begin = Self.processorNanoseconds
        for _ in 0..<repeats { work() }
        let end = Self.processorNanoseconds
        return Cost(
            nanoseconds: Double(end - begin) / Double(repeats),
            allocations: Double(allocation_count() - allocations) / Double(repeats))
    }

    private static var processorNanoseconds: UInt64 { clock_gettime_nsec(CLOCK_THREAD_CPUTIME_ID) }
}

private func clock_gettime_nsec(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Keeps the optimiser from leaving out work whose result nobody looks at.
@_optimize(none) func use<Value>(_ value: Value) {}
