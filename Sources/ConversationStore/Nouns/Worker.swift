/// Which process on which machine works on the queue.
public struct WorkerIdentity: Sendable, Hashable {
    /// The boot and the process namespace: within it a process is known by number and start time.
    public var host: String
    public var pid: Int32
    /// When the process started, in clock ticks since the boot.
    public var started: Int64

    public init(host: String, pid: Int32, started: Int64) {
        self.host = host
        self.pid = pid
        self.started = started
    }
}

/// A process that is registered to work on the queue.
public struct Worker: Sendable, Hashable {
    public let id: Int64
    /// 8 random bytes; each of its leases begins with them.
    public let token: [UInt8]
    public let identity: WorkerIdentity
}

/// What to do with a job whose request was in the air when its worker was lost.
public enum UnknownPolicy: String, Sendable, Hashable, CaseIterable {
    /// Ask again, with the same idempotency key.
    case retry
    /// Leave it to the user.
    case hold
}

/// What a rescue found.
public struct RescueReport: Sendable, Hashable {
    /// Jobs that a lost worker held but had not sent: they wait again.
    public var released: Int
    /// Jobs whose request was in the air and that will be asked again.
    public var askedAgain: Int
    /// Jobs that are left `unknown`: that is the policy, or they have used up their requests.
    public var held: Int
    /// Registered workers that were found dead.
    public var workersLost: Int

    public init(released: Int = 0, askedAgain: Int = 0, held: Int = 0, workersLost: Int = 0) {
        self.released = released
        self.askedAgain = askedAgain
        self.held = held
        self.workersLost = workersLost
    }
}
