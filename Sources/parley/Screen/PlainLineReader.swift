import Foundation
import Synchronization

/// Reads lines as the terminal gives them: where there is no libedit, no terminal, or a dumb one.
///
/// The same marks as everywhere make a message of several lines; see ``WrittenText``. Ctrl-C is a signal here.
final class PlainLineReader: LineReader {
    /// A longer message is cut there.
    static let bytesMax = 8 << 20

    private let input: Int32
    private let wakeup: (read: Int32, write: Int32)
    private let show: @Sendable (String) -> Void
    /// What was read and not yet taken.
    private let rest = Mutex<[UInt8]>([])

    /// - Parameter show: writes a prompt.
    init(input: Int32 = STDIN_FILENO, show: @escaping @Sendable (String) -> Void) {
        self.input = input
        self.show = show
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        wakeup = (ends[0], ends[1])
    }

    deinit {
        for end in [wakeup.read, wakeup.write] where end >= 0 { _ = Foundation.close(end) }
    }

    func read(prompt: String) async -> LineInput {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: self.readBlocking(prompt: prompt)) }
            }
        } onCancel: {
            stop()
        }
    }

    /// Reads on this thread.
    func readBlocking(prompt: String) -> LineInput {
        rest.withLock { rest in
            show(prompt)
            var text = ""
            while let line = nextLine(&rest) {
                text += line
                guard let replaced = WrittenText.goesOn(text), text.utf8.count < Self.bytesMax else {
                    return .line(WrittenText.message(text))
                }
                text = text.dropLast(replaced) + "\n"
                show("… ")
            }
            return text.isEmpty ? .end : .line(WrittenText.message(text))
        }
    }

    /// The next line without its end; nil at the end of the input. What is no UTF-8 is replaced.
    private func nextLine(_ rest: inout [UInt8]) -> String? {
        var searched = 0
        while true {
            let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n"))
            if end != nil || rest.count >= Self.bytesMax {
                let line = rest[..<(end ?? rest.count)]
                defer { rest.removeFirst(min(rest.count, line.count + 1)) }
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            searched = rest.count
            guard let more = nextBytes(), !more.isEmpty else {
                defer { rest = [] }
                return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
            }
            rest += more
        }
    }

    /// Nil when the reader was stopped.
    private func nextBytes() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var files = [
                pollfd(fd: input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup.read, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&files, 2, -1) < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if files[1].revents != 0 { return nil }
            let count = buffer.withUnsafeMutableBytes { Foundation.read(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            return count < 0 ? nil : Array(buffer[..<count])
        }
    }

    func stop() { _ = Foundation.write(wakeup.write, "s", 1) }

    func close() { stop() }
}
