import ConversationStore
import Logging
import ParleyCore
import Synchronization

/// Looks again and again for the jobs of workers that were lost, and takes them back.
struct Rescuer: Sendable {
    let run: RunContext
    let worker: Worker
    /// Nil = every batch.
    let batches: [BatchID]?

    /// Between two looks. A silence is only measured by looking (see ``ConversationStore/Store/rescue(_:from:by:)``).
    static let lookEveryMax = Duration.seconds(5)

    /// Looks until the task is cancelled. That a look failed fails no run: the next one may not.
    func watch() async {
        let wait = min(run.settings.leaseDuration / 3, Self.lookEveryMax)
        while (try? await run.time.sleep(for: wait)) != nil {
            do {
                try await look()
            } catch StoreError.diskFull {
                continue
            } catch {
                run.logger.warning("lost jobs could not be looked for", metadata: ["error": "\(error)"])
            }
        }
    }

    func look() async throws {
        let report = try await run.store.rescue(run.settings.unknownPolicy, from: batches, by: worker)
        if run.rescues.add(report) { run.tell(.rescued(report)) }
    }
}

/// What was taken back in one run.
final class RescueTally: Sendable {
    private let sum = Mutex(RescueReport())

    /// Whether there is anything new in it; what is held is held at each look.
    func add(_ report: RescueReport) -> Bool {
        sum.withLock { sum in
            var old = RescueReport()
            old.held = sum.held
            sum.askedAgain += report.askedAgain
            sum.held = report.held
            return report != old
        }
    }

    var askedAgain: Int { sum.withLock { $0.askedAgain } }

    /// Jobs that were left `unknown` at the last look.
    var held: Int { sum.withLock { $0.held } }
}

/// Tells the leases that were lost from those that were given back while their renewal waited for its turn.
///
/// On a slow disk a renewal and the end of its job may come in one transaction. Only what is still held, and still gone,
/// at the next renewal was lost.
struct LostLeases: Sendable {
    private var gone: Set<Lease> = []

    /// How many were lost, of those that could not be renewed now.
    mutating func count(among leases: [Lease]) -> Int {
        let now = Set(leases)
        defer { gone = now }
        return now.intersection(gone).count
    }
}

/// Says that the disk is full, once in a while, and that it no longer is.
struct DiskTeller: Sendable {
    static let remindEvery = Duration.seconds(60)

    private var toldAt: Timestamp?

    mutating func look(isFull: Bool, at now: Timestamp, _ logger: Logger) {
        switch (isFull, toldAt) {
        case (true, let told) where told.map({ now.since($0) >= Self.remindEvery }) ?? true:
            toldAt = now
            logger.error("the disk is full: nothing is asked, and answers are held until there is room")
        case (false, .some):
            toldAt = nil
            logger.warning("there is room on the disk again: the run goes on")
        default: break
        }
    }
}
