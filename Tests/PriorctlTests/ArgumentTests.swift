import ArgumentParser
import Catalogue
import Testing

@testable import priorctl

@Suite struct ArgumentTests {
    @Test(arguments: [
        ("localhost:11112", "localhost", 11112), ("10.0.0.1:104", "10.0.0.1", 104), ("[::1]:11112", "::1", 11112),
    ])
    func `host and port are read`(text: String, host: String, port: Int) throws {
        let read = try #require(HostAndPort(argument: text))
        #expect(read.host == host)
        #expect(read.port == port)
    }

    @Test(arguments: ["localhost", "localhost:", ":104", "localhost:0", "localhost:65536", "localhost:x"])
    func `a port that is none is refused`(text: String) {
        #expect(HostAndPort(argument: text) == nil)
    }

    @Test(arguments: [
        ["nonsense"], ["study"], ["study", "not a uid"], ["priors"], ["priors", "--patient", "P1"],
        ["priors", "--study", "1.2", "--item", "BW03ZZZ8B"], ["map"], ["map", "x", "--jsonl"], ["export", "1.2"],
        ["export", "--all"], ["send", "dir"],
        ["send", "dir", "--to", "h:1", "--ae-title", "A", "--associations", "99"],
        ["studies", "--lang", "fr"], ["quarantine", "show", "x"],
        ["study", "1.2.3", "--version", "x"], ["report", "colour"],
        ["recognise", "--prior", "1.3", "--by", "Li"], ["recognise", "--study", "1.2", "--prior", "1.3"],
        ["decline", "--study", "1.2", "--prior", "1.3", "--by", "Li"],
        ["follow-up", "--study", "1.2", "--prior", "1.3", "--by", "Li", "--agrees", "--disagrees"],
        ["report", "interventional", "--year", "2026", "--from", "20260101"],
    ])
    func `wrong usage exits with 64`(arguments: [String]) {
        #expect(throws: (any Error).self) { try Priorctl.parseAsRoot(arguments) }
        do {
            _ = try Priorctl.parseAsRoot(arguments)
        } catch {
            #expect(Priorctl.exitCode(for: error).rawValue == 64)
        }
    }

    @Test(arguments: [
        ["status", "--watch", "--json", "--data-dir", "./var"], ["studies", "--from", "20260101", "--unmapped"],
        ["study", "1.2.3"], ["study", "1.2.3", "--version", "2"],
        ["report", "completeness", "--from", "20261101", "--to", "20261130", "--by", "station", "--csv"],
        ["report", "completeness", "--json"], ["priors", "--patient", "P1", "--item", "BW03ZZZ8B"],
        ["map", "胸部正侧位", "--modality", "DX", "--explain", "--lang", "zh"], ["map", "--jsonl"], ["review", "list"],
        ["quarantine", "discard", "3", "--by", "me"], ["verify", "--full"], ["export", "1.2.3", "out"],
        ["export", "--all", "out"], ["reindex"], ["import", "dir"], ["peers", "list"], ["config", "--socket", "/s"],
        ["send", "dir", "--to", "h:1", "--ae-title", "A", "--calling", "B", "--associations", "4"],
        ["peers", "echo", "h:1", "--ae-title", "A"], ["lexicon", "check", "a.tsv", "b.tsv"],
        ["lexicon", "add", "a.tsv", "--name", "b.tsv", "--by", "me"], ["lexicon", "remove", "b.tsv"],
        ["recognise", "--study", "1.2", "--prior", "1.3", "--by", "Li", "--department", "D"],
        ["recognise", "--patient", "P", "--item", "BW03ZZZ8B", "--order", "O", "--prior", "1.3", "--by", "Li"],
        [
            "decline", "--study", "1.2", "--prior", "1.3", "--by", "Li", "--reason", "ZE-10", "--note", "x",
            "--informed",
        ],
        ["follow-up", "--study", "1.2", "--prior", "1.3", "--by", "Li", "--agrees"],
        ["decisions", "--study", "1.2"], ["decisions", "reasons", "--lang", "vi"],
        ["report", "recognition", "--from", "20261101", "--by", "month", "--as-of", "20261130", "--csv"],
        ["report", "interventional", "--year", "2026", "--operator", "Li", "--institution", "A"],
    ])
    func `the commands of the contract are understood`(arguments: [String]) throws {
        _ = try Priorctl.parseAsRoot(arguments)
    }

    @Test(arguments: [
        (["LANG": "vi_VN.UTF-8"], Language.vietnamese), (["LC_ALL": "zh_CN.UTF-8", "LANG": "en_US"], .chinese),
        (["LANG": "C"], .english), ([:], .english), (["LC_ALL": "", "LANG": "zh_TW"], .chinese),
    ])
    func `the language follows the terminal`(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }
}
