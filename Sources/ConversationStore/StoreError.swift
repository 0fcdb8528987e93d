public import ParleyCore

/// Why the store could not do what was asked. Each case says in one sentence what is wrong and what helps.
public enum StoreError: Error, Sendable, Hashable {
    // The file
    case missing(path: String)
    case notADatabase(path: String)
    /// An SQLite database, but another program's.
    case foreignDatabase(path: String)
    /// A newer parley has been here.
    case fromTheFuture(path: String, detail: String)
    /// A migration that this database applied reads differently in this program.
    case migrationChanged(path: String, name: String)
    /// Older than this program, and opened for reading only.
    case outdated(path: String)
    case readOnly(path: String)
    case cannotOpen(path: String, reason: String)
    case diskFull(path: String)
    case inputOutput(path: String, detail: String)
    case damaged(path: String, detail: String)
    case exists(path: String)
    case closed(path: String)
    // The content
    case leaseLost(JobID)
    case sessionUnknown(SessionID)
    /// Another process is answering it just now.
    case sessionBusy(SessionID)
    /// The turn was taken away, because its process was thought to be gone.
    case turnLost(SessionID)
    /// A batch's job has this conversation; it goes on in a fork.
    case sessionOfJob(SessionID)
    /// A batch's job has this conversation; it is removed with its batch.
    case sessionOfBatch(SessionID, batch: String)
    /// The batch's jobs and answers were removed; its name and cost are left.
    case batchPruned(name: String)
    case batchUnknown(name: String, nearest: String?)
    case batchDiffers(name: String, fields: [String])
    /// A CHECK or a reference of the schema refused the row.
    case lawBroken(detail: String)
    case failed(detail: String)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path):
            "There is no database at \(path); `parley enqueue` makes one."
        case .notADatabase(let path):
            "\(path) is not a database; name another file with --database."
        case .foreignDatabase(let path):
            "\(path) is a database of another program; name another file with --database."
        case .fromTheFuture(let path, let detail):
            "\(path) was written by a newer parley (\(detail)); update parley to open it."
        case .migrationChanged(let path, let name):
            "\(path) was made with another version of the migration \(name); "
                + "open it with the parley that made it."
        case .outdated(let path):
            "\(path) was written by an older parley; `parley db migrate` brings it up to date."
        case .readOnly(let path):
            "\(path) cannot be written to; check its permissions."
        case .cannotOpen(let path, let reason):
            "\(path) cannot be opened: \(reason)."
        case .diskFull(let path):
            "The disk that holds \(path) is full; what was stored before is safe, free some space and go on."
        case .inputOutput(let path, let detail):
            "Reading or writing \(path) failed: \(detail)."
        case .damaged(let path, let detail):
            "\(path) is damaged (\(detail)); restore a backup, or look closer with `parley db check`."
        case .exists(let path):
            "\(path) exists already; name a file that does not."
        case .closed(let path):
            "\(path) has been closed."
        case .leaseLost(let job):
            "Job \(job) has been given to another worker in the meantime."
        case .sessionUnknown(let session):
            "There is no session \(session); `parley sessions list` shows all."
        case .sessionBusy(let session):
            "Session \(session) is being answered by another process just now; wait until it has ended."
        case .turnLost(let session):
            "Session \(session) was taken over by another process in the meantime."
        case .sessionOfJob(let session):
            "Session \(session) belongs to a batch's job; fork it to go on with it."
        case .sessionOfBatch(let session, let batch):
            "Session \(session) belongs to a job of the batch '\(batch)'; `parley db prune` removes batches as a whole."
        case .batchPruned(let name):
            "The batch '\(name)' was pruned and its answers are gone; to ask again, enqueue under another name with --batch."
        case .batchUnknown(let name, let nearest):
            "There is no batch '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ".")
        case .batchDiffers(let name, let fields):
            "The batch '\(name)' exists with other settings (\(fields.joined(separator: ", "))); "
                + "give this one another name."
        case .lawBroken(let detail):
            "The database refused a row: \(detail)."
        case .failed(let detail):
            "The database reported an error: \(detail)."
        }
    }
}
