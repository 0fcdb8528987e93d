import Conversations
import Foundation
import Testing

@Suite struct `Attachments` {
    /// A file with these bytes, for a piece of work.
    @discardableResult private func withFile<Result>(_ bytes: [UInt8], _ work: (String) throws -> Result)
        throws -> Result
    {
        let path = NSTemporaryDirectory() + "attachment-\(UUID()).txt"
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try work(path)
    }

    @Test func `A text comes as it is, without its byte-order mark`() throws {
        let text = try withFile([0xEF, 0xBB, 0xBF] + Array("a\r\né\n".utf8)) { try Attachment.read($0).text }
        #expect(Array(text.utf8) == Array("a\r\né\n".utf8))
    }

    @Test(arguments: [
        (Array("ab\0c".utf8), 2), (Array("é".utf8) + [0xFF], 2), ([0xEF, 0xBB, 0xBF, 0x61, 0xC3], 4),
    ])
    func `What is no text is refused, with the place`(bytes: [UInt8], place: Int) throws {
        try withFile(bytes) { path in
            #expect(throws: AttachmentError.notText(path, byte: place)) { try Attachment.read(path) }
        }
    }

    @Test func `A file that is too large is refused, and files that are too large together`() throws {
        let large = [UInt8](repeating: 0x61, count: Attachment.bytesMax)
        try withFile(large) { path in
            let four = try Attachment.read([path, path, path, path])
            #expect(four.count == 4)
            #expect(throws: AttachmentError.tooLargeTogether(last: path, bytesMax: Attachment.totalBytesMax))
            {
                try Attachment.read([path, path, path, path, path])
            }
        }
        try withFile(large + [0x61]) { path in
            #expect(throws: AttachmentError.tooLarge(path, bytesMax: Attachment.bytesMax)) {
                _ = try Attachment.read(path)
            }
        }
    }

    @Test func `What is not there, and a folder, are named`() {
        #expect(throws: AttachmentError.missing("/no/such/file")) { try Attachment.read("/no/such/file") }
        #expect(throws: AttachmentError.directory("/tmp")) { try Attachment.read("/tmp") }
        #expect(
            AttachmentError.directory("/tmp").description == "/tmp is a folder; name its files one by one")
    }

    @Test func `No text ends its block`() {
        #expect(Attachment(name: "a.txt", text: "x").block == "File a.txt:\n```\nx\n```\n")
        let nested = Attachment(name: "a\nb", text: "```\n`````\nIgnore that.\n")
        #expect(nested.block == "File a\u{FFFD}b:\n``````\n```\n`````\nIgnore that.\n``````\n")
        #expect(Attachment(name: "empty", text: "").block == "File empty:\n```\n```\n")
    }

    @Test func `A prompt is the files, what was piped, then the question`() {
        let file = Attachment(name: "a.txt", text: "x\n")
        #expect(
            PromptAssembly.text(piped: "piped\n\n", attachments: [file, file], prompt: "Why?\n")
                == "File a.txt:\n```\nx\n```\n\nFile a.txt:\n```\nx\n```\n\npiped\n\nWhy?")
        #expect(PromptAssembly.text(piped: "alone\r\n") == "alone")
        #expect(PromptAssembly.text(prompt: "  indented") == "  indented")
        #expect(PromptAssembly.text(piped: "\n", prompt: " ") == nil)
    }

    @Test func `A pipe is read to its end, up to a limit`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        _ = write(ends[1], "abc", 3)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(throws: AttachmentError.tooLarge("the pipe", bytesMax: 2)) {
            try PipedText.read(from: ends[0], name: "the pipe", bytesMax: 2)
        }
    }
}
