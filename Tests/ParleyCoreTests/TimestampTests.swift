import ParleyCore
import Testing

@Suite struct `A moment in a document` {
    @Test(
        arguments: [
            ("2026-11-21T20:42:00.284263+00:00", 1_795_293_720_284),
            ("2026-11-21 20:42:00", 1_795_293_720_000),
            ("2026-11-21T21:42:00.5+01:00", 1_795_293_720_500), ("2000-02-29", 951_782_400_000),
            ("1970-01-01T00:00Z", 0),
        ] as [(String, Int64)])
    func `Is read as other programs write it`(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-11-21X", "2026-11-21T25:00", "2026-11-21T20:42:00+", "now",
    ])
    func `Is not guessed`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test(arguments: [0, 951_782_400_000, 1_795_293_720_284, 253_402_300_799_999, 68_169_600_000] as [Int64])
    func `Comes back as it was written`(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(iso8601: moment.documentText) == moment)
    }
}
