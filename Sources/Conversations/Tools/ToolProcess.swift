import Foundation
import ParleyCore
import Subprocess
import SystemPackage

/// Runs one command: its words, what it reads, and how long it may take.
///
/// It leads a session of its own, so that Ctrl-C does not reach it directly, no terminal can be read by it, and all that it starts can be
/// stopped with it: SIGTERM to all of them, and SIGKILL to whatever is left when the command has ended, at the latest after
/// ``grace``. What a command leaves running that ends by itself is not touched.
struct ToolProcess: Sendable {
    /// Absolute.
    var executable: String
    var words: [String]
    var environment: [String: String]
    var timeout: Duration
    var grace: Duration
    var outputBytesMax: Int
    var time: TimeSource

    private struct Report: Sendable {
        var ending: ToolEnding
        /// It did not end by itself.
        var wasStopped: Bool
    }

    private struct Written: Sendable {
        var output: String
        var errors: String
        var wasStopped: Bool
    }

    /// Throws when the task was cancelled before the command ended by itself; all of it is gone then.
    func run(input: [UInt8]) async throws(CancellationError) -> ToolEnding {
        _ = Self.ignoresBrokenPipes
        if Task.isCancelled { throw CancellationError() }
        let report = await withTaskGroup(of: Report?.self) { group in
            group.addTask { await start(with: input) }
            group.addTask {
                // Cancelled: the command has ended, or all is to end.
                try? await time.sleep(for: timeout)
                return nil
            }
            var report: Report?
            while let next = await group.next() {
                if let next { report = next }
                group.cancelAll()
            }
            return report
        }
        guard var report else { throw CancellationError() }
        guard report.wasStopped else { return report.ending }
        if Task.isCancelled { throw CancellationError() }
        report.ending.way = .timedOut(timeout)
        return report.ending
    }

    private func start(with input: [UInt8]) async -> Report {
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(words),
                environment: .custom(keyed), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                async let written: Void = Self.write(input, to: execution.standardInputWriter)
                async let errors = Self.keep(
                    execution.standardError, in: KeptOutput(tailMax: ToolEnding.errorBytesMax))
                let output = await Self.keep(
                    execution.standardOutput, in: KeptOutput(bytesMax: outputBytesMax))
                let ends = (output: output, errors: await errors)
                _ = await written
                // Signal 0 does nothing: this waits for the end, which comes with the time limit at the latest.
                await execution.teardown(using: [
                    .send(
                        signal: Signal(rawValue: 0), toProcessGroup: true,
                        allowedDurationToNextStep: timeout + grace + grace)
                ])
                let wasStopped = Task.isCancelled
                // Its number is not given to another process before this closure ends.
                if wasStopped { try? execution.send(signal: .kill, toProcessGroup: true) }
                return Written(output: ends.output.text, errors: ends.errors.text, wasStopped: wasStopped)
            }
            let way: ToolEnding.Way =
                switch result.terminationStatus {
                case .exited(let status): .exited(status: Int(status))
                case .signaled(let signal): .signalled(Int(signal))
                }
            let written = result.closureResult
            return Report(
                ending: ToolEnding(way: way, output: written.output, errors: written.errors),
                wasStopped: written.wasStopped)
        } catch {
            let reason = (error as? SubprocessError)?.underlyingError.map { "\($0)" } ?? "\(error)"
            return Report(ending: ToolEnding(way: .notStarted(reason)), wasStopped: false)
        }
    }

    private var keyed: [Environment.Key: String] {
        Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        return options
    }

    /// A command need not read what it is given.
    private static func write(_ bytes: [UInt8], to writer: StandardInputWriter) async {
        _ = try? await writer.write(bytes)
        try? await writer.finish()
    }

    private static func keep(_ stream: SubprocessOutputSequence, in kept: KeptOutput) async -> KeptOutput {
        var kept = kept
        // An output that cannot be read on has ended.
        do {
            for try await piece in stream { piece.withUnsafeBytes { kept.append($0) } }
        } catch {}
        return kept
    }

    /// Writing to a command that has ended is an error to be read, not the end of this process.
    private static let ignoresBrokenPipes: Bool = {
        signal(SIGPIPE, SIG_IGN)
        return true
    }()
}
