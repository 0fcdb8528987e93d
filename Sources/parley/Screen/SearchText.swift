import ConversationStore
import Foundation
import ParleyCore
import UsageReport

/// What a search found, for people.
struct SearchText {
    let style: TextStyle
    let now: Timestamp

    /// Where it was found, then the words around it.
    func lines(of hit: SearchHit) -> [String] {
        var place = [
            "\(hit.session)", hit.role.rawValue, "#\(hit.position)", age(of: hit.createdAt),
        ]
        if let batch = hit.batch { place.append("\(batch) \(hit.jobKey ?? "")") }
        if hit.isHistory { place.append("history only") }
        let title = hit.batch == nil ? hit.title.safeLine : ""
        let head = style.dim(place.joined(separator: " · ")) + (title.isEmpty ? "" : "  " + title)
        return [head, "    " + excerpt(of: hit)]
    }

    /// In one line, with what was found in bold.
    private func excerpt(of hit: SearchHit) -> String {
        hit.excerpt.map { piece in
            let text = piece.text.safeLine
            return piece.isMatch ? style.bold(text) : text
        }.joined()
    }

    /// `3 h 05 min ago`; from a month on the date.
    private func age(of moment: Timestamp) -> String {
        let age = now.since(moment)
        return age < Self.datesFrom ? "\(Figures.duration(age)) ago" : String(moment.iso8601.prefix(10))
    }

    private static let datesFrom = Duration.seconds(30 * 24 * 3600)

    /// What a person should know of the search itself; nil when it looked at everything.
    static func sentence(on page: SearchPage) -> String? {
        switch page.reach {
        case .newestMatches(let count):
            "These are the best of the newest \(Figures.grouped(count)) messages that fit; more words, or --until, look further."
        case .newestLooks(let count):
            "Only the newest \(Figures.grouped(count)) messages with these words were looked at; more words look further."
        case .all: page.unindexed > 0 ? unindexed(page.unindexed) : nil
        }
    }

    private static func unindexed(_ count: Int) -> String {
        "\(Figures.count(count, "message")) from an answer that is still coming on not looked at."
    }
}

extension String {
    /// In one line and without signs that steer a terminal.
    var safeLine: String {
        var line = ""
        var wasSpace = false
        for scalar in unicodeScalars {
            let isSpace =
                scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            if isSpace { if !wasSpace { line.append(" ") } } else { line.unicodeScalars.append(scalar) }
            wasSpace = isSpace
        }
        return line
    }
}

extension SearchPage {
    var json: JSON {
        let reach: (word: String, count: Int?) =
            switch reach {
            case .all: ("all", nil)
            case .newestMatches(let count): ("newest_matches", count)
            case .newestLooks(let count): ("newest_looks", count)
            }
        return [
            "hits": .array(hits.map(\.json)), "matches": .int(matches), "reach": .string(reach.word),
            "reach_messages": reach.count.map { .int($0) } ?? .null, "unindexed": .int(unindexed),
        ]
    }
}

extension SearchHit {
    var json: JSON {
        [
            "session": .int(session.number), "message": .int(message.number), "position": .int(position),
            "role": .string(role.rawValue), "created_at": .string(createdAt.iso8601), "title": .string(title),
            "model": .string(model), "batch": .init(batch), "job": .init(jobKey), "history": .bool(isHistory),
            "excerpt": .string(excerpt.map(\.text).joined()),
            "pieces": .array(excerpt.map { ["text": .string($0.text), "match": .bool($0.isMatch)] }),
        ]
    }
}
