import Foundation

/// The articles of the library's documentation, and the snippets that stand in them.
enum Articles {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The products with a catalogue of their own.
    static let products = ["BatchExecutor", "ConversationStore", "Conversations", "ProviderStack"]

    /// By the name of the file: what stands in it, without the last line break.
    static func snippets() throws -> [String: String] {
        let folder = root.appending(path: "Tests/LibraryTests/Snippets")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try Dictionary(
            uniqueKeysWithValues: files.map { file in
                let text = try String(contentsOf: file, encoding: .utf8)
                return (file.lastPathComponent, String(text.trimmingPrefix("\n").dropLast()))
            })
    }

    /// What is written as Swift in a product's landing page.
    static func blocks(of product: String) throws -> [String] {
        try text(of: product).matches(of: #/```swift\n(?<code>[\s\S]*?)\n```/#).map { String($0.output.code) }
    }

    static func text(of product: String) throws -> String {
        try String(
            contentsOf: root.appending(path: "Sources/\(product)/\(product).docc/\(product).md"),
            encoding: .utf8)
    }
}
