import Logging
import OrderedCollections
import ParleyCore
import UsageReport

/// One line of `--log json`.
struct EventLine: Sendable, Equatable {
    let name: EventName
    let level: Logger.Level
    let members: JSONObject

    init(_ name: EventName, level: Logger.Level? = nil, _ members: JSONObject = [:]) {
        self.name = name
        self.level = level ?? name.level
        self.members = members
    }

    /// The object as one line of text, with its end.
    func text(at now: Timestamp) -> String {
        var object: JSONObject = [
            "time": .string(now.iso8601Milliseconds), "level": .string(level.rawValue),
            "event": .string(name.rawValue),
        ]
        object.merge(members) { own, _ in own }
        return JSON.object(object).text() + "\n"
    }
}
