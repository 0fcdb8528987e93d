import NIOCore

/// Runs Swift tasks on an event loop.
///
/// Whoever asks from a task on the loop of its connection is answered there: the answer wakes no other thread, and
/// what is read of it is still in the cache of the processor that received it.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
