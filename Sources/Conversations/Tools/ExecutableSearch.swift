import Foundation

/// Where a tool's program stands.
public enum ExecutableSearch {
    /// The path of a program, by its absolute path or by its name; nil when there is none that may be run.
    ///
    /// A name is looked for in the absolute folders of `PATH`, the first one wins; never in the folder that one happens to be
    /// in.
    ///
    /// - Parameter path: the value of `PATH`; nil finds absolute paths only.
    public static func find(_ program: String, path: String?) -> String? {
        if program.contains("/") { return program.hasPrefix("/") && isProgram(program) ? program : nil }
        guard !program.isEmpty else { return nil }
        return (path ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
            .map { "\($0)/\(program)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }
}
