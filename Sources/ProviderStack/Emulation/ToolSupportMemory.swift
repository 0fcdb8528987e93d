import OrderedCollections
public import ParleyCore
import Synchronization

/// The models that have turned out to have no tools of their own.
///
/// It lasts as long as the process and can be shared by all clients. A provider that learns tools is asked natively again
/// at the next start.
public final class ToolSupportMemory: Sendable {
    /// So many models are remembered; the one that was noted first is forgotten for the next.
    public static let modelsMax = 1024

    private let models = Mutex(OrderedSet<ModelName>())

    public init() {}

    /// Whether the model is known to have no tools.
    public func lacksTools(_ model: ModelName) -> Bool { models.withLock { $0.contains(model) } }

    /// Notes that the model has no tools.
    public func note(_ model: ModelName) {
        models.withLock { models in
            models.append(model)
            if models.count > Self.modelsMax { models.removeFirst() }
        }
    }
}
