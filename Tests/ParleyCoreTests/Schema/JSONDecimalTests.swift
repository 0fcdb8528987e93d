import Testing

@testable import ParleyCore

@Suite struct `Exact decimals` {
    private func decimal(_ literal: String) throws -> JSONDecimal {
        try #require(JSONDecimal(literal), "\(literal)")
    }

    @Test(arguments: [
        ["1", "1.0", "10e-1", "0.1E+1", "100e-02"], ["0", "-0", "0.0", "0e9", "-0.000"],
        ["-1200", "-1.2e3", "-12e2"], ["1e9999999999999999999", "1e8888888888888888888"],
    ]) func `A value has one spelling`(literals: [String]) throws {
        #expect(try Set(literals.map { try decimal($0).canonical }).count == 1)
    }

    @Test func `Values are ordered as numbers`() throws {
        let literals = [
            "-1e400", "-10", "-9.5", "-1e-400", "0", "1e-400", "0.1", "0.12", "0.2", "9007199254740992",
            "9007199254740993", "1e400",
        ]
        let values = try literals.map(decimal)
        for (low, left) in values.enumerated() {
            for (high, right) in values.enumerated() {
                #expect((left < right) == (low < high), "\(literals[low]) < \(literals[high])")
            }
        }
    }

    @Test(arguments: [
        ("0.3", "0.1", true), ("0.35", "0.1", false), ("1e308", "0.5", true), ("1e308", "0.123456789", false),
        ("9007199254740993", "3", true), ("9007199254740994", "3", false), ("-7.5", "2.5", true),
        ("0", "7", true), ("1e1000", "7", false), ("7e1000000000000", "7", true), ("19.99", "0.01", true),
        ("100000000000000000000000000000000000001", "999999999999999999", false), ("3", "1e1", false),
    ]) func `A multiple is a multiple of the digits`(value: String, divisor: String, isMultiple: Bool) throws
    {
        #expect(try decimal(value).isMultiple(of: decimal(divisor)) == isMultiple)
    }

    @Test func `Small numbers divide as integers do`() throws {
        for value in -60...60 {
            for divisor in 1...30 {
                let answer = try decimal("\(value)").isMultiple(of: decimal("\(divisor)"))
                #expect(answer == value.isMultiple(of: divisor), "\(value) / \(divisor)")
            }
        }
    }

    @Test(arguments: ["", "-", "a", "1e", "1e+", "1.2.3", "--1", "1-", "0x1", "1e1.5"])
    func `What is no number has no value`(literal: String) {
        #expect(JSONDecimal(literal) == nil)
    }
}
