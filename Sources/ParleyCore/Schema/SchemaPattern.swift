internal import Foundation

/// A regular expression of a schema, as `pattern` and `patternProperties` hold them.
///
/// The dialect is that of ECMA-262 in Unicode mode, translated by ``PatternTranslation`` and run by
/// `NSRegularExpression`. A backtracking matcher can need exponential time, so each text has a budget of
/// ``reportsMax``, counted in the matcher's own reports of progress and not in time: the answer is the same on every
/// machine.
struct SchemaPattern: Sendable {
    /// Why a text is no pattern.
    struct Fault: Error, Sendable, Equatable {
        let reason: String
    }

    enum Outcome: Sendable, Equatable {
        case matches, differs, exhausted
    }

    /// A longer pattern is refused, in Unicode scalars.
    static let lengthMax = 4096
    /// How often the matcher may report progress on one text; a report is some 10,000 steps, about 0.1 ms.
    static let reportsMax = 2_000
    /// What a report counts for beside the other steps of a check.
    static let stepsPerReport = 100

    let source: String
    private let expression: NSRegularExpression

    init(_ source: String) throws(Fault) {
        guard source.unicodeScalars.count <= Self.lengthMax else {
            throw Fault(reason: "is longer than \(Self.lengthMax) characters")
        }
        self.source = source
        let translated = try PatternTranslation.translate(source)
        do {
            expression = try NSRegularExpression(pattern: translated)
        } catch {
            throw Fault(reason: "is no regular expression that can be used")
        }
    }

    /// Whether the text has a match anywhere in it, and after how many reports of progress that was known.
    func outcome(in text: String) -> (outcome: Outcome, reports: Int) {
        var outcome = Outcome.differs
        var reports = 0
        expression.enumerateMatches(
            in: text, options: [.reportProgress], range: NSRange(location: 0, length: text.utf16.count)
        ) { match, flags, stop in
            if match != nil {
                outcome = .matches
            } else {
                reports += 1
                guard reports > Self.reportsMax || flags.contains(.internalError) else { return }
                outcome = .exhausted
            }
            stop.pointee = true
        }
        return (outcome, reports)
    }
}
