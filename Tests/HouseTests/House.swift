import Foundation

/// The files of the project, as the tidy tests see them.
enum House {
    /// The folder with `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File {
        /// From the root: `Sources/parley/Parley.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The target that it belongs to: `parley`.
        var room: String { path.split(separator: "/").dropFirst().first.map { String($0) } ?? "" }

        /// Modules that it imports.
        var imports: Set<String> {
            Set(
                lines.compactMap { line in
                    let words = line.split(separator: " ")
                    guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count,
                        !line.contains("//")
                    else { return nil }
                    return String(words[index + 1])
                })
        }

        /// The text without its comments, so that rules on code do not bind prose.
        var code: String {
            lines.filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }.joined(separator: "\n")
        }
    }

    /// All files under the folders whose names end in one of the endings; none of what is built.
    static func files(in folders: [String], endings: [String]) throws -> [File] {
        var files: [File] = []
        for folder in folders {
            let start = root.appending(path: folder)
            guard let walk = FileManager.default.enumerator(atPath: start.path) else { continue }
            for case let name as String in walk where endings.contains(where: name.hasSuffix) {
                guard !name.contains(".build/") else { continue }
                files.append(try file("\(folder)/\(name)"))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    static func file(_ path: String) throws -> File {
        File(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    static func sources() throws -> [File] { try files(in: ["Sources"], endings: [".swift"]) }

    /// Everything that a person writes.
    static func all() throws -> [File] {
        try files(
            in: ["Sources", "Tests", "Benchmarks", "migrations", "docs", "scripts", "jobs", ".ci"],
            endings: [
                ".swift", ".sql", ".md", ".yaml", ".sh", ".conf", "/run", "test", "demo", "lint", "bench",
            ])
            + ["README.md", "CHANGELOG.md", "Package.swift"].map(file)
    }
}
