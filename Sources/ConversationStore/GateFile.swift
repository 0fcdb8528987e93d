import ParleyCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A page of memory that all processes share which have one database open: a file beside it, as SQLite's index of its log is.
///
/// It holds a table of gates: for each limiter a key and the moment at which its next request is due. A moment is exchanged only if
/// it is still what was read, so nobody ever holds a lock that a stopped or killed process would take along. Whoever
/// closes the file last removes it.
final class GateFile {
    static let suffix = "-gate"
    static let bytes = 4096
    /// More limiters than that have no gate here.
    static let slots = bytes / MemoryLayout<Slot>.stride

    /// All of it is zero in a new file.
    struct Slot: ~Copyable {
        /// Which limiter's it is; zero = nobody's.
        let key: Atomic<UInt64>
        /// See ``StartGate/nextAt``.
        let nextAt: Atomic<Int64>
    }

    private let path: String
    private let descriptor: Int32
    private let memory: UnsafeMutableRawPointer

    /// Nil where there can be no such file: the folder is not writable, the disk is full, the file system shares no memory.
    init?(besides databasePath: String) {
        path = databasePath + Self.suffix
        guard let descriptor = Self.open(path, like: databasePath) else { return nil }
        // The room is taken now: on a full disk, memory that turns out to have none ends the process.
        guard Self.fill(descriptor),
            let memory = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else {
            _ = Self.release(path, descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.memory = memory
    }

    deinit {
        munmap(memory, Self.bytes)
        _ = Self.release(path, descriptor)
    }

    /// How long to wait before asking again; zero = go now. Nil when there is no slot left for that key.
    func wait(for key: UInt64, distance: Double, at now: Timestamp) -> Duration? {
        let slots = memory.assumingMemoryBound(to: Slot.self)
        for step in 0..<Self.slots {
            let index = (Int(truncatingIfNeeded: key % UInt64(Self.slots)) + step) % Self.slots
            let holder = slots[index].key.compareExchange(
                expected: 0, desired: key, ordering: .acquiringAndReleasing)
            guard holder.exchanged || holder.original == key else { continue }
            while true {
                let nextAt = slots[index].nextAt.load(ordering: .acquiring)
                var gate = StartGate(nextAt: nextAt)
                let wait = gate.wait(distance: distance, at: now)
                if wait > .zero { return wait }
                let passage = slots[index].nextAt.compareExchange(
                    expected: nextAt, desired: gate.nextAt, ordering: .acquiringAndReleasing)
                if passage.exchanged { return .zero }
            }
        }
        return nil
    }

    /// Opens the file and holds it with a shared lock, which says that it is in use.
    private static func open(_ path: String, like databasePath: String) -> Int32? {
        var database = stat()
        guard stat(databasePath, &database) == 0 else { return nil }
        for _ in 0..<100 {
            let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
            let descriptor = openat(AT_FDCWD, path, flags, database.st_mode & 0o666)
            guard descriptor >= 0 else { return nil }
            var file = stat()
            var named = stat()
            if flock(descriptor, LOCK_SH | LOCK_NB) == 0, fstat(descriptor, &file) == 0,
                lstat(path, &named) == 0, file.st_ino == named.st_ino, file.st_dev == named.st_dev
            {
                return descriptor
            }
            // Somebody is just removing it.
            close(descriptor)
            usleep(1000)
        }
        return nil
    }

    /// Makes the file as long as it is to be, with nothing in it; false when there is no room for it.
    private static func fill(_ descriptor: Int32) -> Bool {
        var file = stat()
        guard fstat(descriptor, &file) == 0 else { return false }
        let missing = Self.bytes - Int(file.st_size)
        guard missing > 0 else { return true }
        return pwrite(descriptor, [UInt8](repeating: 0, count: missing), missing, file.st_size) == missing
    }

    private static func release(_ path: String, _ descriptor: Int32) -> Int32 {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
        return close(descriptor)
    }
}
