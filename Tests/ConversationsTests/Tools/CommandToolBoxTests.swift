import Conversations
import Foundation
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

@Suite(.timeLimit(.minutes(3))) struct `A tool's command` {
    private static let malicious = [
        "$(touch MARK)", "`touch MARK`", "; touch MARK; rm -rf x", "a\nb\r\n; touch MARK", "\0touch MARK",
        "' \" \\ | & > MARK", "--help", "-c touch MARK",
    ]

    @Test func `Gets what a model says as one line of JSON on its standard input, and in no other way`()
        async throws
    {
        let folder = try ToolFolder()
        for text in Self.malicious {
            let words = text.replacing("MARK", with: folder.path + "/mark")
            let tool = CommandTool.script("echo \"$#\"; cat", in: folder)
            let result = try await tool.result(["z": .string(words), "a": 1])
            let line = JSON.object(["a": 1, "z": .string(words)]).text()
            #expect(result == ToolResult(content: "1\n\(line)\n"))
            #expect(!line.contains("\n"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `Gets a megabyte of arguments whole`() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let result = try await CommandTool.script("wc -c").result(["a": .string(text)])
        #expect(result.content.trimmed == "\((1 << 20) + 9)")
    }

    @Test(arguments: ["true", "exec 0<&-", "head -c 1"])
    func `Need not read them`(script: String) async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let result = try await CommandTool.script(script).result(["a": .string(text)])
        #expect(!result.isError)
    }

    @Test func `Sees no variable but the harmless ones and those that its settings name`() async throws {
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": "/h", "LANG": "C", "LC_ALL": "C", "TMPDIR": "/tmp",
            "TERM": "xterm",
            "OPENAI_API_KEY": "sk-secret", "PARLEY_DATABASE": "/x", "LD_PRELOAD": "", "CITY": "Oslo",
            "OTHER": "x",
        ]
        let tool = CommandTool.fixture(["env"], environment: ["CITY", "MISSING"])
        let result = try await tool.box(environment: environment).run(.fixture())
        #expect(
            result.content.split(separator: "\n").sorted() == [
                "CITY=Oslo", "HOME=/h", "LANG=C", "LC_ALL=C", "PATH=/usr/bin:/bin", "TERM=dumb",
                "TMPDIR=/tmp",
            ])
    }

    @Test func `That fails says how, with the end of what it complained about`() async throws {
        let result = try await CommandTool.script("echo half; echo bad >&2; exit 3").result()
        #expect(
            result
                == .error(
                    "The command ended with exit status 3.\n\nStandard error:\nbad\n\n\nStandard output:\nhalf\n"
                ))
        let killed = try await CommandTool.script("kill -9 $$").result()
        #expect(killed == .error("The command was ended by signal 9."))
        let chatty = try await CommandTool.script("yes | head -c 100000 >&2; echo last >&2; exit 1").result()
        #expect(chatty.content.hasSuffix("last\n") && chatty.content.utf8.count < 5000)
    }

    @Test func `That is not there is an error, not an exception`() async throws {
        let result = try await CommandTool.fixture(["no-such-program"]).result()
        #expect(result.isError && result.content.contains("'no-such-program' was not found"))
        let folder = try await CommandTool.fixture(["/tmp"]).result()
        #expect(folder.isError)
        let text = try ToolFolder()
        try Data("not a program".utf8).write(to: URL(filePath: text.path + "/p"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: text.path + "/p")
        let broken = try await CommandTool.fixture([text.path + "/p"]).result()
        #expect(broken.isError, "\(broken.content)")
    }

    @Test func `May write more than fits: the beginning and the end are kept`() async throws {
        let tool = CommandTool.script("echo first; yes | head -c 30000000; echo last", outputBytesMax: 2048)
        let text = try await tool.result().content
        #expect(text.hasPrefix("first\ny\n") && text.hasSuffix("y\nlast\n"))
        #expect(text.contains("… 29,997,963 bytes left out …") && text.utf8.count < 2200)
    }

    @Test func `May write what is no UTF-8`() async throws {
        let result = try await CommandTool.script(#"printf 'a\377b\000c'"#).result()
        #expect(result == ToolResult(content: "a\u{FFFD}b\u{FFFD}c"))
    }

    @Test func `Runs beside others`() async throws {
        let folder = try ToolFolder()
        let tool = CommandTool.script(
            "touch $1/$$; while [ $(ls $1 | wc -l) -lt 4 ]; do sleep 0.01; done; echo met", in: folder)
        let box = try tool.box()
        let results = try await withThrowingTaskGroup(of: ToolResult.self) { group in
            for _ in 0..<4 { group.addTask { try await box.run(.fixture()) } }
            return try await group.reduce(into: [ToolResult]()) { $0.append($1) }
        }
        #expect(results == Array(repeating: ToolResult(content: "met\n"), count: 4))
    }

    @Test func `Is not run with arguments that its schema forbids`() async throws {
        let folder = try ToolFolder()
        var tool = CommandTool.script("touch $1/mark", in: folder)
        tool.definition.parameters = ["type": "object", "required": ["zone"]]
        let box = try tool.box()
        guard case .refuse(let reason) = await box.decide(on: .fixture()) else {
            Issue.record("it was not refused")
            return
        }
        #expect(reason.contains("zone"))
        #expect(try await box.run(.fixture()).isError)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
