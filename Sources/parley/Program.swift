import ArgumentParser
import Foundation

/// The way in: reads the command line, runs the command, and turns whatever goes wrong into one sentence and a status.
@main enum Program {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let given = Array(CommandLine.arguments.dropFirst())
        var line: ArgumentLine?
        do {
            let completed = try ArgumentLine(given, environment: environment)
            line = completed
            try await ArgumentLine.$current.withValue(completed) { try await run(completed.arguments) }
        } catch {
            let ending = Ending(error, line: line)
            let screen = Screen(
                terminal: .current(environment: environment),
                log: LogForm.asked(in: line?.arguments ?? given))
            if !ending.result.isEmpty { screen.result(ending.result) }
            for sentence in ending.sentences { screen.fail(sentence) }
            exit(ending.status)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        var command = try Parley.parseAsRoot(arguments)
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }
}

/// How the program ends after an error, or after a request for help.
struct Ending: Equatable {
    var status: Int32
    /// For standard output: the help that was asked for.
    var result = ""
    /// For standard error.
    var sentences: [String] = []

    init(_ error: any Error, line: ArgumentLine?) {
        if let failure = error as? CommandFailure {
            status = failure.status.rawValue
            sentences = [Self.sentence(failure.description)]
            return
        }
        if let status = error as? ExitCode {
            self.status = status.rawValue
            return
        }
        let code = Parley.exitCode(for: error)
        if code == .success {
            status = code.rawValue
            result = Parley.fullMessage(for: error) + "\n"
        } else if code == .validationFailure {
            status = ExitStatus.usage.rawValue
            sentences = Self.usageSentences(for: error, line: line)
        } else {
            status = ExitStatus.failed.rawValue
            sentences = [Self.sentence("\(error)")]
        }
    }

    /// After `parley: ` a sentence goes on in small letters and without its full stop; names and paths stay as they are.
    static func sentence(_ text: String) -> String {
        let text = text.hasSuffix(".") && !text.contains("\n") ? String(text.dropLast()) : text
        let word = text.prefix { $0.isLetter }
        let isPlainWord = word.first?.isUppercase == true && word.dropFirst().allSatisfy(\.isLowercase)
        return "parley: " + (isPlainWord ? text.prefix(1).lowercased() + text.dropFirst() : text)
    }

    /// The parser's own message, the variable that is to blame if one is, and where the help stands.
    private static func usageSentences(for error: any Error, line: ArgumentLine?) -> [String] {
        var message = Parley.message(for: error)
        if message.hasSuffix(".") { message.removeLast() }
        if let line, let blamed = line.variables.first(where: { message.contains("--\($0.key)") }) {
            message += " (from \(blamed.value))"
        }
        let words = (line?.arguments ?? []).prefix { !$0.hasPrefix("-") }
        let known = words.first.map { word in
            Parley.configuration.subcommands.contains { $0._commandName == word }
        }
        let command = known == true ? "parley \(words.first ?? "") --help" : "parley --help"
        return ["parley: \(message); see `\(command)`"]
    }
}
