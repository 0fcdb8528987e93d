import ParleyCore
import ProviderStack

/// Something in a prompt that is another one whenever the prompt is made: a time, a date, a random id.
public struct PromptStamp: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case time
        case date
        /// A UUID, a ULID, a long hexadecimal or mixed word.
        case identifier
    }

    public var kind: Kind
    /// As it stands there, at most ``wordsMax`` characters of it.
    public var words: String
    public var place: TextPlace
    /// How many tokens stand after it, estimated.
    public var tokensAfter: Int

    public static let wordsMax = 40

    public init(kind: Kind, words: String, place: TextPlace, tokensAfter: Int) {
        self.kind = kind
        self.words = words
        self.place = place
        self.tokensAfter = tokensAfter
    }

    init(_ find: StampScanner.Find, in text: String) {
        self.init(
            kind: find.kind, words: String(text[find.range].prefix(Self.wordsMax)),
            place: TextPlace(of: find.range.lowerBound, in: text),
            tokensAfter: TokenEstimate.of(String(text[find.range.upperBound...])).tokens)
    }
}

/// Finds stamps in prompts.
///
/// A text that is the same for all rows may well hold dates, times and ids that belong to what it says: an example, the
/// day of a law. So there a time or a date counts only if it is of these days, or is said to be today's.
struct StampScanner {
    struct Find: Sendable, Hashable {
        var kind: PromptStamp.Kind
        var range: Range<String.Index>
        /// Whole days since 1970, where it says a day.
        var day: Int?
    }

    /// Longer prompts are looked at so far.
    static let charactersMax = 65_536

    let text: String

    init(_ text: String) {
        self.text = text.utf8.count <= Self.charactersMax ? text : String(text.prefix(Self.charactersMax))
    }

    /// Those that were put in when the prompt was made, as far as it shows; the first of each kind.
    func fresh(at now: Timestamp) -> [PromptStamp] {
        let today = Int(now.milliseconds / 86_400_000)
        var kinds: Set<PromptStamp.Kind> = []
        return finds(near: now)
            .filter { find in
                guard let day = find.day else { return true }
                return abs(day - today) <= 1 || isCalledToday(find)
            }
            .filter { kinds.insert($0.kind).inserted }
            .map { PromptStamp($0, in: text) }
    }

    /// The text with a mark in the place of each: texts that differ in nothing else become the same.
    var masked: String {
        var result = ""
        var rest = text.startIndex
        for find in finds(near: nil) {
            result += text[rest..<find.range.lowerBound] + "\u{0}"
            rest = find.range.upperBound
        }
        return result + text[rest...]
    }

    /// The first place in which two texts differ, if it is a stamp.
    func first(differingFrom other: StampScanner) -> PromptStamp? {
        let difference = zip(text.indices, zip(text, other.text)).first { $0.1.0 != $0.1.1 }?.0
        guard let difference else { return nil }
        return finds(near: nil).first { $0.range.contains(difference) }.map { PromptStamp($0, in: text) }
    }

    /// Whether the words before a date say that it is today's.
    private func isCalledToday(_ find: Find) -> Bool {
        let line =
            text[..<find.range.lowerBound].suffix(48).split(
                omittingEmptySubsequences: false, whereSeparator: \.isNewline
            ).last ?? ""
        let words = line.lowercased()
        return ["today", "current date", "current time", "the date is", "now is", "time is now"]
            .contains { words.contains($0) }
    }
}

// What they look like.
extension StampScanner {
    /// In the order of the text; none overlaps another one.
    ///
    /// - Parameter now: a bare number counts as a time only if it is one of these days; nil = any that could be one.
    private func finds(near now: Timestamp?) -> [Find] {
        var finds: [Find] = []
        func add(_ more: [Find]) {
            finds += more.filter { new in !finds.contains { $0.range.overlaps(new.range) } }
        }
        add(times)
        add(identifiers)
        add(dates)
        add(numbers(near: now))
        return finds.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private var times: [Find] {
        let iso = #/\b(\d{4})-(\d\d)-(\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z\b|[+-]\d\d:?\d\d)?/#
        let mail =
            #/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{1,2}) ([A-Z][a-z][a-z]) (\d{4}) \d\d:\d\d(?::\d\d)?(?: [A-Z]{3}| [+-]\d{4})?/#
        return text.matches(of: iso).map {
            Find(kind: .time, range: $0.range, day: Self.day($0.output.1, $0.output.2, $0.output.3))
        }
            + text.matches(of: mail).map {
                Find(kind: .time, range: $0.range, day: Self.day($0.output.3, $0.output.2, $0.output.1))
            }
    }

    private var dates: [Find] {
        let iso = #/\b(\d{4})-(\d\d)-(\d\d)\b/#
        let american = #/\b([A-Z][a-z]{2,8})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b/#
        let european = #/\b(\d{1,2})(?:st|nd|rd|th|\.)? ([A-Z][a-z]{2,8})\.?,? (\d{4})\b/#
        let all =
            text.matches(of: iso).map { ($0.range, Self.day($0.output.1, $0.output.2, $0.output.3)) }
            + text.matches(of: american).map { ($0.range, Self.day($0.output.3, $0.output.1, $0.output.2)) }
            + text.matches(of: european).map { ($0.range, Self.day($0.output.3, $0.output.2, $0.output.1)) }
        return all.compactMap { range, day in day.map { Find(kind: .date, range: range, day: $0) } }
    }

    /// Seconds or milliseconds since 1970.
    private func numbers(near now: Timestamp?) -> [Find] {
        text.matches(of: #/\b\d{10}(?:\d{3})?\b/#).compactMap { match in
            guard let number = Int64(match.output) else { return nil }
            let milliseconds = match.output.utf8.count == 13 ? number : number * 1000
            let isNear =
                now.map { abs(milliseconds - $0.milliseconds) <= 86_400_000 }
                ?? (1_500_000_000_000...4_000_000_000_000).contains(milliseconds)
            return isNear ? Find(kind: .time, range: match.range) : nil
        }
    }

    private var identifiers: [Find] {
        let uuid = #/\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b/#
        let word = #/\b[0-9A-Za-z]{22,64}\b/#
        return text.matches(of: uuid).map { Find(kind: .identifier, range: $0.range) }
            + text.matches(of: word).filter { Self.looksRandom($0.output) }
            .map { Find(kind: .identifier, range: $0.range) }
    }

    /// Hexadecimal of 32 digits and more, a ULID, or a mixed word whose letters and digits follow no rule of writing.
    private static func looksRandom(_ word: Substring) -> Bool {
        let digits = word.count { $0.isNumber }
        guard digits >= 3, word.count - digits >= 3 else { return false }
        if word.count >= 32, word.allSatisfy(\.isHexDigit) { return true }
        let isULID = word.count == 26 && "01234567".contains(word.first ?? "x")
        if isULID, word.allSatisfy({ $0.isNumber || $0.isUppercase && !"ILOU".contains($0) }) { return true }
        func kind(_ letter: Character) -> Int { letter.isNumber ? 0 : letter.isUppercase ? 1 : 2 }
        let changes = zip(word, word.dropFirst()).count { kind($0) != kind($1) }
        return Set(word.map(kind)).count == 3 && changes * 5 >= word.count * 2
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Whole days since 1970 of a date in the Gregorian calendar; nil when it is none.
    private static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> Int? {
        let named = months.firstIndex(of: String(month.lowercased().prefix(3))).map { $0 + 1 }
        guard let year = Int(year), let month = Int(month) ?? named, let day = Int(day),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Years that begin in March, so that the leap day is their last one.
        let (years, months) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 719_469
    }
}
