// Judges cases as the daemon does, without one: headers, name, completeness and quality of each folder, as JSON Lines.
//
//   AssessmentEvaluator FOLDER…            each folder is one study
//   AssessmentEvaluator --headers FOLDER…  completeness alone
//   … -                                    folders from standard input, "h " before one for completeness alone

import Assessment
import DICOMCore
import Foundation

let judge = try CaseJudge()
var headersOnly = false
let encoder = JSONEncoder()
encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]

func answer(_ folder: String, headersOnly: Bool) throws {
    let line = try encoder.encode(judge.judgement(of: folder, headersOnly: headersOnly))
    FileHandle.standardOutput.write(line + Data("\n".utf8))
}

for argument in CommandLine.arguments.dropFirst() {
    switch argument {
    case "--headers": headersOnly = true
    case "-":
        while let line = readLine() {
            let isShort = line.hasPrefix("h ")
            try answer(isShort ? String(line.dropFirst(2)) : line, headersOnly: headersOnly || isShort)
        }
    default: try answer(argument, headersOnly: headersOnly)
    }
}
