import Logging
import OrderedCollections
import ParleyCore

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

/// Logs in the form of `--log json`.
struct EventLogHandler: LogHandler {
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
        var details = JSONObject(
            uniqueKeysWithValues: facts.sorted { $0.key < $1.key }.map { ($0.key, .string("\($0.value)")) })
        if let error = event.error { details["error"] = .string("\(error)") }
        screen.emit(
            EventLine(
                .log, level: event.level,
                ["message": .string("\(event.message)"), "details": .object(details)]))
    }
}
