import Conversations
import Testing

@Suite struct `What tools see of the environment` {
    @Test(arguments: [
        "OPENAI_API_KEY", "github_token", "DB_PASSWORD", "MY_SECRET", "AWS_SECRET_ACCESS_KEY", "LAB",
        "PARLEY_CONFIG", "KEY", "1A", "A-B", "", "A=B", "É",
    ])
    func `Names of keys, of parley's own and no names at all are refused`(name: String) {
        #expect(ToolEnvironment.refusal(of: name, keyVariables: ["LAB"]) != nil)
    }

    @Test(arguments: ["TZ", "CITY", "http_proxy", "KEYBOARD", "MONKEY", "_X", "XDG_DATA_HOME"])
    func `Other names are taken`(name: String) {
        #expect(ToolEnvironment.refusal(of: name, keyVariables: ["LAB"]) == nil)
    }

    @Test func `A program is found by PATH, and never in the present folder`() {
        #expect(ExecutableSearch.find("sh", path: ":.:bin:/nowhere:/bin") == "/bin/sh")
        #expect(ExecutableSearch.find("sh", path: nil) == nil)
        #expect(ExecutableSearch.find("/bin/sh", path: nil) == "/bin/sh")
        #expect(ExecutableSearch.find("bin/sh", path: "/") == nil)
        #expect(ExecutableSearch.find("/bin", path: nil) == nil)
        #expect(ExecutableSearch.find("", path: "/bin") == nil)
    }
}
