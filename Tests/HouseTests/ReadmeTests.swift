import Foundation
import Testing

@testable import parley

@Suite struct `The README tells the truth` {
    private static let linesMax = 200

    /// The lines under a heading, up to the next one of its rank.
    private func section(_ title: String, of path: String = "README.md") throws -> [Substring] {
        let lines = try House.file(path).lines
        let start = try #require(lines.firstIndex { $0 == "## \(title)" }, "\(path) has no \(title)")
        return lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
    }

    @Test func `It is at most 200 lines long`() throws {
        #expect(try House.file("README.md").lines.count <= Self.linesMax)
    }

    @Test func `It lists the commands that there are, and no other`() throws {
        let listed = try section("Commands").flatMap { line in
            line.matches(of: #/^\| `(?<command>[a-z -]+?)( [^a-z`][^`]*)?`/#)
                .map { String($0.output.command) }
        }
        let real = try CommandTree.current().leaves.map { $0.path.joined(separator: " ") }
        #expect(listed.sorted() == real.sorted())
    }

    @Test func `The settings name the variable of every option`() throws {
        let named = try section("Variables", of: "docs/settings.md").joined(separator: "\n")
            .matches(of: #/`(PARLEY_[A-Z_]+)`/#).map { String($0.output.1) }
        let real = try CommandTree.current().variables
        #expect(Set(named).sorted() == real)
    }

    @Test(arguments: ["README.md", "docs/settings.md"])
    func `The settings that it shows can be read`(path: String) throws {
        let blocks = try House.file(path).text.matches(of: #/```yaml\n(?<yaml>[\s\S]*?)```/#)
        #expect(!blocks.isEmpty)
        for block in blocks {
            let config = try ConfigFile(yaml: String(block.output.yaml), path: path)
            #expect(!config.prompts.isEmpty && config.defaultModel != nil && config.lastResort != nil)
        }
    }
}
