import ConversationStore
import OrderedCollections
import ParleyCore
import Testing

@testable import parley

@Suite struct `Standard folders` {
    @Test func `XDG variables are followed, relative ones are not`() {
        let set = Directories(environment: [
            "HOME": "/h", "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/etc/me",
        ])
        #expect(set?.database == "/data/parley/parley.db")
        #expect(set?.configFile == "/etc/me/parley/config.yaml")
        let relative = Directories(environment: ["HOME": "/h", "XDG_DATA_HOME": "data"])
        #expect(relative?.database == "/h/.local/share/parley/parley.db")
        #expect(Directories(environment: [:]) == nil)
    }
}

@Suite struct `Options` {
    @Test func `A request option is JSON where it can be, else text`() {
        #expect(RequestOption(argument: "temperature=0.2")?.value == 0.2)
        #expect(RequestOption(argument: "effort=low")?.value == "low")
        #expect(RequestOption(argument: "stop=[\"a\"]")?.value == ["a"])
        #expect(RequestOption(argument: "temperature") == nil)
    }

    @Test func `Dollars are read exactly`() {
        #expect(Dollars(argument: "$0.15")?.amount == Picodollars(150_000_000_000))
        #expect(Dollars(argument: "free") == nil)
        #expect(Dollars(argument: "-1") == nil)
    }

    @Test func `What looks like a file is one, and the rest are batches`() {
        let targets = RunTargets(["a.csv", "questions", "./x", "-", "there"]) { $0 == "there" }
        #expect(targets.files == ["a.csv", "./x", "-", "there"])
        #expect(targets.batches == ["questions"])
    }

    @Test func `Words for a shell are quoted where they must be`() {
        #expect(ShellWord.quoted("questions-2") == "questions-2")
        #expect(ShellWord.quoted("it's mine") == "'it'\\''s mine'")
        #expect(ShellWord.quoted("") == "''")
    }

    @Test func `Grouping keys come with commas, each once`() {
        #expect(GroupingKeys(argument: "model, day")?.dimensions == [.model, .day])
        #expect(GroupingKeys(argument: "model,model") == nil)
        #expect(GroupingKeys(argument: "colour") == nil)
    }
}
