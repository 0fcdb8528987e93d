import Foundation

/// What others do with the same bytes, measured in the same run.
enum Baselines {
    /// Copying: no reader of the bytes can be faster than this for long.
    static func copy(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { source in
            let target = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
            target.copyMemory(from: source)
            use(target[source.count - 1])
            target.deallocate()
        }
    }

    /// Finding the lines, and nothing else.
    static func lines(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            var count = 0
            while start < bytes.count,
                let found = memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start)
            {
                start = UnsafeRawPointer(found) - bytes.baseAddress! + 1
                count += 1
            }
            use(count)
        }
    }

    /// Foundation's decoder on each chunk, with the few members that the answer's text needs: what most clients do.
    /// The chunks are given to it one by one; finding them is not counted.
    static func decoder(_ chunks: [Data]) {
        let decoder = JSONDecoder()
        for chunk in chunks {
            guard let value = try? decoder.decode(Chunk.self, from: chunk) else {
                preconditionFailure("a chunk of the benchmark is not what the decoder expects")
            }
            use(value)
        }
    }

    /// Wide enough for a delta of every dialect.
    private struct Chunk: Decodable {
        struct Choice: Decodable { var delta: Text }
        struct Text: Decodable {
            var content: String?
            var text: String?
        }
        enum Delta: Decodable {
            case text(String)
            case object(Text)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .object(try container.decode(Text.self))
                }
            }
        }
        var id: String?
        var model: String?
        var choices: [Choice]?
        var message: Text?
        var delta: Delta?
    }
}
