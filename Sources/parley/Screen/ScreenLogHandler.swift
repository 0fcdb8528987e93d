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

    // The protocol names eight arguments; the last three say where in the source, which nobody needs here.
    func log(
        level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?, source: String,
        file: String,
        function: String, line: UInt
    ) {
        let facts = self.metadata.merging(metadata ?? [:]) { _, new in new }
            .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        screen.tell("parley: \(level): \(message)\(facts.isEmpty ? "" : " (\(facts))")")
    }
}
