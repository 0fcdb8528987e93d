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
        return WorkerIdentity.startTicks(of: worker.pid) == worker.started ? .alive : .gone
    }
}

extension WorkerIdentity {
    /// This process.
    public static func current() -> WorkerIdentity {
        let pid = ProcessInfo.processInfo.processIdentifier
        return WorkerIdentity(host: currentHost(), pid: pid, started: startTicks(of: pid) ?? 0)
    }

    /// The boot and the process namespace; empty where there is no `/proc` to tell them.
    static func currentHost() -> String {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let boot, let namespace else { return "" }
        return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines)) \(namespace)"
    }

    /// Field 22 of `/proc/PID/stat`; the second field, the program's name, may itself hold blanks and
    /// brackets.
    static func startTicks(of pid: Int32) -> Int64? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let bracket = status.lastIndex(of: ")")
        else { return nil }
        let fields = status[status.index(after: bracket)...].split(separator: " ")
        // The first of these is field 3, the state. A zombie has died and only waits to be buried.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return Int64(fields[19])
    }
}
