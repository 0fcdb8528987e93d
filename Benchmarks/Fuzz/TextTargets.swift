import OrderedCollections
import ParleyCore
import ProviderStack

enum TextTargets {
    static func json(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let value = try? JSON(parsing: bytes) else { return }
        let written = value.bytes()
        guard let again = try? JSON(parsing: written) else {
            preconditionFailure("what was written cannot be read")
        }
        precondition(again == value, "what was written is another value")
        let sorted = value.bytes(sortsKeys: true)
        guard let sortedValue = try? JSON(parsing: sorted) else {
            preconditionFailure("what was written with sorted keys cannot be read")
        }
        precondition(sortedValue.bytes(sortsKeys: true) == sorted, "sorted keys are not stable")
    }

    static func skimmer(_ bytes: UnsafeBufferPointer<UInt8>) {
        let value = try? JSON(parsing: bytes)
        var skimmer = JSONSkimmer(bytes)
        skimmer.enterObject()
        var strings: [String] = []
        var integers: [Int] = []
        while let name = skimmer.nextName() {
            switch name {
            case "s": if let text = skimmer.string() { strings.append(text) }
            case "i": if let number = skimmer.integer() { integers.append(number) }
            case "n": if !skimmer.takesNull() { skimmer.skip() }
            case "a":
                skimmer.enterArray()
                while skimmer.nextElement() { skimmer.skip() }
            default: skimmer.skip()
            }
        }
        guard skimmer.isWhole() else { return }
        guard case .object(let members)? = value else { preconditionFailure("skimmed what is no object") }
        precondition(members["s"]?.stringValue == strings.last, "skimmed another string")
        precondition(members["i"]?.intValue == integers.last, "skimmed another number")
        precondition(members["a"] == nil || members["a"]?.arrayValue != nil, "skimmed another array")
    }

    static func arguments(_ bytes: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        let arguments = ToolCall.Arguments(reading: text)
        switch arguments {
        case .parsed:
            let again = ToolCall.Arguments(reading: arguments.rawText)
            precondition(again.rawText == arguments.rawText, "arguments are not stable")
        case .repaired(let object, let raw):
            precondition(raw == text && !object.isEmpty, "a repair of nothing")
        case .invalid(let raw):
            precondition(raw == text, "an invalid text was changed")
        }
    }

    static func headers(_ bytes: UnsafeBufferPointer<UInt8>) {
        let values = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        func value(_ number: Int) -> String? { number < values.count ? values[number] : nil }
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let wait = RetryAfter.read(now: now) { name in name == "retry-after" ? value(0) : value(1) }
        let date = RetryAfter.read(now: now) { name in name == "retry-after" ? value(0) : nil }
        for wait in [wait, date].compactMap(\.self) {
            precondition(wait >= .zero && wait <= RetryAfter.longest, "a wait out of its bounds")
        }
        var next = 0
        _ = RateLimitReading { _ in
            next += 1
            return value(next % max(values.count, 1))
        }
        _ = try? BaseURL(value(0) ?? "")
    }
}
