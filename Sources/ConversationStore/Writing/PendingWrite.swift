/// An operation that waits for the writer, whatever its result is.
protocol PendingWrite: AnyObject, Sendable {
    /// Runs the operation and keeps its result; gives the error if it failed.
    func run(in context: WriteContext) -> (any Error)?

    /// Tells the caller the result that was kept; called once, after the commit.
    func answer(path: String)

    /// Tells the caller that the whole group failed.
    func answer(failure: any Error)
}

/// Touched by the writer's queue alone, hence without a lock.
final class QueuedWrite<Value: Sendable>: PendingWrite, @unchecked Sendable {
    private let work: @Sendable (WriteContext) throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private var result: Result<Value, any Error>?

    init(
        _ work: @escaping @Sendable (WriteContext) throws -> Value,
        _ continuation: CheckedContinuation<Value, any Error>
    ) {
        self.work = work
        self.continuation = continuation
    }

    func run(in context: WriteContext) -> (any Error)? {
        do {
            result = .success(try work(context))
            return nil
        } catch {
            result = .failure(error)
            return error
        }
    }

    func answer(path: String) {
        guard let result else { preconditionFailure("a write is answered before it has run") }
        continuation.resume(with: result.mapError { StoreError.wrapping($0, path: path) })
    }

    func answer(failure: any Error) { continuation.resume(throwing: failure) }
}
