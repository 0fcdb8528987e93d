import OrderedCollections
import ParleyCore

/// One key of a job sheet and its value, read as the kind of value that the key wants.
struct SheetEntry {
    let reader: JobSheetReader
    let key: String
    let line: Int
    let value: YAMLValue

    func fault(_ reason: String) -> IngestError { reader.fault(line, key, reason) }

    func json() throws -> JSON {
        guard let json = value.json else { throw fault("the value is nested too deep or too large") }
        return json
    }

    func text() throws -> String {
        switch try json() {
        case .string(let text) where !text.isBlank: return text
        case .number(let literal): return literal
        case .string: throw fault("it is empty")
        case let other: throw fault("it must be a text, this is \(other.kindName)")
        }
    }

    /// One text, or a list of them.
    func texts() throws -> [String] {
        guard let elements = value.elements else { return [try text()] }
        let entries = elements.map { SheetEntry(reader: reader, key: key, line: $0.line, value: $0) }
        guard !entries.isEmpty else { throw fault("the list is empty") }
        return try entries.map { try $0.text() }
    }

    func model() throws -> ModelName { try model(named: text()) }

    func models() throws -> [ModelName] { try texts().map(model(named:)) }

    private func model(named text: String) throws -> ModelName {
        guard let model = ModelName(text) else {
            throw fault("'\(text)' names no provider; write provider/model, such as openai/\(text)")
        }
        return model
    }

    func count(from least: Int) throws -> Int {
        let json = try json()
        guard let count = json.intValue, count >= least else {
            let wanted = least == .min ? "a whole number" : "a whole number of at least \(least)"
            throw fault("it must be \(wanted), this is \(shown(json))")
        }
        return count
    }

    func count(in range: ClosedRange<Int>) throws -> Int {
        let json = try json()
        guard let count = json.intValue, range.contains(count) else {
            throw fault(
                "it must be a whole number from \(range.lowerBound) to \(range.upperBound), this is \(shown(json))"
            )
        }
        return count
    }

    func number(from least: Double) throws -> Double {
        let json = try json()
        guard let number = json.doubleValue, number.isFinite, number >= least else {
            throw fault("it must be a number of at least \(JSON.double(least)), this is \(shown(json))")
        }
        return number
    }

    func dollars() throws -> Picodollars {
        let json = try json()
        let literal = json.stringValue ?? json.plainText
        guard let amount = Picodollars(dollars: literal) else {
            throw fault("it must be an amount in dollars, such as 0.50; this is \(shown(json))")
        }
        return amount
    }

    func flag() throws -> Bool {
        let json = try json()
        guard let flag = json.boolValue else {
            throw fault("it must be true or false, this is \(shown(json))")
        }
        return flag
    }

    func object() throws -> JSONObject {
        let json = try json()
        guard let object = json.objectValue else {
            throw fault("it must hold keys with values, this is \(json.kindName)")
        }
        return object
    }

    private func shown(_ json: JSON) -> String { "'\(json.plainText.prefix(40))'" }
}
