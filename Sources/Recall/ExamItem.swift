internal import Catalogue

/// An entry of a catalogue as priors are compared by it.
struct ExamItem: Equatable, Sendable {
    let catalogue: String
    let code: String
    /// Everything it may mean; empty when the catalogue is there no more or the entry names no part of the body.
    let contents: [ExamContent]
    /// Whether it is an item of an imaging list, such as notices are about.
    let isListed: Bool

    init(catalogue: String, code: String, in library: CatalogueLibrary) {
        self.catalogue = catalogue
        self.code = code
        let edition = CatalogueID(catalogue).flatMap { library[$0] }
        if let item = (try? ItemCode(code)).flatMap({ edition?.imaging?[$0] }) {
            contents = [ExamContent(item)]
            isListed = true
            return
        }
        isListed = false
        if let procedure = edition?.procedures?[code] {
            contents = ExamContent.alternatives(of: procedure, in: library.imaging(on: nil))
        } else {
            contents = []
        }
    }

    /// One entry is the same as itself, whatever is known of it.
    func relation(to other: ExamItem, _ judge: RelationJudge) -> ExamRelation {
        if catalogue == other.catalogue, code == other.code { return ExamRelation(kind: .same, differences: []) }
        return judge.relation(of: contents, to: other.contents)
    }
}
