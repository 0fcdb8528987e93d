import Foundation
import Synchronization
import Testing

/// A program that is at work. What it writes goes into files, so that no pipe fills up.
///
/// It is started by `posix_spawn` and waited for by a thread of its own: the library's `Process` learns of an end by a
/// socket that programs started at the same time may inherit, and then waits for those as well.
final class RunningProgram: Sendable {
    let identifier: Int32
    private let outputFile: URL
    private let errorFile: URL
    private let ending: Ending

    /// The status as soon as there is one, and who waits for it.
    private final class Ending: Sendable {
        private let state = Mutex<(status: Int32?, waiting: [CheckedContinuation<Int32, Never>])>((nil, []))

        var status: Int32? { state.withLock { $0.status } }

        func set(_ status: Int32) {
            let waiting = state.withLock { state in
                state.status = status
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: status) }
        }

        func wait() async -> Int32 {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state in
                    if state.status == nil { state.waiting.append(continuation) }
                    return state.status
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }

    init(
        _ binary: String, _ arguments: [String], environment: [String: String], folder: URL, input: String?
    ) throws {
        let name = UUID().uuidString
        outputFile = folder.appending(path: ".\(name).out")
        errorFile = folder.appending(path: ".\(name).err")
        let inputFile = folder.appending(path: ".\(name).in")
        if let input { try Data(input.utf8).write(to: inputFile) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(
            &actions, 0, input == nil ? "/dev/null" : inputFile.path, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputFile.path, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorFile.path, O_WRONLY | O_CREAT, 0o600)
        // The shell goes into the folder and then becomes the program, under the same number.
        let shell = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder.path, binary]
        var words = (shell + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var identifier: Int32 = 0
        let problem = posix_spawn(&identifier, shell[0], &actions, nil, &words, &variables)
        try #require(problem == 0, "\(binary) does not start: \(String(cString: strerror(problem)))")

        self.identifier = identifier
        let ending = Ending()
        self.ending = ending
        Thread.detachNewThread { [identifier] in
            var word: Int32 = 0
            while waitpid(identifier, &word, 0) < 0, errno == EINTR {}
            let signal = word & 0x7F
            ending.set(signal == 0 ? word >> 8 & 0xFF : -signal)
        }
    }

    deinit { if !hasEnded { signal(SIGKILL) } }

    var hasEnded: Bool { ending.status != nil }

    /// What it has written so far.
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

    func signal(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for the end; whoever stops waiting ends the program.
    func outcome() async throws -> Outcome {
        let status = await withTaskCancellationHandler {
            await ending.wait()
        } onCancel: {
            signal(SIGKILL)
        }
        return Outcome(
            status: status, output: output, errors: try String(contentsOf: errorFile, encoding: .utf8))
    }
}
