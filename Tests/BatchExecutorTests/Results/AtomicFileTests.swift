import Foundation
import Testing

@testable import BatchExecutor

@Suite struct AtomicFileTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func mode(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func `A file appears when it is whole`() async throws {
        let path = folder.path + "/out.csv"
        try await AtomicFile.write(to: path) { file in
            try file.write(Array("one ".utf8))
            #expect(!folder.names.contains("out.csv"))
            try file.write(Array("two".utf8))
        }
        #expect(try folder.text(of: "out.csv") == "one two")
        #expect(folder.names == ["out.csv"])
    }

    @Test func `A failure leaves the old file, and nothing else`() async throws {
        struct Oops: Error {}
        let path = try folder.file("out.csv", "old")
        await #expect(throws: Oops.self) {
            try await AtomicFile.write(to: path) { file in
                try file.write(Array("new".utf8))
                throw Oops()
            }
        }
        #expect(try folder.text(of: "out.csv") == "old")
        #expect(folder.names == ["out.csv"])
    }

    @Test func `A file that is replaced hands down its permissions`() async throws {
        let path = try folder.file("out.csv", "old")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try await AtomicFile.write(to: path) { try $0.write(Array("new".utf8)) }
        #expect(try folder.text(of: "out.csv") == "new")
        #expect(try mode(of: "out.csv") == 0o600)
    }

    @Test func `A link is followed, not replaced`() async throws {
        _ = try folder.file("real.csv", "old")
        let link = folder.path + "/link.csv"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: folder.path + "/real.csv")
        try await AtomicFile.write(to: link) { try $0.write(Array("new".utf8)) }
        #expect(try folder.text(of: "real.csv") == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link).hasSuffix("real.csv"))
    }

    @Test func `What is no plain file is written straight`() async throws {
        try await AtomicFile.write(to: "/dev/null") { try $0.write([1, 2, 3]) }
        #expect(FileManager.default.fileExists(atPath: "/dev/null"))
    }

    @Test func `A folder and a missing folder are refused in words`() {
        #expect(throws: AtomicFile.Failure(path: folder.path, reason: "it is a folder")) {
            try AtomicFile(folder.path)
        }
        let path = folder.path + "/no/out.csv"
        #expect(throws: AtomicFile.Failure(path: path, reason: "there is no such folder")) {
            try AtomicFile(path)
        }
    }
}
