internal import Archive
internal import Assessment
internal import DICOMCore

extension StudyContent {
    /// Who performed and operated its angiography, each name once, in the order the headers name them; nil for a study
    /// without any, of which it is not asked.
    var operators: [StudyOperator]? {
        let runs = series.filter { $0.modality == "XA" }
        guard !runs.isEmpty else { return nil }
        var found: [StudyOperator] = []
        for instance in runs.flatMap(\.instances) {
            let performing = instance.attributes.strings(.performingPhysicianName)
            let operating = instance.attributes.strings(.operatorsName)
            let named =
                performing.map { StudyOperator(.performing, name: $0) }
                + operating.map { StudyOperator(.operating, name: $0) }
            for one in named where !one.name.isEmpty && !found.contains(one) { found.append(one) }
        }
        return found
    }
}
