import Synchronization

/// Random numbers for several tasks; injected, so that tests know them.
public final class SharedRandom: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    public init(_ generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.generator = Mutex(generator)
    }

    func next() -> UInt64 { generator.withLock { $0.next() } }

    /// For the values that take a generator.
    var numbers: Numbers { Numbers(source: self) }

    struct Numbers: RandomNumberGenerator {
        let source: SharedRandom

        mutating func next() -> UInt64 { source.next() }
    }
}
