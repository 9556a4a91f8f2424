// Judges folders of DICOM files as the daemon does, without one: headers, name, completeness and quality, pixels measured
// in a worker process. Each folder is one study; its answer is a line of JSON.
//
//   AssessmentEvaluator FOLDER…
//   AssessmentEvaluator -          folders from standard input, one a line; a letter and a space before one ask for less:
//                                  h  completeness alone, from the headers
//                                  r  interior slices are taken out everywhere: how many of the losses completeness sees
//                                  d  nothing is judged: every image is decoded once, in this process
//                                  m  the worker's memory: the most it held after an answer, in bytes

import DICOMImaging
import Foundation

if CommandLine.arguments.dropFirst().first == "pixel-worker" {
    PixelWorkerMain.run(memoryByteLimit: CommandLine.arguments.last.flatMap(UInt64.init) ?? 512 << 20)
}

let judge = try CaseJudge()
let encoder = JSONEncoder()
encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]

func answer(_ line: String) throws {
    let folder = line.dropFirst(2)
    let data =
        switch line.prefix(2) {
        case "h ": try encoder.encode(judge.judgement(of: String(folder), headersOnly: true))
        case "r ": try encoder.encode(judge.removals(from: String(folder)))
        case "d ": try encoder.encode(judge.decoding(of: String(folder)))
        case "m ", "m": try encoder.encode(["bytes": judge.workerByteCount])
        default: try encoder.encode(judge.judgement(of: line, headersOnly: false))
        }
    FileHandle.standardOutput.write(data + Data("\n".utf8))
}

for argument in CommandLine.arguments.dropFirst() {
    if argument == "-" {
        while let line = readLine() { try answer(line) }
    } else {
        try answer(argument)
    }
}
