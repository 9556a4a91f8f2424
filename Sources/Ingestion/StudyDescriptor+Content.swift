internal import Assessment
internal import DICOMCore
internal import Matching

extension StudyDescriptor {
    /// Series that accompany the images and do not say what was examined.
    private static let accompanying: Set = ["SR", "PR", "KO", "DOC", "SEG", "REG", "AU", "ECG"]

    /// What the Attributes of a study say of it; where instances differ the first that says something counts.
    init(_ study: StudyContent) {
        let series = study.series.filter { !StudyDescriptor.accompanying.contains($0.modality ?? "") }
        let images = series.isEmpty ? study.series : series
        let attributes = images.flatMap { $0.instances.map(\.attributes) }
        func first(_ tag: Tag) -> String { attributes.lazy.compactMap { $0[tag] }.first ?? "" }
        func each(_ tag: Tag) -> [String] {
            var seen = Set<String>()
            return attributes.compactMap { $0[tag] }.filter { seen.insert($0).inserted }
        }
        func requested(_ tag: Tag) -> String {
            attributes.lazy.compactMap { $0.items(.requestAttributesSequence).first?[tag] }.first ?? first(tag)
        }
        let lateralities = Set(attributes.compactMap { $0[.imageLaterality] ?? $0[.laterality] })
        let modalities = each(.modality)
        let codes = attributes.first.map { first in
            first.items(.procedureCodeSequence) + first.items(.requestedProcedureCodeSequence)
        }
        func meanings(_ tag: Tag) -> [String] {
            var seen = Set<String>()
            return attributes.flatMap { $0.items(tag) }.compactMap { $0[.codeMeaning] }
                .filter { seen.insert($0).inserted }
        }
        self.init(
            modality: modalities.first ?? "", modalitiesInStudy: modalities, studyDescription: first(.studyDescription),
            procedureDescription: requested(.requestedProcedureDescription),
            procedureCodes: (codes ?? []).compactMap { $0[.codeValue] },
            procedureMeanings: (codes ?? []).compactMap { $0[.codeMeaning] },
            seriesDescriptions: each(.seriesDescription), bodyPart: first(.bodyPartExamined),
            laterality: lateralities.count > 1 ? "B" : lateralities.first ?? "",
            viewPositions: each(.viewPosition),
            anatomicRegions: meanings(.anatomicRegionSequence), viewMeanings: meanings(.viewCodeSequence),
            patientPositions: each(.patientPosition),
            patientOrientations: Set(attributes.map { $0.strings(.patientOrientation).joined(separator: "\\") })
                .sorted(),
            seriesPlanes: Set(images.flatMap(\.planes)).sorted(), protocolName: first(.protocolName),
            contrastAgent: attributes.lazy.compactMap { $0[.contrastBolusAgent] }.first
                ?? meanings(.contrastBolusAgentSequence).first ?? "")
    }
}
