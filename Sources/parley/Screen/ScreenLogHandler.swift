import Logging

/// Logs to the screen, above the panel.
struct ScreenLogHandler: LogHandler {
    let screen: Screen
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(screen: Screen, logLevel: Logger.Level) {
        self.screen = screen
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
            .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let error = event.error.map { ": \($0)" } ?? ""
        screen.tell("parley: \(event.level): \(event.message)\(error)\(facts.isEmpty ? "" : " (\(facts))")")
    }
}
