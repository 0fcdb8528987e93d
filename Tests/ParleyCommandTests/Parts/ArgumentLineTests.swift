import ArgumentParser
import Testing

@testable import parley

@Suite struct `Argument line` {
    private func line(_ words: String, _ environment: [String: String] = [:]) throws -> [String] {
        try ArgumentLine(
            words.split(separator: " ").map { String($0) }, environment: environment
        ).arguments
    }

    @Test func `Global options may stand before the command`() throws {
        #expect(try line("-d my.db -q run a.csv") == ["run", "-d", "my.db", "-q", "a.csv"])
        #expect(try line("--database=my.db db -v check") == ["db", "check", "--database=my.db", "-v"])
    }

    @Test func `An option takes its value from its variable`() throws {
        let environment = ["PARLEY_MAX_TOKENS": "50", "PARLEY_MODEL": "lab/m", "PARLEY_SKIP_BAD_ROWS": "1"]
        #expect(
            try line("enqueue a.csv", environment) == [
                "enqueue", "--model=lab/m", "--max-tokens=50", "--skip-bad-rows", "a.csv",
            ])
    }

    @Test func `What is given wins over the variable, in its long and short form`() throws {
        #expect(
            try line("enqueue a.csv -m x/y", ["PARLEY_MODEL": "lab/m"]) == ["enqueue", "a.csv", "-m", "x/y"])
        #expect(try line("run --rpm=5", ["PARLEY_RPM": "9"]) == ["run", "--rpm=5"])
    }

    @Test func `A role that is given makes the variable of the model moot`() throws {
        #expect(
            try line("enqueue a.csv --role judge", ["PARLEY_MODEL": "lab/m"])
                == ["enqueue", "a.csv", "--role", "judge"])
    }

    @Test func `The variable of one command wins over the general one`() throws {
        let environment = ["PARLEY_RPM": "9", "PARLEY_RUN_RPM": "60"]
        #expect(try line("run", environment) == ["run", "--rpm=60"])
        #expect(try line("run", ["PARLEY_RPM": "9"]) == ["run", "--rpm=9"])
    }

    @Test func `Where a word means something else there is only the command's own variable`() throws {
        let environment = ["PARLEY_RPM": "9", "PARLEY_UNKNOWN": "hold", "PARLEY_FORMAT": "tsv"]
        #expect(try line("simulate", environment) == ["simulate"])
        #expect(try line("retry q", environment) == ["retry", "q"])
        #expect(try line("results q", environment) == ["results", "q"])
        #expect(try line("simulate", ["PARLEY_SIMULATE_RPM": "5"]) == ["simulate", "--rpm=5"])
    }

    @Test func `A repeating option takes several, and a flag yes or no`() throws {
        #expect(
            try line("enqueue a", ["PARLEY_FALLBACK": "a/b,c/d", "PARLEY_JSON": "no"])
                == ["enqueue", "--fallback=a/b", "--fallback=c/d", "a"])
        #expect(throws: CommandFailure.self) { try line("status", ["PARLEY_JSON": "perhaps"]) }
    }

    @Test func `An empty variable counts as not set`() throws {
        #expect(try line("run", ["PARLEY_RPM": ""]) == ["run"])
    }

    @Test func `Keys and values of -o are joined`() throws {
        #expect(
            try line("run a.csv -o temperature 0.2 -o top_p=1 -m x/y")
                == ["run", "a.csv", "-o", "temperature=0.2", "-o", "top_p=1", "-m", "x/y"])
        #expect(try line("run -- -o a b") == ["run", "--", "-o", "a", "b"])
    }

    @Test func `The options that stand before the command are those that every command has`() throws {
        for leaf in try CommandTree.current().leaves {
            for option in GlobalOptions.all {
                let same = leaf.command.options.first { $0.name == option.name }
                #expect(same?.shorts == option.shorts)
                #expect(same?.isFlag == option.isFlag)
            }
        }
    }

    @Test func `Help and an unknown command are left to the parser`() throws {
        #expect(try line("help run", ["PARLEY_RPM": "9"]) == ["help", "run"])
        #expect(try line("fly me") == ["fly", "me"])
    }
}

@Suite struct `Ends of the program` {
    @Test func `An error is one sentence after the program's name`() {
        let failure = CommandFailure("There is no batch 'x'.")
        let ending = Ending(failure, line: nil)
        #expect(ending.sentences == ["parley: there is no batch 'x'"])
        #expect(ending.status == 1)
    }

    @Test func `Names and paths keep their capitals`() {
        #expect(Ending.sentence("OPENAI_BASE_URL is 'x'") == "parley: OPENAI_BASE_URL is 'x'")
        #expect(Ending.sentence("/Data/x cannot be read") == "parley: /Data/x cannot be read")
    }

    @Test func `A wrong value says from which variable it came`() throws {
        let line = try ArgumentLine(["run"], environment: ["PARLEY_RPM": "many"])
        let error = #expect(throws: (any Error).self) { try Parley.parseAsRoot(line.arguments) }
        let ending = Ending(try #require(error), line: line)
        #expect(ending.status == 64)
        #expect(ending.sentences.first?.contains("(from PARLEY_RPM)") == true)
        #expect(ending.sentences.first?.hasSuffix("see `parley run --help`") == true)
    }

    @Test func `Help goes to standard output and is no failure`() throws {
        let error = #expect(throws: (any Error).self) {
            var help = try Parley.parseAsRoot(["run", "--help"])
            try help.run()
        }
        let ending = Ending(try #require(error), line: nil)
        #expect(ending.status == 0)
        #expect(ending.result.contains("USAGE: parley run"))
        #expect(ending.sentences.isEmpty)
    }
}
