import Foundation

/// Whether a registered worker's process is still there: by looking in the program, by decree in tests.
public struct WorkerLiveness: Sendable {
    public enum Verdict: Sendable, Hashable {
        case alive, gone
        /// It runs on another machine or in another container: only its lease can tell.
        case unknowable
    }

    private let judge: @Sendable (WorkerIdentity) -> Verdict

    public init(_ judge: @escaping @Sendable (WorkerIdentity) -> Verdict) { self.judge = judge }

    public func verdict(on worker: WorkerIdentity) -> Verdict { judge(worker) }

    /// Looks into `/proc`: a process is the same if its number and its start time are.
    public static let system = WorkerLiveness { worker in
        guard !worker.host.isEmpty, worker.host == WorkerIdentity.currentHost() else { return .unknowable }
        switch WorkerIdentity.look(at: worker.pid) {
        case .running(let started): return started == worker.started ? .alive : .gone
        case .gone: return .gone
        case .hidden: return .unknowable
        }
    }
}

extension WorkerIdentity {
    /// This process.
    public static func current() -> WorkerIdentity {
        let pid = ProcessInfo.processInfo.processIdentifier
        let started: Int64 = if case .running(let ticks) = look(at: pid) { ticks } else { 0 }
        return WorkerIdentity(host: currentHost(), pid: pid, started: started)
    }

    /// The boot and the process namespace; empty where there is no `/proc` to tell them.
    static func currentHost() -> String {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let boot, let namespace else { return "" }
        return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines)) \(namespace)"
    }

    /// What `/proc` says of a process.
    enum Look: Equatable {
        /// Since so many clock ticks after the boot.
        case running(since: Int64)
        case gone
        /// It is there but cannot be read, for want of a file descriptor, say: not a reason to call it dead.
        case hidden
    }

    /// Field 22 of `/proc/PID/stat`; the second field, the program's name, may itself hold blanks and
    /// brackets.
    static func look(at pid: Int32) -> Look {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
            return FileManager.default.fileExists(atPath: "/proc/\(pid)") ? .hidden : .gone
        }
        guard let bracket = status.lastIndex(of: ")") else { return .hidden }
        let fields = status[status.index(after: bracket)...].split(separator: " ")
        // The first of these is field 3, the state. A zombie has died and only waits to be buried.
        guard fields.count > 19, let started = Int64(fields[19]) else { return .hidden }
        return fields[0] == "Z" || fields[0] == "X" ? .gone : .running(since: started)
    }
}
