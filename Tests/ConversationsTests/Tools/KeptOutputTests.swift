import Testing

@testable import Conversations

@Suite struct `The output that is kept` {
    private func text(_ pieces: [String], bytesMax: Int) -> String {
        var kept = KeptOutput(bytesMax: bytesMax)
        for piece in pieces { kept.append(Array(piece.utf8)) }
        return kept.text
    }

    @Test func `Is all of it while it fits`() {
        #expect(text([], bytesMax: 8) == "")
        #expect(text(["abcd", "efgh"], bytesMax: 8) == "abcdefgh")
        #expect(text(["a", "bcdefg", "h"], bytesMax: 8) == "abcdefgh")
    }

    @Test(arguments: 1...12) func `Is the beginning and the end of more, however it comes`(size: Int) {
        let all = Array("abcdefghijklmnopqrstuvwxyz")
        let pieces = stride(from: 0, to: all.count, by: size).map {
            String(all[$0..<min($0 + size, all.count)])
        }
        #expect(text(pieces, bytesMax: 8) == "abcd\n… 18 bytes left out …\nwxyz")
    }

    @Test func `Cuts no character in two`() {
        #expect(text(["abcé", "xxxxxxxx", "ébcd"], bytesMax: 8) == "abc\n… 12 bytes left out …\nbcd")
        #expect(text(["😀😀😀😀😀"], bytesMax: 10) == "😀\n… 12 bytes left out …\n😀")
    }

    @Test func `Is the end only where that is wanted`() {
        var kept = KeptOutput(tailMax: 3)
        for number in 0..<2000 { kept.append(Array("\(number % 10)".utf8)) }
        #expect(kept.text == "… 1,997 bytes left out …\n789")
    }
}
