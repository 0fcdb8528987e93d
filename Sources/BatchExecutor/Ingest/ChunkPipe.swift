import DequeModule
import Foundation
import ParleyCore

/// Lets a file be read on a thread of its own while what was read before is stored.
///
/// Reading and storing cost about the same, and a machine that parley runs on has more than one core. The queue between
/// them is short: a reader that is ahead waits, so memory stays bounded.
final class ChunkPipe<Outcome: Sendable>: Sendable {
    /// Chunks that may wait between the two.
    static var depth: Int { 8 }

    private enum Piece: Sendable {
        case chunk(DraftChunk, file: String)
        case end(Result<Outcome, any Error>)
    }

    private struct State {
        var pieces: Deque<Piece> = []
        var isAbandoned = false
    }

    private let condition = NSCondition()
    private nonisolated(unsafe) var state = State()

    /// Runs `produce` on another thread, and gives what it sends to `consume` on this one, in order.
    ///
    /// Gives what `produce` returned. Throws what either of them throws; what the reader threw comes after everything
    /// that it had sent. When `consume` throws, `produce` finds out at its next chunk; nobody waits for it.
    static func run(
        producing produce:
            @escaping @Sendable (_ send: (DraftChunk, String) throws -> Void) throws -> Outcome,
        consuming consume: (DraftChunk, String) throws -> Void
    ) throws -> Outcome {
        let pipe = ChunkPipe()
        let thread = Thread {
            let outcome = Result { try produce { try pipe.send(.chunk($0, file: $1)) } }
            try? pipe.send(.end(outcome))
        }
        thread.name = "parley ingest"
        thread.start()
        while true {
            switch pipe.receive() {
            case .chunk(let chunk, let file):
                do {
                    try consume(chunk, file)
                } catch {
                    pipe.abandon()
                    throw error
                }
            case .end(let outcome): return try outcome.get()
            }
        }
    }

    private func send(_ piece: Piece) throws {
        condition.lock()
        defer { condition.unlock() }
        while state.pieces.count >= Self.depth, !state.isAbandoned { condition.wait() }
        guard !state.isAbandoned else { throw ChunkPipeAbandoned() }
        state.pieces.append(piece)
        condition.signal()
    }

    private func receive() -> Piece {
        condition.lock()
        defer { condition.unlock() }
        while state.pieces.isEmpty { condition.wait() }
        condition.signal()
        return state.pieces.removeFirst()
    }

    private func abandon() {
        condition.lock()
        defer { condition.unlock() }
        state.isAbandoned = true
        condition.signal()
    }
}

/// The receiver has failed: the sender is to stop.
private struct ChunkPipeAbandoned: Error {}
