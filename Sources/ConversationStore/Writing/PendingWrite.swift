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
    private let hear: @Sendable (Result<Value, any Error>) -> Void
    private var result: Result<Value, any Error>?

    /// `hear` is called once, on the writer's queue, so it must not wait for anything.
    init(
        _ work: @escaping @Sendable (WriteContext) throws -> Value,
        hear: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        self.work = work
        self.hear = hear
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
        hear(result.mapError { StoreError.wrapping($0, path: path) })
    }

    func answer(failure: any Error) { hear(.failure(failure)) }
}
